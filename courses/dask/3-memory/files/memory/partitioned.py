"""The same question, asked of a table in partitions."""

import json
from pathlib import Path

import dask.dataframe as dd
from dask.distributed import Client

HERE = Path(__file__).parent


def main():
    with Client("tcp://127.0.0.1:8786"):
        # read the table in partitions here
        print(f"{table.npartitions} partitions; columns {list(table.columns)}")
        means = table.groupby("source")["energy"].mean().compute()
    answer = {str(source): energy for source, energy in sorted(means.items())}
    (HERE / "means.json").write_text(json.dumps({"partitions": table.npartitions, "means": answer}, indent=1))
    print(means.sort_index().round(3).to_string())


if __name__ == "__main__":
    main()
