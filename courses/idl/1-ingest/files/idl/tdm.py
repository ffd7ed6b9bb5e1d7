"""Tracking Data Messages (CCSDS 503.0): what a radar saw of an object in orbit, as text.

A message has a header, then segments. Each segment has metadata between META_START and META_STOP, and data between
DATA_START and DATA_STOP: `KEYWORD = TIME VALUE`.

    python tdm.py check FILE…    says what is wrong with each; exit status 1 where anything is
    python tdm.py split FILE…    writes meta_NAME and data_NAME beside each, as the project's own parser does
"""

import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

NEEDED = ("TIME_SYSTEM", "START_TIME", "STOP_TIME", "PARTICIPANT_1", "PATH")


class TdmError(ValueError):
    """A file that is no TDM: the line, and what is wrong with it."""

    def __init__(self, line, message):
        super().__init__(f"line {line}: {message}")
        self.line = line


@dataclass(frozen=True)
class Record:
    """One measurement: what, when (UTC, as written), how much."""

    keyword: str
    time: str
    value: float


@dataclass
class Segment:
    meta: dict[str, str] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    data: list[Record] = field(default_factory=list)

    def values(self, keyword):
        return [record.value for record in self.data if record.keyword == keyword]


@dataclass
class Tdm:
    header: dict[str, str] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)


# What each marker needs to be in, and leads to.
MARKERS = {
    "META_START": ("header", "meta"),
    "META_STOP": ("meta", "between"),
    "DATA_START": ("between", "data"),
    "DATA_STOP": ("data", "header"),
}


def parse(text):
    """A message from its text. Raises TdmError at the first line that does not belong where it stands."""
    tdm, place = Tdm(), "header"
    number = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line:
            continue
        if line in MARKERS:
            place = _enter(tdm, line, place, number)
        elif line.startswith("COMMENT"):
            (tdm if place == "header" else tdm.segments[-1]).comments.append(line.removeprefix("COMMENT").strip())
        else:
            _take(tdm, line, place, number)
    if place != "header":
        raise TdmError(number, f"the file ends inside its {place}")
    if "CCSDS_TDM_VERS" not in tdm.header:
        raise TdmError(1, "this is no TDM: it does not say CCSDS_TDM_VERS")
    if not tdm.segments:
        raise TdmError(number, "there is no segment in this message")
    return tdm


def _enter(tdm, marker, place, number):
    needs, leads_to = MARKERS[marker]
    if place != needs:
        raise TdmError(number, f"{marker} cannot stand here")
    if marker == "META_START":
        tdm.segments.append(Segment())
    return leads_to


def _take(tdm, line, place, number):
    key, equals, value = (part.strip() for part in line.partition("="))
    if not equals or not key or not value:
        raise TdmError(number, f"neither a marker nor KEY = VALUE: {line[:60]}")
    if place == "data":
        tdm.segments[-1].data.append(_record(key, value, number))
        return
    if place == "between" or (place == "header" and tdm.segments):
        raise TdmError(number, f"{key} stands outside of metadata and data")
    keys = tdm.header if place == "header" else tdm.segments[-1].meta
    if key in keys:
        raise TdmError(number, f"{key} stands here twice")
    keys[key] = value


def _record(keyword, text, number):
    parts = text.split()
    if len(parts) != 2:
        raise TdmError(number, f"{keyword} needs a time and a value")
    time, value = parts
    try:
        return Record(keyword, _time(time), float(value))
    except ValueError as error:
        raise TdmError(number, f"{keyword}: {error}") from None


def _time(text):
    datetime.fromisoformat(text)
    return text


def problems(tdm):
    """What is wrong with a message that can be read, one sentence each. None: it may go into the lake."""
    return [problem for segment in tdm.segments for problem in _problems(segment)]


def _problems(segment):
    found = [f"{key} is missing" for key in NEEDED if key not in segment.meta]
    if found:
        return found
    start, stop = (segment.meta[key] for key in ("START_TIME", "STOP_TIME"))
    for key, text in (("START_TIME", start), ("STOP_TIME", stop)):
        try:
            _time(text)
        except ValueError:
            return [f"{key} is no time: {text}"]
    if start > stop:
        return [f"it stops at {stop}, before it starts at {start}"]
    if not segment.data:
        return ["there are no data in it"]
    outside = [record for record in segment.data if not start <= record.time <= stop]
    return [f"{len(outside)} of {len(segment.data)} values lie outside of its own times"] if outside else []


def split(text):
    """The lines of metadata and the lines of data, as two texts: what lies between the markers."""
    return _between(text, "META"), _between(text, "DATA")


def _between(text, what):
    kept, inside = [], False
    for line in text.splitlines():
        if line.strip() == f"{what}_STOP":
            inside = False
        if inside:
            kept.append(line)
        if line.strip() == f"{what}_START":
            inside = True
    return "\n".join(kept) + "\n"


def check_file(path):
    """The problems of a file, those that make it unreadable included."""
    try:
        return problems(parse(path.read_text()))
    except TdmError as error:
        return [str(error)]


def main(arguments):
    verb, *names = arguments or [""]
    if verb not in ("check", "split") or not names:
        print(__doc__, file=sys.stderr)
        return 2
    bad = 0
    for path in map(Path, names):
        found = check_file(path)
        bad += bool(found)
        for problem in found:
            print(f"{path}: {problem}")
        if verb == "check" and not found:
            print(f"{path}: good")
        if verb == "split" and not found:
            for prefix, text in zip(("meta_", "data_"), split(path.read_text())):
                path.with_name(prefix + path.name).write_text(text)
            print(f"{path}: split")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
