"""A stuck rule is tried again after seconds: a lesson does not wait for two hours."""

from datetime import datetime, timezone
from typing import Any

# the order matters: rule_grouping and rule import each other, and this one must begin
import rucio.core.rule  # noqa: F401
from rucio.core import rule_grouping


def retry_stuck_after(seconds: float) -> None:
    """
    Rucio has the hours in its code (`__is_retry_required`: 2, 4, 6, 8 by activity).

    :raises RuntimeError: where this Rucio has no such function any more, rather than waiting hours in silence.
    """
    name = "__is_retry_required"
    if not hasattr(rule_grouping, name):
        raise RuntimeError(f"rucio.core.rule_grouping has no {name}: this Rucio retries otherwise")

    def is_retry_required(lock: Any, activity: str) -> bool:
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        return (now - lock.updated_at).total_seconds() > seconds

    setattr(rule_grouping, name, is_retry_required)
