"""Starts a Dask cluster on this machine and keeps it until Ctrl-C."""

import signal

import dask
from dask.distributed import LocalCluster

dask.config.set(
    {
        # Ctrl-C in this terminal is meant for this program alone, which then closes its workers in order
        "distributed.worker.preload": ["import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"],
        # a lost worker may take so long to come back; the default of 15 s is short for a crowded machine
        "distributed.deploy.lost-worker-timeout": "5 minutes",
    }
)


def start():
    # describe the cluster here
    raise SystemExit("cluster.py does not say yet what cluster to start")


def main():
    with start() as cluster:
        print("Scheduler:", cluster.scheduler_address)
        print("Dashboard:", cluster.dashboard_link, flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("Closing the cluster")


# Workers are new processes that import this file again: without this line each would start a cluster of its own.
if __name__ == "__main__":
    main()
