"""Whether the real client failed, from what it wrote: its exit status is 0 after most failures. Pure."""
import logging
import re
from dataclasses import dataclass
from typing import Iterable, Optional

# written before another try, which may well succeed; where none does, another line says so
PASSING = re.compile(r"^(ConnectionError|BrokenPipe): ")
# the only words of a failure that are no error to the client (41.5.1: `did remove` of what is another's)
FAILED_WARNINGS = re.compile(r"^(Failed to erase DID|Cannot undo erase operation)")
FORBIDDEN = re.compile(r"HTTP 403|Permission refused|\b403 Forbidden")
PFN = re.compile(r"\b(?:davs|https)://([^/:\s]+)(?::(\d+))?(/[^\s'\"]*)")


@dataclass(frozen=True)
class Line:
    level: int
    text: str


@dataclass(frozen=True)
class Address:
    """Where a copy is, as the client wrote it."""

    host: str
    port: Optional[int]
    path: str


def failed(lines: Iterable[Line]) -> bool:
    return any(
        (line.level >= logging.ERROR and not PASSING.match(line.text)) or FAILED_WARNINGS.match(line.text)
        for line in lines
    )


def forbidden(lines: Iterable[Line]) -> bool:
    """An element refused, and the client wrote its words."""
    return any(FORBIDDEN.search(line.text) for line in lines)


def addresses(lines: Iterable[Line]) -> list[Address]:
    """Every element's address that was written, once, in its order."""
    found: dict[Address, None] = {}
    for line in lines:
        for host, port, path in PFN.findall(line.text):
            name = path.rstrip(".,;:)").removesuffix(".rucio.upload")
            found[Address(host, int(port) if port else None, name)] = None
    return list(found)
