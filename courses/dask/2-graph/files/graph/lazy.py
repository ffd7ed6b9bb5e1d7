"""The same analysis as a graph of tasks. With --compute the cluster works it off."""

import sys
import time

import steps
from dask import delayed
from dask.distributed import Client
from steps import keep, load, lowest, runs, select, total

# make the functions lazy here


def build():
    selections = []
    for path in runs():
        selections.append(select(load(path), lowest()))
    return total(selections)


def main():
    began = time.perf_counter()
    answer = build()
    if not hasattr(answer, "compute"):
        raise SystemExit(f"build() did not build a graph, it worked: {answer} events. Make the functions lazy.")
    tasks = len(dict(answer.dask))
    print(f"{tasks} tasks, built in {time.perf_counter() - began:.3f} s; nothing has run yet")
    if "--compute" not in sys.argv:
        return keep("graph.json", {"tasks": tasks})
    with Client("tcp://127.0.0.1:8786") as client:
        client.upload_file(steps.__file__)  # the workers are other processes: they need our functions, too
        began = time.perf_counter()
        value = answer.compute()
        keep("result.json", {"total": value, "tasks": tasks, "seconds": round(time.perf_counter() - began, 1)})


if __name__ == "__main__":
    main()
