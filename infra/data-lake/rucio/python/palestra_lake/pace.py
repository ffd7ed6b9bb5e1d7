"""
A learner's transfers may leave in groups, every so many seconds, so that a lesson has time to look at them. Others'
are not held. Held requests are WAITING, a state that the submitter leaves alone (Rucio's own throttler uses it).
"""

import json
import os
from typing import TYPE_CHECKING

from sqlalchemy import update

from rucio.common.types import InternalScope
from rucio.db.sqla import models
from rucio.db.sqla.constants import RequestState
from rucio.db.sqla.session import transactional_session

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

FILE = os.environ.get("PALESTRA_LAKE_PACE", "")

# scope -> when its next group leaves
_next: dict[str, float] = {}


def keep_pace(now: float) -> None:
    """Called before each round of the submitter."""
    paces = read_paces(FILE)
    # one that is paced no more is let go
    for scope in [known for known in _next if known not in paces]:
        release(scope)
        del _next[scope]
    for scope, seconds in paces.items():
        leaves = _next.setdefault(scope, now + seconds)
        if now < leaves:
            hold(scope)
        else:
            release(scope)
            _next[scope] = now + seconds


def read_paces(path: str) -> dict[str, float]:
    """:returns: scope -> seconds between two groups; nothing where the file is not there"""
    if not path or not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return {str(scope): float(seconds) for scope, seconds in json.load(file).items()}


@transactional_session
def hold(scope: str, *, session: "Session") -> None:
    _turn(scope, RequestState.QUEUED, RequestState.WAITING, session)


@transactional_session
def release(scope: str, *, session: "Session") -> None:
    _turn(scope, RequestState.WAITING, RequestState.QUEUED, session)


def _turn(scope: str, before: RequestState, after: RequestState, session: "Session") -> None:
    mine = models.Request.scope == InternalScope(scope)
    session.execute(
        update(models.Request).where(mine, models.Request.state == before).values({models.Request.state: after})
    )
