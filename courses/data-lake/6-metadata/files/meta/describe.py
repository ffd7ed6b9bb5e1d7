"""Writes what the log says of each observation into the catalogue, as metadata of its file."""

import csv
import os
from pathlib import Path

from rucio.client import Client

SCOPE = f"user.{os.environ['PALESTRA_USER']}"
client = Client()

with open(Path(__file__).parent / "log.csv", newline="") as log:
    for row in csv.DictReader(log):
        meta = {"band": row["band"], "target": row["target"], "observed": row["observed"]}
        # how bright it was, as a number

        client.set_metadata_bulk(SCOPE, row["file"], meta)
        print(row["file"], meta)
