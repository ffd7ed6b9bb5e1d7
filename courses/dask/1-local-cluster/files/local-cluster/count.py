"""Counts the events that pass a threshold, file by file, on the cluster."""

import json
import time
from pathlib import Path

from dask.distributed import Client, get_worker

HERE = Path(__file__).parent


def count_events(path, threshold):
    """Runs on a worker: reads one file there, returns two small things."""
    time.sleep(0.5)  # a real file would take a while
    energies = json.loads(Path(path).read_text())
    passed = sum(1 for energy in energies if energy > threshold)
    return passed, get_worker().address


def main():
    threshold = json.loads((HERE / "threshold.json").read_text())
    files = sorted(str(path.resolve()) for path in (HERE / "events").glob("*.json"))
    with Client("tcp://127.0.0.1:8786") as client:
        # send the work here
        results = [future.result() for future in futures]
    total = sum(passed for passed, _ in results)
    used = sorted({address for _, address in results})
    (HERE / "result.json").write_text(json.dumps({"files": len(files), "total": total, "workers": used}))
    print(f"{total} events above {threshold} GeV in {len(files)} files, counted by {len(used)} workers")


if __name__ == "__main__":
    main()
