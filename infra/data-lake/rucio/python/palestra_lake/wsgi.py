"""
Rucio's REST server with three differences.

1. A permission that is refused leaves as 403. Rucio says 401, which makes its client believe that the *token* was
   refused: it starts a login in a browser and hides the message.
2. Of the ways to log in only a token (and root's password) is served: learners get tokens, not browser flows.
3. Each request is one JSON line: who, what, how it went and, where a token was refused, why. Never the token.
"""

import json
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from rucio.web.rest.main import application as rucio

from palestra_lake.reasons import why_refused

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Environ = dict[str, Any]

WAYS_IN = ("/auth/userpass", "/auth/validate")
LOG = os.environ.get("PALESTRA_LAKE_REQUESTS", os.devnull)


def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    began = time.time()

    def answered(status: str, headers: Headers, exc_info: Any = None) -> Any:
        status = forbidden_is_403(status, headers)
        note(environ, status, headers, began)
        return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

    path = environ.get("PATH_INFO", "")
    if path.startswith("/auth/") and path not in WAYS_IN:
        return no_such_way_in(answered)
    return rucio(environ, answered)


def forbidden_is_403(status: str, headers: Headers) -> str:
    return "403 FORBIDDEN" if status.startswith("401") and header(headers, "ExceptionClass") == "AccessDenied" else status


def no_such_way_in(start_response: StartResponse) -> Iterable[bytes]:
    message = "This lake takes tokens only. The token is missing, expired or refused: ask the platform for a new one."
    body = json.dumps({"ExceptionClass": "CannotAuthenticate", "ExceptionMessage": message}).encode()
    start_response(
        "401 UNAUTHORIZED",
        [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("ExceptionClass", "CannotAuthenticate"),
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


def header(headers: Headers, name: str) -> "str | None":
    return next((value for key, value in headers if key.lower() == name.lower()), None)
