"""Adds up the sections of a run on the cluster named, a second for each, and notes which pods computed them."""

import json
import socket
import sys
import time
from pathlib import Path

from dask.distributed import Client, as_completed
from dask_kubernetes.operator import KubeCluster

HERE = Path(__file__).parent
PROGRESS = HERE / "progress.json"
RESULT = HERE / "sum.json"


def note(path, values):
    """Others read the file while this program runs: it is whole at every moment."""
    half = path.with_suffix(".half")
    half.write_text(json.dumps(values))
    half.replace(path)


def section(events):
    """Runs on a worker: returns its sum, and the pod's name."""
    time.sleep(1)
    return sum(events), socket.gethostname()


def main(name):
    sections = json.loads((HERE / "sections.json").read_text())
    RESULT.unlink(missing_ok=True)
    pods = set()
    total = 0
    with KubeCluster.from_name(name, quiet=True) as cluster, Client(cluster) as client:
        futures = client.map(section, sections, pure=False)
        for done, (_, (value, pod)) in enumerate(as_completed(futures, with_results=True), start=1):
            total += value
            pods.add(pod)
            note(PROGRESS, {"done": done, "all": len(sections), "pods": sorted(pods)})
            print(f"{done} of {len(sections)} by {pod}", flush=True)
    note(RESULT, {"total": total, "pods": sorted(pods)})
    print(f"total {total}, computed by {len(pods)} pods")


if __name__ == "__main__":
    PROGRESS.unlink(missing_ok=True)
    main(sys.argv[1])
