"""A bearer token as a file or variable gives it, and what it says of itself. Nothing here verifies a signature."""
import base64
import binascii
import json
import os
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional


@dataclass(frozen=True)
class Token:
    """`text` is None where nothing was found; `claims` is None where it is no JSON web token."""

    source: str
    text: Optional[str] = None
    claims: Optional[Mapping[str, Any]] = None
    header: Mapping[str, Any] = field(default_factory=dict)

    def seconds_left(self, now: float) -> Optional[float]:
        end = number(self.claims, "exp")
        return None if end is None else end - now

    def audiences(self) -> list[str]:
        value = (self.claims or {}).get("aud", [])
        return [value] if isinstance(value, str) else [one for one in value if isinstance(one, str)]

    def scopes(self) -> list[str]:
        value = (self.claims or {}).get("scope", "")
        return value.split() if isinstance(value, str) else [one for one in value if isinstance(one, str)]


def find(environ: Mapping[str, str] = os.environ) -> Token:
    """The first in the order of WLCG token discovery, which is the real client's; where nothing is, the place to put one."""
    if environ.get("BEARER_TOKEN", "").strip():
        return read("BEARER_TOKEN", environ["BEARER_TOKEN"])
    user = os.geteuid()
    places = [environ.get("BEARER_TOKEN_FILE", "")]
    if environ.get("XDG_RUNTIME_DIR"):
        places.append(f"{environ['XDG_RUNTIME_DIR']}/bt_u{user}")
    places = [place for place in [*places, f"/tmp/bt_u{user}"] if place]
    for place in places:
        text = content(place)
        if text:
            return read(place, text)
    return Token(source=places[0])


def content(path: str) -> str:
    """Empty where there is no such file, or none that this user may read."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return ""


def read(source: str, text: str) -> Token:
    parts = text.strip().split(".")
    if len(parts) != 3:
        return Token(source, text.strip())
    header, claims = decoded(parts[0]), decoded(parts[1])
    return Token(source, text.strip(), claims, header or {})


def decoded(part: str) -> Optional[Mapping[str, Any]]:
    try:
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return None
    return value if isinstance(value, dict) else None


def number(claims: Optional[Mapping[str, Any]], name: str) -> Optional[float]:
    value = (claims or {}).get(name)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
