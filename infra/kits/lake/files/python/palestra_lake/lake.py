"""The lake as a learner's token sees it: Rucio's REST interface and the issuer, over one session."""
import configparser
import email.utils
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import urlsplit

from palestra_lake import settings
from palestra_lake.elements import cause
from palestra_lake.token import Token
from palestra_lake.verdict import Address

SECONDS = 10
SCHEMES = ("https", "davs")


class Unanswered(Exception):
    """Nobody answered, or nobody that can be trusted."""

    def __init__(self, sentence: str, todo: str, certificate: bool = False) -> None:
        super().__init__(sentence)
        self.todo = todo
        self.certificate = certificate


@dataclass(frozen=True)
class Element:
    """One storage element that speaks https; `address.path` is its prefix, with a slash at its end."""

    name: str
    address: Address


class Lake:
    def __init__(self, parser: configparser.ConfigParser, token: Token) -> None:
        import requests

        self.url = parser.get("client", "rucio_host", fallback="").rstrip("/")
        self.host = urlsplit(self.url).hostname or ""
        self.token = token
        self.authority = settings.authority(parser)
        self.session = requests.Session()

    def get(self, path: str, signed: bool = True) -> Any:
        """@throws Unanswered"""
        if not self.url:
            raise Unanswered("no rucio.cfg says where Rucio is", "set RUCIO_CONFIG to your lake's rucio.cfg")
        headers = {"X-Rucio-Auth-Token": self.token.text} if signed and self.token.text else {}
        return self.fetch(self.url + path, headers)

    def fetch(self, url: str, headers: "dict[str, str]") -> Any:
        import requests

        host = urlsplit(url).hostname
        try:
            # said each time: a session's own gives way to REQUESTS_CA_BUNDLE
            return self.session.get(url, headers=headers, timeout=SECONDS, verify=self.authority)
        except requests.exceptions.SSLError as error:
            raise Unanswered(f"the certificate of {host} is not trusted: {cause(error)}", "SSL_CERT_FILE must name the lake's authority", certificate=True) from error
        except requests.exceptions.Timeout as error:
            raise Unanswered(f"{host} did not answer within {SECONDS} seconds", "try again; then tell the lake's operator") from error
        except requests.exceptions.RequestException as error:
            raise Unanswered(f"{host} does not answer: {cause(error)}", "is this machine where the lake can be reached? In a sandbox: resume the lab") from error

    def whoami(self) -> "Optional[dict[str, Any]]":
        """The token's account; None where Rucio refuses the token. @throws Unanswered"""
        answer = self.get("/accounts/whoami")
        return None if answer.status_code in (401, 403, 404) else one_json(self.host, answer)

    def lines(self, path: str) -> "list[Any]":
        """What Rucio sends as one JSON text a line. @throws Unanswered"""
        answer = self.get(path)
        texts = [line for line in answer.text.splitlines() if line.strip()] if answer.ok else [answer.text]
        return [one_json(self.host, answer, line) for line in texts]

    def json(self, path: str, signed: bool = True) -> Any:
        """@throws Unanswered"""
        return one_json(self.host, self.get(path, signed))

    def usage(self, account: str) -> "list[dict[str, Any]]":
        return sorted(self.lines(f"/accounts/{account}/usage/local"), key=lambda one: str(one["rse"]))

    def elements(self) -> "list[Element]":
        names = sorted(str(one["rse"]) for one in self.lines("/rses/"))
        found = [element_of(name, self.json(f"/rses/{name}")) for name in names]
        return [one for one in found if one is not None]

    def signature(self, issuer: str) -> Optional[str]:
        """@returns what is wrong with the token's signature; None: it is the issuer's. @throws Unanswered"""
        import jwt

        if not issuer.startswith("https://"):
            return "cannot be verified: the issuer's address is not https"
        host = urlsplit(issuer).hostname or issuer
        found = one_json(host, self.fetch(issuer.rstrip("/") + "/.well-known/openid-configuration", {}))
        keys = jwt.PyJWKSet.from_dict(one_json(host, self.fetch(found["jwks_uri"], {}))).keys
        name = self.token.header.get("kid")
        named = [key for key in keys if name is None or key.key_id in (None, name)]
        if not named:
            return f"is by a key ({name}) that the issuer no longer has"
        return None if any(self.signed_by(key) for key in named) else "is not the issuer's"

    def signed_by(self, key: Any) -> bool:
        import jwt

        never = {"verify_exp": False, "verify_aud": False, "verify_iss": False, "verify_nbf": False, "verify_iat": False, "verify_sub": False}
        try:
            jwt.decode(self.token.text or "", key.key, algorithms=[key.algorithm_name], options={"verify_signature": True, **never})
        except jwt.InvalidTokenError:
            return False
        return True

    def certificate_ends(self) -> Optional[float]:
        """Seconds since the epoch; None where Rucio is not asked over TLS."""
        where = urlsplit(self.url)
        if where.scheme != "https":
            return None
        context = trusting(self.authority)
        with socket.create_connection((self.host, where.port or 443), SECONDS) as plain:
            with context.wrap_socket(plain, server_hostname=self.host) as secure:
                ends = (secure.getpeercert() or {}).get("notAfter")
        return ssl.cert_time_to_seconds(str(ends)) if ends else None

    def identity(self) -> str:
        """The token's owner as Rucio's operators write it."""
        claims = self.token.claims or {}
        return f"SUB={claims.get('sub')}, ISS={claims.get('iss')}"


def one_json(host: str, answer: Any, text: Optional[str] = None) -> Any:
    """@throws Unanswered where it is an error, or no JSON"""
    later = "try again in a minute; then tell the lake's operator"
    if not answer.ok:
        raise Unanswered(f"{host} is in trouble: it answered with status {answer.status_code}", later)
    try:
        return json.loads(answer.text if text is None else text)
    except ValueError as error:
        raise Unanswered(f"{host} answered something that is no JSON", later) from error


def trusting(authority: "str | bool") -> ssl.SSLContext:
    import os

    if not isinstance(authority, str):
        return ssl.create_default_context()
    folder = os.path.isdir(authority)
    return ssl.create_default_context(capath=authority if folder else None, cafile=None if folder else authority)


def element_of(name: str, settings_of: "dict[str, Any]") -> Optional[Element]:
    for protocol in settings_of.get("protocols", []):
        if protocol["scheme"] in SCHEMES:
            prefix = "/" + protocol["prefix"].strip("/") + "/"
            return Element(name, Address(protocol["hostname"], int(protocol["port"]) or None, prefix))
    return None


def moment(date: Optional[str]) -> Optional[float]:
    """Seconds since the epoch from a Date header."""
    parsed = email.utils.parsedate_to_datetime(date) if date else None
    return None if parsed is None else parsed.timestamp()
