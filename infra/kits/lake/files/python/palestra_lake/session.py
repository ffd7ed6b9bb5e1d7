"""Rucio's own client, opened for a learner who is known, with what it says kept for the case that it fails."""
import logging
import sys
import time
from dataclasses import dataclass
from typing import Any, Sequence

from palestra_lake import elements, https, refused, settings, token, verdict
from palestra_lake.front import Watch, hear_answers
from palestra_lake.lake import Lake, Unanswered
from palestra_lake.progress import Progress
from palestra_lake.refused import Access


class Refused(Exception):
    """With the sentences that say why."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(" ".join(sentences))


@dataclass
class Session:
    client: Any
    account: str
    lake: Lake
    watch: Watch
    logger: logging.Logger
    progress: Progress

    @property
    def scope(self) -> str:
        return f"user.{self.account}"

    def why(self, verb: str) -> "list[str]":
        """What the last failure was about, most telling first."""
        parser = settings.settings()
        said: "dict[str, None]" = {}
        for address in verdict.addresses(self.watch.lines):
            access = Access(verb, address.host, address.path)
            reasons = refused.at_element(token.find(), settings.wanted(parser), access, time.time())
            asked = reasons or elements.ask(address, token.find(), settings.authority(parser))
            said.update(dict.fromkeys(asked))
        return list(said)


def open_session() -> Session:
    """@throws Refused, Unanswered"""
    parser = settings.settings()
    lake = Lake(parser, token.find())
    account = known(lake, settings.wanted(parser))
    https.stand_in_for_gfal(always=True)
    watch, progress = Watch(), Progress()
    hear_answers(watch)
    https.progress = progress
    logger = logging.getLogger("user")
    logger.addFilter(watch)
    logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.INFO)
    logger.propagate = False
    from rucio.client.client import Client

    return Session(Client(account=account, logger=logger), account, lake, watch, logger, progress)


def known(lake: Lake, wanted: refused.Wanted) -> str:
    account = lake.whoami()
    if account is not None:
        return str(account["account"])
    reasons = refused.at_rucio(lake.token, wanted, time.time())
    raise Refused(reasons or ["Rucio refused your token, although what it says of itself is right: see `palestra lake check`."])


def say(sentence: str) -> None:
    print(f"palestra: {sentence}", file=sys.stderr)


def guarded(action: Any) -> int:
    """Runs what needs a session; what stands in its way is a sentence and status 1."""
    try:
        session = open_session()
    except (Refused, Unanswered) as error:
        return told(error)
    from rucio.common.exception import RucioException

    try:
        return int(action(session))
    except (Unanswered, RucioException, OSError) as error:  # OSError: of files here, and of requests
        session.progress.end()
        return told(error)
    except KeyboardInterrupt:
        return interrupted(session)
    except TypeError as error:
        # the download client 41.5.1 takes an interruption, and then calls os.getpgid() without its argument
        if not isinstance(error.__context__, KeyboardInterrupt):
            raise
        return interrupted(session)


def interrupted(session: Session) -> int:
    session.progress.end()
    say("interrupted. The same words take it up again.")
    return 130


def told(error: Exception) -> int:
    say(f"{' '.join(str(error).split()).rstrip('.')}.")
    return 1
