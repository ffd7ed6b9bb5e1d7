"""Two workers with little memory, and a scheduler that gives up early. Ctrl-C ends it."""

import signal

import dask
from dask.distributed import LocalCluster

dask.config.set(
    {
        # Ctrl-C in this terminal is meant for this program alone, which then closes its workers in order
        "distributed.worker.preload": ["import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"],
        # a lost worker may take so long to come back; the default of 15 s is short for a crowded machine
        "distributed.deploy.lost-worker-timeout": "5 minutes",
        # a task whose worker died is tried once more, then given up (the default is three times more)
        "distributed.scheduler.allowed-failures": 1,
    }
)


def main():
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        memory_limit="460MiB",
        host="127.0.0.1",
        scheduler_port=8786,
        dashboard_address="127.0.0.1:8787",
    ) as cluster:
        print("Scheduler:", cluster.scheduler_address)
        print("Dashboard:", cluster.dashboard_link, flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("Closing the cluster")


if __name__ == "__main__":
    main()
