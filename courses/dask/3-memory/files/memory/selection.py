"""How many photons come from within a circle around the middle, and what is their highest energy?"""

import json
from pathlib import Path

import dask.dataframe as dd
from dask.distributed import Client

HERE = Path(__file__).parent
RADIUS = 0.1


def main():
    result = {}
    with Client("tcp://127.0.0.1:8786"):
        table = dd.read_parquet(HERE.resolve() / "photons")
        inside = table[table.x**2 + table.y**2 < RADIUS**2]
        try:
            rows = table.compute()
            rows = rows[rows.x**2 + rows.y**2 < RADIUS**2]
            result = {"photons": len(rows), "highest": float(rows.energy.max())}
        except Exception as error:
            result = {"error": type(error).__name__}
            print(f"{type(error).__name__}: {error}")
    (HERE / "selection.json").write_text(json.dumps(result))
    print(result)
    if "error" in result:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
