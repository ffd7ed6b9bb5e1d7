"""Asks the cluster for one small result, and notes which versions client and scheduler have."""

import json
import sys
import warnings
from pathlib import Path

import distributed
from distributed import Client

HERE = Path(__file__).parent


def versions(client):
    told = client.get_versions(check=False)
    return {who: told[who]["packages"]["distributed"] for who in ("client", "scheduler")}


def main(name):
    note = {"client": distributed.__version__, "scheduler": None, "error": None, "result": None}
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            with Client("tcp://127.0.0.1:8786", timeout=20) as client:
                note.update(versions(client))
                note["result"] = client.submit(lambda x: x + 1, 41, pure=False).result(timeout=90)  # workers may be coming back
        except Exception as error:
            note["error"] = type(error).__name__
            print(f"{type(error).__name__}: {error}")
    note["warned"] = sorted({str(each.category.__name__) for each in seen})
    for each in seen:
        print(each.message)
    (HERE / f"{name}.json").write_text(json.dumps(note))
    print(note)
    sys.exit(0 if note["error"] is None else 1)


if __name__ == "__main__":
    main(sys.argv[1])
