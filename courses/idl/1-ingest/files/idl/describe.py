"""From a tracking file to the metadata that the data lake keeps beside it: python describe.py FILE…

Writes meta_NAME.json beside each file: flat, upper-case keys, as the catalogue of the IDL project has them. Times are
ISO 8601 in UTC. What a file does not say is left out, for the word 'None' would be found by every search.
"""

import json
import sys
from pathlib import Path

from tdm import parse

FROM_HEADER = ("CREATION_DATE", "ORIGINATOR")
FROM_SEGMENT = (
    "TIME_SYSTEM",
    "START_TIME",
    "STOP_TIME",
    *(f"PARTICIPANT_{number}" for number in range(1, 6)),
    "PATH",
    "ANGLE_TYPE",
    "TRANSMIT_BAND",
    "RECEIVE_BAND",
    "TIMETAG_REF",
    "RANGE_UNITS",
    "DATA_QUALITY",
)


def describe(tdm):
    """The metadata of a message of one segment."""
    (segment,) = tdm.segments
    meta = {"IDL_L4_VERS": "0.1", "SENSOR_TYPE": "RADAR"}
    meta |= {key: tdm.header[key] for key in FROM_HEADER if key in tdm.header}
    meta |= {key: segment.meta[key] for key in FROM_SEGMENT if key in segment.meta}
    meta["EPOCH"] = segment.meta["START_TIME"]
    if segment.comments:
        meta["COMMENT"] = " ".join(segment.comments)
    distances = segment.values("RANGE")
    if not distances:
        return meta
    # how near and how far it was
    return meta


def main(names):
    for path in map(Path, names):
        meta = describe(parse(path.read_text()))
        target = path.with_name(f"meta_{path.stem}.json")
        target.write_text(json.dumps(meta, indent=2) + "\n")
        print(f"{target}: {len(meta)} keys")


if __name__ == "__main__":
    main(sys.argv[1:])
