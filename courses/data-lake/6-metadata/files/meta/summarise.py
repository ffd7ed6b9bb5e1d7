"""One line for each observation of a dataset: its bytes, counted. Writes meta/summary.json."""

import json
import os
from pathlib import Path

from rucio.client import Client

SCOPE = f"user.{os.environ['PALESTRA_USER']}"
INPUT = "uhf.bright.v1"

files = sorted(Client().list_files(SCOPE, INPUT), key=lambda file: file["name"])
summary = {file["name"]: file["bytes"] for file in files}
(Path(__file__).parent / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
print(f"{len(files)} observations of {SCOPE}:{INPUT} are in meta/summary.json.")
