"""Why a token is refused, from its own claims: what a server never tells. Pure; a sentence each, the cause and the cure."""
import time
from dataclasses import dataclass
from typing import Sequence

from palestra_lake.token import Token, number

RENEWED = "Here the platform puts a new one in its place by itself: wait a moment, or resume your lab."
FETCHED = "Get a new one, and name its file in BEARER_TOKEN_FILE."


@dataclass(frozen=True)
class Wanted:
    """What Rucio takes; an empty issuer: not known, so not compared."""

    issuer: str = ""
    audience: str = "rucio"
    scopes: Sequence[str] = ("openid", "profile")
    base_path: str = "/rucio"
    #: tokens are put in their place by somebody else, as in a sandbox
    renewed: bool = False

    def cure(self) -> str:
        return RENEWED if self.renewed else FETCHED


@dataclass(frozen=True)
class Access:
    """One thing that was to be done at an element."""

    verb: str  # read | write
    host: str
    path: str


def unfit(token: Token, now: float) -> list[str]:
    """Reasons that hold everywhere: there is none, it is no token, its time is over or has not come."""
    if token.text is None:
        return [f"There is no token: {token.source} holds none, or is not there."]
    if token.claims is None:
        return [f"What {token.source} holds is not a token (a JSON web token has three parts, joined by points)."]
    left = token.seconds_left(now)
    if left is not None and left <= 0:
        return [f"Your token ended {spoken(-left)} ago, at {clock(now + left)}."]
    begins = number(token.claims, "nbf")
    if begins is not None and begins > now + 1:
        return [
            f"Your token is not valid before {clock(begins)}, in {spoken(begins - now)}: "
            "the clock here, or the issuer's, is wrong."
        ]
    return []


def at_rucio(token: Token, wanted: Wanted, now: float) -> list[str]:
    """Why Rucio does not take it. Empty: its claims are what they should be."""
    reasons = unfit(token, now)
    if reasons:
        return [f"{reason} {wanted.cure()}" for reason in reasons]
    issuer = str((token.claims or {}).get("iss", ""))
    if wanted.issuer and issuer != wanted.issuer:
        reasons.append(f"Your token was issued by {issuer or 'nobody'}; Rucio takes those of {wanted.issuer}")
    if wanted.audience not in token.audiences():
        reasons.append(f"Your token is not meant for Rucio: its audience is {listed(token.audiences())}, without {wanted.audience}.")
    lacking = [scope for scope in wanted.scopes if scope not in token.scopes()]
    if lacking:
        reasons.append(f"Your token lacks the scope {listed(lacking)}; it has {listed(token.scopes())}.")
    return reasons


def at_element(token: Token, wanted: Wanted, access: Access, now: float) -> list[str]:
    """Why an element does not take it for this. Empty: its claims allow it."""
    reasons = unfit(token, now)
    if reasons:
        return [f"{reason} {wanted.cure()}" for reason in reasons]
    audiences = token.audiences()
    if not any(host_of(one) == access.host for one in audiences):
        reasons.append(f"Your token is not meant for {access.host}: its audience is {listed(audiences)}.")
    names = ("storage.read",) if access.verb == "read" else ("storage.create", "storage.modify")
    granted = [scope for scope in token.scopes() if scope.split(":")[0] in names]
    if not granted:
        return [*reasons, f"Your token lacks the scope {names[0]}: it may not {access.verb} at an element. It has {listed(token.scopes())}."]
    inside = below(access.path, wanted.base_path)
    if not any(covers(scope.partition(":")[2] or "/", inside) for scope in granted):
        allowed = listed(sorted({scope.partition(":")[2] or "/" for scope in granted}))
        reasons.append(f"Your token may {access.verb} below {allowed}; {inside} is not yours.")
    return reasons


def host_of(audience: str) -> str:
    """`https://cnaf.example:443/` and `cnaf.example` are the same element."""
    return audience.split("://")[-1].split("/")[0].split(":")[0]


def below(path: str, base: str) -> str:
    base = base.rstrip("/")
    return path[len(base):] if base and path.startswith(f"{base}/") else path


def covers(allowed: str, path: str) -> bool:
    allowed = allowed.rstrip("/")
    return path == allowed or path.startswith(f"{allowed}/")


def listed(words: Sequence[str]) -> str:
    return ", ".join(words) or "nothing"


def spoken(seconds: float) -> str:
    """A length of time as one says it."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    count = max(1, round(seconds))
    return f"{count} second{'' if count == 1 else 's'}"


def clock(moment: float) -> str:
    return time.strftime("%H:%M:%S UTC", time.gmtime(moment))
