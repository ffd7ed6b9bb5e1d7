"""Adds up the lumi sections of a run: some dozens of tasks of a second. Kill a worker while it works."""

import json
import os
import time
from pathlib import Path

from dask.distributed import Client, as_completed

HERE = Path(__file__).parent
PROGRESS = HERE / "progress.json"
RESULT = HERE / "long.json"


def note(path, values):
    """Others read the file while this program runs: it is whole at every moment."""
    half = path.with_suffix(".half")
    half.write_text(json.dumps(values))
    half.replace(path)


def section(events):
    """Runs on a worker: returns its sum, and which process computed it."""
    time.sleep(1)
    return sum(events), os.getpid()


def main():
    sections = json.loads((HERE / "sections.json").read_text())
    RESULT.unlink(missing_ok=True)
    processes = set()
    total = 0
    with Client("tcp://127.0.0.1:8786") as client:
        futures = client.map(section, sections, pure=False)
        for done, (_, (value, process)) in enumerate(as_completed(futures, with_results=True), start=1):
            total += value
            processes.add(process)
            note(PROGRESS, {"done": done, "all": len(sections)})
            print(f"{done} of {len(sections)} by process {process}", flush=True)
    note(RESULT, {"total": total, "processes": len(processes)})
    print(f"total {total}, computed by {len(processes)} processes")


if __name__ == "__main__":
    PROGRESS.unlink(missing_ok=True)
    main()
