"""A Dask cluster as one object of Kubernetes, on standard output:  python spec.py NAME | kubectl apply -f -"""

import json
import os
import sys

from dask_kubernetes.operator import make_cluster_spec

# nothing in a pod may be root, or become more than it is: this namespace takes no others
POD = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
CONTAINER = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
# the operator asks the scheduler over HTTP which workers may go when a cluster shrinks
ROUTES = ["scheduler.prometheus", "scheduler.info", "scheduler.json", "scheduler.api", "health", "proxy", "statics"]


def describe(name):
    return make_cluster_spec(
        name=name,
        image=os.environ["PALESTRA_IMAGE"],  # the sandbox's own: the same versions everywhere
        env={
            "HOME": "/tmp",
            "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": json.dumps([f"distributed.http.{each}" for each in ROUTES]),
        },
        worker_command=["dask-worker", "--nthreads", "1"],
        # how many workers, and how large a pod is
    )


def restricted(spec):
    for part in ("scheduler", "worker"):
        pod = spec["spec"][part]["spec"]
        pod["securityContext"] = POD
        for container in pod["containers"]:
            container["securityContext"] = CONTAINER
            # the programs dask-scheduler and dask-worker, which the spec names, are gone since distributed 2026.6
            container["command"] = ["/opt/kit/bin/dask", part]
            container["args"] = container["args"][1:]
    return spec


if __name__ == "__main__":
    print(json.dumps(restricted(describe(sys.argv[1])), indent=2))
