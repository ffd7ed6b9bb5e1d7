"""dask-kubernetes' operator (2026.3.0) as it ships, but for three things.

It never speaks Dask's own protocol. It would fall back to it where a scheduler's HTTP API does not answer. Schedulers are
learners', Dask's messages may hold pickles, and what a pickle runs would run here, with the operator's rights in
everybody's namespaces. Without an answer over HTTP it takes the worker that came last.

And a cluster that was made becomes Running. Two handlers write its phase, "Pending" when all is made and "Running" when
the scheduler's Service is seen; on a busy machine the second comes first, and KubeCluster would wait for it in vain.

And what the API server refuses (a description that does not fit, a namespace that ends) is not tried again every minute:
while it is, kopf keeps its finalizer on the object, which then could not be deleted, nor its namespace end.
"""

import functools
import logging

import dask_kubernetes.operator.controller.controller as controller
import kopf
import kr8s

REFUSED = (400, 403, 422)


def refuse(address):
    raise ConnectionRefusedError(f"{address}: the operator asks schedulers over HTTP alone")


def once(create):
    @functools.wraps(create)
    async def attempt(self):
        try:
            return await create(self)
        except kr8s.ServerError as error:
            if error.response is not None and error.response.status_code in REFUSED:
                raise kopf.PermanentError(str(error)) from error
            raise

    return attempt


for kind in (controller.Deployment, controller.Service, controller.Pod, controller.DaskCluster, controller.DaskWorkerGroup):
    kind.create = once(kind.create)
controller.rpc = refuse
# a line for each request to the API would bury what it did
logging.getLogger("httpx").setLevel(logging.WARNING)


@kopf.on.field("daskcluster.kubernetes.dask.org", field="status.phase", new="Pending")
async def running_once_made(patch, **_):
    """A Service here is a ClusterIP, which is there as soon as it is made: nothing is left to wait for."""
    patch.status["phase"] = "Running"
