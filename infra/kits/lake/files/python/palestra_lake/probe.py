"""A real tiny file, written to an element, read back and removed: whether one may is only known by doing it."""
import secrets
from dataclasses import dataclass
from typing import Any

from palestra_lake.elements import bearer, cause, url_of
from palestra_lake.lake import Element
from palestra_lake.token import Token
from palestra_lake.verdict import Address

# seconds: an element that stands for tape is slow by design
SECONDS = 30


@dataclass(frozen=True)
class Probe:
    ok: bool
    said: str
    """where it lies and what is in it; empty where it could not be written"""
    path: str = ""
    content: bytes = b""


def write_probe(element: Element, account: str, token: Token, authority: "str | bool") -> Probe:
    path = f"{element.address.path}user/{account}/.palestra-check-{secrets.token_hex(6)}"
    content = secrets.token_hex(16).encode()
    status, said = send("PUT", element, path, token, authority, data=content)
    if status not in (200, 201, 204):
        return Probe(False, said)
    return Probe(True, "a file of 32 bytes was written and removed", path, content)


def read_probe(element: Element, account: str, token: Token, authority: "str | bool", written: Probe) -> Probe:
    """Reads what was written, and removes it; where nothing could be written, asks for the learner's own folder."""
    if not written.ok:
        status, said = send("HEAD", element, f"{element.address.path}user/{account}/", token, authority)
        return Probe(status in (200, 404), "your folder there answers" if status in (200, 404) else said)
    try:
        return read_back(element, token, authority, written)
    finally:
        send("DELETE", element, written.path, token, authority)


def read_back(element: Element, token: Token, authority: "str | bool", written: Probe) -> Probe:
    answer, said = ask("GET", element, written.path, token, authority)
    if answer is None or answer.status_code != 200:
        return Probe(False, said)
    if answer.content != written.content:
        return Probe(False, "what was read is not what was written: the element answers garbage")
    return Probe(True, f"read back in {round(answer.elapsed.total_seconds() * 1000)} ms")


def send(verb: str, element: Element, path: str, token: Token, authority: "str | bool", **options: Any) -> "tuple[int, str]":
    answer, said = ask(verb, element, path, token, authority, **options)
    return (0 if answer is None else answer.status_code), said


def ask(verb: str, element: Element, path: str, token: Token, authority: "str | bool", **options: Any) -> "tuple[Any, str]":
    import requests

    where = Address(element.address.host, element.address.port, path)
    try:
        answer = requests.request(verb, url_of(where), headers=bearer(token), verify=authority, timeout=SECONDS, **options)
    except requests.exceptions.RequestException as error:
        return None, f"{element.address.host} does not answer: {cause(error)}"
    return answer, f"{element.address.host} answered {answer.status_code} {answer.reason}"
