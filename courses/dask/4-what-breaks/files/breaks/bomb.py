"""A task that takes its own process down each time, and notes in attempts.log that it began."""

import json
import os
from pathlib import Path

from dask.distributed import Client

HERE = Path(__file__).parent
ATTEMPTS = HERE.resolve() / "attempts.log"


def bomb(log):
    with open(log, "a") as attempts:
        attempts.write(f"process {os.getpid()}\n")
    os._exit(1)  # what a crash in a C++ library looks like from outside


def main():
    ATTEMPTS.unlink(missing_ok=True)
    with Client("tcp://127.0.0.1:8786") as client:
        try:
            client.submit(bomb, str(ATTEMPTS), pure=False).result()
            error = None
        except Exception as raised:
            error = type(raised).__name__
            print(f"{error}: {raised}")
    attempts = len(ATTEMPTS.read_text().splitlines())
    (HERE / "bomb.json").write_text(json.dumps({"error": error, "attempts": attempts}))
    print(f"The task was begun {attempts} times")
    raise SystemExit(0 if error is None else 1)


if __name__ == "__main__":
    main()
