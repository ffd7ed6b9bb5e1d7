"""Two questions about the same selections: how many events, and which is the largest?"""

import dask
import steps
from dask import delayed
from dask.distributed import Client
from steps import keep, largest, load, log_beside, lowest, runs, select, total

load, select, total, largest = map(delayed, (load, select, total, largest))


def main():
    with Client("tcp://127.0.0.1:8786") as client:
        client.upload_file(steps.__file__)
        selections = [select(load(path), lowest()) for path in runs()]
        log = log_beside(runs()[0])
        log.unlink(missing_ok=True)
        number = total(selections).compute()
        highest = largest(selections).compute()
        loads = len(log.read_text().splitlines())
        keep("two.json", {"total": number, "largest": highest, "loads": loads})


if __name__ == "__main__":
    main()
