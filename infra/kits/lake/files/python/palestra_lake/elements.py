"""What an element itself answers: asked once, after a transfer failed, since the client does not pass its words on."""
from typing import Any

from palestra_lake.token import Token
from palestra_lake.verdict import Address

SECONDS = 10


def url_of(address: Address) -> str:
    return f"https://{address.host}{'' if address.port is None else f':{address.port}'}{address.path}"


def ask(address: Address, token: Token, authority: "str | bool") -> list[str]:
    """One HEAD of a copy, or of the folder it should go to. @returns a sentence; nothing where it answers as it should"""
    import requests

    try:
        answer = requests.head(url_of(address), headers=bearer(token), verify=authority, timeout=SECONDS)
    except requests.exceptions.SSLError as error:
        return [f"The certificate of {address.host} is not trusted here: {cause(error)}."]
    except requests.exceptions.Timeout:
        return [f"{address.host} did not answer within {SECONDS} seconds."]
    except requests.exceptions.RequestException as error:
        return [f"{address.host} does not answer: {cause(error)}. Another element may have a copy."]
    fine = answer.ok or (answer.status_code == 404 and address.path.endswith("/"))
    return [] if fine else [meaning(address, answer.status_code)]


def meaning(address: Address, status: int) -> str:
    said = {
        401: f"{address.host} refused your token, although what it says of itself is right: see `palestra lake check`.",
        403: f"{address.host} refused your token, although what it says of itself is right: see `palestra lake check`.",
        404: f"{address.host} has no such file: {address.path}",
        507: f"{address.host} is full.",
    }
    return said.get(status, f"{address.host} is in trouble: it answered with status {status}. Try again later, or another element.")


def bearer(token: Token) -> dict[str, str]:
    return {} if token.text is None else {"Authorization": f"Bearer {token.text}"}


def cause(error: BaseException) -> str:
    """The innermost words of a library that wraps its errors four times."""
    inner: Any = error
    while True:
        deeper = getattr(inner, "reason", None) or next((one for one in inner.args if isinstance(one, BaseException)), None)
        if not isinstance(deeper, BaseException):
            break
        inner = deeper
    words = str(getattr(inner, "strerror", None) or inner)
    return words.split(": ")[-1].split("] ")[-1].strip("'\"() ").rstrip(".") or type(inner).__name__
