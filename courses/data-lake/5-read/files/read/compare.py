"""What it costs to read one column, two, all of them, or to download the file first."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from lake import SCOPE, address_of, bytes_read, open_remote

HERE = Path(__file__).parent
whole = (HERE / "events.root").stat().st_size


def remote(columns):
    began = time.monotonic()
    with open_remote(address_of("events.root")) as file:
        tree = file["events"]
        tree.arrays(columns or tree.keys(), library="np")
        return {"bytes": bytes_read(file), "seconds": time.monotonic() - began}


def download():
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        command = ["rucio", "download", "--dir", folder, f"{SCOPE}:events.root"]
        subprocess.run(command, check=True, capture_output=True)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.root"))
    return {"bytes": size, "seconds": time.monotonic() - began}


table = {
    "one column": remote(["energy"]),
    "two columns": remote(["energy", "time"]),
    "all columns": remote(None),
    "download": download(),
}
for what, cost in table.items():
    print(f"{what:12} {cost['bytes']:>10,} bytes  {cost['bytes'] / whole:>5.0%}  {cost['seconds']:5.1f} s")
(HERE / "table.json").write_text(json.dumps(table))
