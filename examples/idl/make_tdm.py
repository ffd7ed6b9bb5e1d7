"""Makes tracking files like those of the BIRALES radar, from a seed: python make_tdm.py FOLDER SEED [COUNT]

An object crosses the beam in about twenty seconds: its distance falls, then rises, and the shift of the frequency
follows how fast. Numbers are drawn, the shape is right, and no object of this name exists.
"""

import math
import random
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

BEAM = "IT_BIRALES-A"
TRANSMITTER = "IT_TRF-TX"


def passage(draw):
    """Times, angles, frequency shifts (kHz) and distances (km) of one passage through the beam."""
    begin = datetime(2025, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=draw.uniform(0, 365 * 86400))
    nearest, speed = draw.uniform(700, 2200), draw.uniform(6.8, 7.6)
    closest = draw.uniform(2, 18)
    azimuth, turn = draw.uniform(0, 300), draw.uniform(0.3, 0.6)
    seconds = sorted(draw.uniform(0, 20) for _ in range(draw.randint(25, 60)))
    for second in seconds:
        along = speed * (second - closest)
        distance = math.hypot(nearest, along)
        yield {
            "time": (begin + timedelta(seconds=second)).isoformat(timespec="microseconds").removesuffix("+00:00"),
            "ANGLE_1": azimuth + turn * second,
            "ANGLE_2": math.degrees(math.asin(min(1.0, 600 / distance))),
            "DOPPLER_INSTANTANEOUS": -1.4 * speed * along / distance,
            "RANGE": distance,
        }


def message(number, draw):
    """The text of one message, and a name for its file."""
    norad = 10_000 + draw.randint(0, 49_999)
    rows = list(passage(draw))
    start, stop = rows[0]["time"], rows[-1]["time"]
    # the first two in UHF, so that a small set has some to find
    band = "UHF" if number <= 2 else draw.choice(["UHF", "S"])
    quality = draw.choice(["VALIDATED", "RAW"])
    launch = f"{draw.randint(1975, 2024)}-{draw.randint(1, 99):03}{draw.choice('ABCDEFGH')}"
    head = [
        "CCSDS_TDM_VERS = 1.0",
        f"COMMENT {norad}",
        f"CREATION_DATE = {stop}",
        "ORIGINATOR = INAF",
        "",
        "META_START",
        f"COMMENT {norad}",
        "TIME_SYSTEM = UTC",
        f"START_TIME = {start}",
        f"STOP_TIME = {stop}",
        f"PARTICIPANT_1 = {BEAM}",
        f"PARTICIPANT_2 = {launch}",
        f"PARTICIPANT_3 = {TRANSMITTER}",
        "PATH = 3,2,1",
        "ANGLE_TYPE = AZEL",
        f"TRANSMIT_BAND = {band}",
        f"RECEIVE_BAND = {band}",
        "TIMETAG_REF = RECEIVE",
        "RANGE_UNITS = km",
        f"DATA_QUALITY = {quality}",
        "META_STOP",
        "",
        "DATA_START",
    ]
    data = [f"{key} = {row['time']} {row[key]!r}" for row in rows for key in row if key != "time"]
    stamp = start[:16].replace("-", "").replace(":", "")
    return f"BIRALES_{norad}_{stamp}_{number}_L2.tdm", "\n".join([*head, *data, "DATA_STOP", ""])


def messages(seed, count):
    """So many messages, by file name. The same seed gives the same ones."""
    return dict(message(number, random.Random(f"{seed}-tdm-{number}")) for number in range(1, count + 1))


def main(folder, seed, count=6):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in messages(seed, int(count)).items():
        (folder / name).write_text(text)
        print(folder / name)


if __name__ == "__main__":
    main(*sys.argv[1:4])
