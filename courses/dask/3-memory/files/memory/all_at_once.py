"""One task that reads the whole table with pandas, as one would on a large machine."""

import json
from pathlib import Path

from dask.distributed import Client

HERE = Path(__file__).parent


def mean_energies(folder):
    """Runs on a worker."""
    import pandas as pd

    table = pd.read_parquet(folder)
    return table.groupby("source")["energy"].mean().to_dict()


def main():
    attempt = {"error": None}
    with Client("tcp://127.0.0.1:8786") as client:
        try:
            client.submit(mean_energies, str(HERE.resolve() / "photons"), pure=False).result()
        except Exception as error:
            attempt = {"error": type(error).__name__}
            print(f"{type(error).__name__}: {error}")
    (HERE / "attempt.json").write_text(json.dumps(attempt))
    if attempt["error"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
