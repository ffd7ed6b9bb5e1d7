"""
Runs the real client inside this process, so that it costs no second start, and watches what it logs and what the
server answers. What it prints is left as it is; where it failed, its exit status says so, and where a token was
refused, a line on standard error says why.
"""
import logging
import os
import re
import runpy
import sys
import time
import warnings
from dataclasses import dataclass, field
from typing import Any, Callable

from palestra_lake import verdict
from palestra_lake.verdict import Line


ELEMENT = re.compile(r"/rses/[^/?]+$")
#: seconds between tries; the reaper of a busy lake was seen to take ten
LATER = (1.0, 3.0, 6.0, 10.0)


@dataclass(frozen=True)
class Answer:
    """One that was no success: of Rucio, as its client met it."""

    status: int
    error: str


@dataclass
class Watch(logging.Filter):
    """Hears every record of the client's logger, and lets it pass."""

    lines: list[Line] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    #: what Rucio said of elements, whose addresses the client does not write when it cannot reach them
    elements: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def filter(self, record: logging.LogRecord) -> bool:
        self.lines.append(Line(record.levelno, record.getMessage()))
        return True

    def answered(self, response: Any) -> None:
        if response.status_code >= 400:
            self.answers.append(Answer(response.status_code, response.headers.get("ExceptionClass", "")))
        elif ELEMENT.search(response.url):
            self.elements.append(response)


def run(program: str) -> int:
    """@returns the exit status: the client's own, but 1 where it failed and said 0"""
    watch = Watch()
    prepare(watch)
    status = play(program)
    if status == 0 and verdict.failed(watch.lines):
        status = 1
    if status != 0:
        explain(watch)
    return status


def prepare(watch: Watch) -> None:
    warnings.filterwarnings("ignore", message="Unverified HTTPS request")
    logging.getLogger("user").addFilter(watch)
    hear_answers(watch)
    from palestra_lake import https

    https.stand_in_for_gfal()


def hear_answers(watch: Watch) -> None:
    """Every answer to the client; one that refuses a token which was renewed meanwhile is asked again with the new one."""
    import requests  # the client's own; nothing is loaded that it does not load

    send = requests.Session.send

    def heard(self: Any, request: Any, **options: Any) -> Any:
        response = with_patience(lambda: send(self, request, **options))
        if response.status_code == 401 and take_renewed(request):
            response.close()
            response = send(self, request, **options)
        watch.answered(response)
        return response

    requests.Session.send = heard  # type: ignore[method-assign]


def with_patience(send: Callable[[], Any], pause: Callable[[float], None] = time.sleep) -> Any:
    """
    Rucio asks to "try again later" where a rule meets the removal of the one before it (the reaper's rows are still
    there: UniqueViolation of REPLICAS_PK). Nothing was written then; a moment later it goes through.
    """
    for seconds in LATER:
        response = send()
        if response.headers.get("ExceptionClass") != "ReplicationRuleCreationTemporaryFailed":
            return response
        response.close()
        pause(seconds)
    return send()


def take_renewed(request: Any) -> bool:
    """The client reads its token once, and a long upload outlives it. @returns whether there is another one now"""
    from palestra_lake import token

    used, now = request.headers.get("X-Rucio-Auth-Token"), token.find().text
    if used is None or now is None or used == now:
        return False
    request.headers["X-Rucio-Auth-Token"] = now
    return True


def play(program: str) -> int:
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as exit:
        return status_of(exit.code)
    return 0


def status_of(code: "int | str | None") -> int:
    """As the interpreter itself does it."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1


def explain(watch: Watch) -> None:
    """On standard error, after what the client wrote. Silence where the token had nothing to do with it."""
    sys.stdout.flush()
    for sentence in reasons(watch):
        print(f"palestra: {sentence}", file=sys.stderr)


def reasons(watch: Watch) -> list[str]:
    refused = any(one.status == 401 and one.error != "AccessDenied" for one in watch.answers)
    if not refused and not transferring(watch):
        return []
    from palestra_lake import refused as why
    from palestra_lake import settings, token

    parser = settings.settings()
    found, wanted, now = token.find(), settings.wanted(parser), time.time()
    if refused:
        return why.at_rucio(found, wanted, now) or [
            "Rucio refused your token, although what it says of itself is right. "
            "`palestra lake check` compares its signature and your account."
        ]
    from palestra_lake import elements

    verb = "write" if "upload" in sys.argv[1:] else "read"
    sentences: dict[str, None] = {}
    for address in folders(watch) if verb == "write" else verdict.addresses(watch.lines):
        access = why.Access(verb, address.host, address.path)
        said = why.at_element(found, wanted, access, now) or elements.ask(address, found, settings.authority(parser))
        sentences.update(dict.fromkeys(said))
    return list(sentences)


def folders(watch: Watch) -> list[verdict.Address]:
    """Where an upload of this command line goes: at each element that it asked for, the folder of the scope."""
    from palestra_lake.lake import element_of

    found = [element_of("", answer.json()) for answer in watch.elements]
    scope = scope_of(sys.argv[1:]).replace(".", "/")
    places = (one.address for one in found if one is not None)
    return list(dict.fromkeys(verdict.Address(one.host, one.port, f"{one.path}{scope}/") for one in places))


def scope_of(words: list[str]) -> str:
    for word, value in zip(words, words[1:]):
        if word == "--scope":
            return value
    named = [word.removeprefix("--scope=") for word in words if word.startswith("--scope=")]
    return named[0] if named else f"user.{os.environ.get('RUCIO_ACCOUNT', '')}"


def transferring(watch: Watch) -> bool:
    """It tried to move a file, and not the catalogue but an element refused it."""
    return verdict.forbidden(watch.lines) or any(
        line.level >= logging.WARNING and line.text.endswith(("Try 1/2", "Try 2/2")) for line in watch.lines
    )
