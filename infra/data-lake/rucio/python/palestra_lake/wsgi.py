"""
Rucio's REST server with four differences.

1. A permission that is refused leaves as 403. Rucio says 401 (and 500 for some), which makes its client believe that the *token* was
   refused: it starts a login in a browser and hides the message.
2. Of the ways to log in only a token (and root's password) is served: learners get tokens, not browser flows.
3. A database that is not there leaves as 503, not as 500 or 406: Rucio's client tries again after 503.
4. Each request is one JSON line: who, what, how it went and, where a token was refused, why. Never the token.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterable
from typing import Any, Optional

from rucio.db.sqla.session import get_engine
from rucio.web.rest.main import application as rucio
from sqlalchemy.exc import OperationalError

from palestra_lake.reasons import looks_right, why_refused

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Environ = dict[str, Any]

WAYS_IN = ("/auth/userpass", "/auth/validate")
NO_OTHER_WAY = "This lake takes tokens only. Yours is missing, expired or refused: ask the platform for a new one."
NO_DATABASE = "Rucio's database does not answer now. Please try again in some seconds."
AGAIN = "the token may be stored by now"
# what psycopg calls a server that goes, is gone, or comes
AWAY = re.compile(r"psycopg\.(OperationalError|errors\.(AdminShutdown|CrashShutdown|CannotConnectNow|Connection\w+))")
LOG = os.environ.get("PALESTRA_LAKE_REQUESTS", os.devnull)


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    path = environ.get("PATH_INFO", "")
    if path.startswith("/auth/") and path not in WAYS_IN:
        return refusal(Answer(environ, start_response), "401 UNAUTHORIZED", "CannotAuthenticate", NO_OTHER_WAY)
    # of requests that bring a new token at once, Rucio stores it for one and refuses the others: they find it then
    for patient in (True, False):
        answer = Answer(dict(environ), start_response, patient)
        body = rucio(answer.environ, answer)
        if answer.held is None:
            return body
        if hasattr(body, "close"):
            body.close()
        if answer.held == NO_DATABASE:
            break
    return refusal(answer, "503 SERVICE UNAVAILABLE", "DatabaseException", NO_DATABASE)


class Answer:
    """Rucio's `start_response`: the status is put right, and the request noted, before it is passed on."""

    def __init__(self, environ: Environ, start_response: StartResponse, patient: bool = False) -> None:
        self.environ = environ
        self.pass_on = start_response
        self.patient = patient
        self.began = time.time()
        # why it was not passed on
        self.held: Optional[str] = None
        # our own refusals are passed on as they are
        self.of_rucio = True

    def __call__(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        error = header(headers, "ExceptionClass")
        self.held = self.reason_to_hold(status, error, header(headers, "ExceptionMessage") or "")
        if self.held is not None:
            return lambda _: None
        status = status_of(status, error)
        headers = [(name, printable(value)) for name, value in headers]
        note(self.environ, status, headers, self.began)
        return self.pass_on(status, headers, exc_info) if exc_info else self.pass_on(status, headers)

    def reason_to_hold(self, status: str, error: Optional[str], message: str) -> Optional[str]:
        if not self.of_rucio or status[:1] not in "45":
            return None
        if database_is_away(error, message):
            return NO_DATABASE
        token = self.environ.get("HTTP_X_RUCIO_AUTH_TOKEN", "")
        again = self.patient and error == "CannotAuthenticate" and looks_right(token)
        return AGAIN if again else None


def database_is_away(error: Optional[str], message: str) -> bool:
    """Rucio makes 500, 406 and, while it looks a token up, even 401 of it."""
    if AWAY.search(message):
        return True
    if error != "CannotAuthenticate":
        return False
    try:
        with get_engine().connect():
            return False
    except OperationalError:
        return True


def status_of(status: str, error: Optional[str]) -> str:
    """500 comes of routes that have forgotten that a permission may be refused, or a name be none."""
    if error == "AccessDenied" and status[:3] in ("401", "500"):
        return "403 FORBIDDEN"
    return "400 BAD REQUEST" if error == "InvalidObject" and status.startswith("500") else status


def printable(value: str) -> str:
    """A header is Latin-1: a message that quotes another name would end in a bare 500."""
    return value.encode("latin-1", "backslashreplace").decode("latin-1")


def refusal(answer: Answer, status: str, error: str, message: str) -> Iterable[bytes]:
    body = json.dumps({"ExceptionClass": error, "ExceptionMessage": message}).encode()
    answer.of_rucio = False
    answer(
        status,
        [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("ExceptionClass", error),
            ("ExceptionMessage", message),
        ],
    )
    return [body]


def note(environ: Environ, status: str, headers: Headers, began: float) -> None:
    """One line below 4 kB, in one write: workers share the file."""
    code = int(status.split(" ", 1)[0])
    line = {
        "time": round(began * 1000),
        "ms": round((time.time() - began) * 1000),
        "account": str(environ.get("issuer") or ""),
        "method": environ.get("REQUEST_METHOD", ""),
        "path": environ.get("PATH_INFO", "")[:500],
        "status": code,
    }
    if code >= 400:
        line["error"] = (header(headers, "ExceptionClass") or "")[:100]
        line["message"] = (header(headers, "ExceptionMessage") or "")[:500]
    if code == 401:
        line.update(why_refused(environ.get("HTTP_X_RUCIO_AUTH_TOKEN", "")))
    with open(LOG, "a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


def header(headers: Headers, name: str) -> Optional[str]:
    return next((value for key, value in headers if key.lower() == name.lower()), None)
