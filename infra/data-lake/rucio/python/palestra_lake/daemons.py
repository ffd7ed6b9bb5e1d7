"""
All of Rucio's daemons in one process, one after the other: the same functions that the rucio-* programs call, each
for one round (`once=True`). Stock programs wait seconds in every round so that several of them share the work
evenly; here there is one of each, so nothing waits.
"""

import importlib
import inspect
import logging
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Optional

from rucio.common.logging import setup_logging
from rucio.core import oidc

from palestra_lake.pace import keep_pace
from palestra_lake.stuck import retry_stuck_after

PERIOD = float(os.environ.get("PALESTRA_LAKE_PERIOD", "1"))
BEAT = os.environ.get("PALESTRA_LAKE_BEAT", "")
# stock: a stuck lock is tried again after 2, 4, 6, 8 hours
STUCK_SECONDS = float(os.environ.get("PALESTRA_LAKE_STUCK", "30"))


class NoWait(threading.Event):
    """Stands for the events on which daemons wait 1 to 10 s for others of their kind, even when run once."""

    def wait(self, timeout: Optional[float] = None) -> bool:
        return self.is_set()


class Idle(logging.Filter):
    """What every daemon says in every round although there is nothing to do: a gigabyte a day."""

    SAYS = re.compile(
        r"Daemon started|Heartbeat cleaned up|[Dd]id not get any work|waiting for interrupts|Reaper started"
        r"|less than half of the bulk|Got 0 transfers|returned no RSEs|Using a token to delete on"
        r"|This instance will work on RSEs|Nb workers on|No bad replicas to process|Gathering of requests"
    )

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.WARNING or not self.SAYS.search(record.getMessage())


@dataclass
class Daemon:
    """:param every: seconds between two rounds"""

    module: str
    function: str
    every: float
    arguments: dict[str, Any] = field(default_factory=dict)
    last: float = 0.0

    def load(self) -> Callable[[], Any]:
        module = importlib.import_module(f"rucio.daemons.{self.module}")
        for name in ("graceful_stop", "GRACEFUL_STOP"):
            if hasattr(module, name):
                setattr(module, name, NoWait())
        function = getattr(module, self.function)
        known = inspect.signature(function).parameters
        wanted = {"once": True, "partition_wait_time": 0, **self.arguments}
        given = {name: value for name, value in wanted.items() if name in known}
        return lambda: function(**given)


DAEMONS = [
    Daemon("judge.evaluator", "re_evaluator", 1, {"did_limit": 100}),
    Daemon("conveyor.submitter", "submitter", 1, {"bulk": 100, "group_bulk": 20, "total_threads": 1}),
    Daemon("conveyor.poller", "poller", 1, {"older_than": 0}),
    Daemon("conveyor.finisher", "finisher", 1),
    Daemon("abacus.account", "account_update", 3),
    Daemon("abacus.rse", "rse_update", 3),
    Daemon("abacus.collection_replica", "collection_replica_update", 5, {"limit": 1000}),
    Daemon("judge.cleaner", "rule_cleaner", 3),
    Daemon("judge.repairer", "rule_repairer", 10),
    Daemon("undertaker.undertaker", "undertaker", 5, {"chunk_size": 10}),
    Daemon(
        "reaper.reaper",
        "reaper",
        5,
        {"rses": None, "include_rses": None, "exclude_rses": None, "greedy": True, "chunk_size": 100},
    ),
    Daemon("badreplicas.necromancer", "necromancer", 10, {"bulk": 100}),
]


def go_round(daemons: "list[tuple[Daemon, Callable[[], Any]]]", stop: threading.Event) -> None:
    """One that fails is logged and does not keep the others: the database may be coming back."""
    now = time.time()
    for daemon, play in daemons:
        if stop.is_set():
            return
        if now - daemon.last < daemon.every:
            continue
        daemon.last = now
        try:
            if daemon.function == "submitter":
                keep_pace(now)
            play()
        except Exception:
            logging.exception("%s failed", daemon.module)


def ask_issuer_again() -> None:
    """Rucio asks once where tokens are given: an issuer that was away just then would stay unknown for ever."""
    if not oidc.OIDC_PROVIDER_ENDPOINT:
        oidc.OIDC_CONFIGURATION_RUN = False


def beat() -> None:
    if BEAT:
        with open(f"{BEAT}.new", "w", encoding="ascii") as file:
            file.write(f"{time.time():.0f}")
        os.replace(f"{BEAT}.new", BEAT)


def main() -> None:
    setup_logging(process_name="daemons")
    for name in ("urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(Idle())
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    retry_stuck_after(STUCK_SECONDS)
    daemons = [(daemon, daemon.load()) for daemon in DAEMONS]
    while not stop.is_set():
        began = time.time()
        ask_issuer_again()
        go_round(daemons, stop)
        beat()
        stop.wait(max(0.1, PERIOD - (time.time() - began)))


if __name__ == "__main__":
    main()
