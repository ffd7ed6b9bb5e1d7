"""dask-kubernetes' operator as it ships, but for one thing: it never speaks Dask's own protocol.

It would fall back to it where a scheduler's HTTP API does not answer. Schedulers are learners', Dask's messages may hold
pickles, and what a pickle runs would run here, with the operator's rights in everybody's namespaces. Without an answer
over HTTP it takes the worker that came last.
"""

import logging

import dask_kubernetes.operator.controller.controller as controller


def refuse(address):
    raise ConnectionRefusedError(f"{address}: the operator asks schedulers over HTTP alone")


controller.rpc = refuse
# a line for each request to the API would bury what it did
logging.getLogger("httpx").setLevel(logging.WARNING)
