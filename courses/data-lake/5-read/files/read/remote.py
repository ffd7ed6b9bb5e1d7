"""Mean energy of the events above a threshold, from wherever the file is: python read/remote.py [ELEMENT]"""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from lake import address_of, bytes_read, open_remote

HERE = Path(__file__).parent
threshold = json.loads((HERE / "threshold.json").read_text())
address = address_of("events.root", sys.argv[1] if len(sys.argv) > 1 else None)

with open_remote(address) as file:
    tree = file["events"]
    # read the column here

    passed = energy[energy > threshold]
    result = {
        "host": urlsplit(address).hostname,
        "events": int(len(passed)),
        "mean": float(passed.mean()),
        "bytes": bytes_read(file),
    }

(HERE / "result.json").write_text(json.dumps(result))
whole = (HERE / "events.root").stat().st_size
print(f"{result['events']} events above {threshold}, their mean is {result['mean']:.3f}.")
print(f"{result['bytes']:,} bytes came from {result['host']}, that is {result['bytes'] / whole:.0%} of the file.")
