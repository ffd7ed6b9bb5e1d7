"""Kills one worker, as a machine does when it runs out of memory or loses power: without a word."""

import os
import signal

from dask.distributed import Client

with Client("tcp://127.0.0.1:8786") as client:
    address, process = next(iter(client.run(os.getpid).items()))
    print(f"Killing the worker at {address}, process {process}")
    os.kill(process, signal.SIGKILL)
