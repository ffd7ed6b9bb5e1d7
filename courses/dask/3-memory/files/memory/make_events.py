"""Writes a table of photons as Parquet files, one part after the other: together larger than a worker."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

PARTS = 12
ROWS = 700_000
HERE = Path(__file__).parent / "photons"


def part(number, seed):
    """One part of the table. Each learner's differ, and each run gives the same again."""
    draw = np.random.default_rng([seed, number])
    source = draw.integers(0, 12, ROWS).astype("int32")
    return pd.DataFrame(
        {
            "source": source,
            # each source has its own typical energy in GeV, and it drifts from part to part
            "energy": draw.exponential(5.0 + source + 0.5 * number, ROWS),
            "x": draw.normal(0.0, 1.0, ROWS),
            "y": draw.normal(0.0, 1.0, ROWS),
            "time": draw.uniform(number, number + 1, ROWS),
        }
    )


def main():
    seed = int(os.environ["PALESTRA_SEED"], 16)
    HERE.mkdir(exist_ok=True)
    for number in range(PARTS):
        path = HERE / f"part-{number:02}.parquet"
        if not path.exists():
            half = path.with_suffix(".half")
            part(number, seed).to_parquet(half, compression=None)
            half.rename(path)
        print(f"{path.name}: {path.stat().st_size / 2**20:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
