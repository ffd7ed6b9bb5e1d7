"""`palestra lake check`: token, clock, certificate, Rucio, account, quota and elements, each asked itself, in one table."""
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Callable, Optional

from palestra_lake import lake as lakes
from palestra_lake import refused, settings, token
from palestra_lake.lake import Element, Lake, Unanswered
from palestra_lake.probe import read_probe, write_probe
from palestra_lake.refused import spoken

# seconds two clocks may differ: tokens are taken a little before and after their time
CLOCK_LEEWAY = 60
# seconds a certificate should still hold
CERTIFICATE_DAYS = 7


@dataclass(frozen=True)
class Row:
    """`ok` is None where it could not be asked, because of a row above."""

    name: str
    ok: Optional[bool]
    found: str
    todo: str = ""


def run(as_json: bool) -> int:
    rows = check(settings.settings(), token.find(), time.time())
    print(as_text(rows) if not as_json else json.dumps({"ok": well(rows), "rows": [asdict(row) for row in rows]}, indent=2))
    return 0 if well(rows) else 1


def well(rows: "list[Row]") -> bool:
    return all(row.ok for row in rows)


def check(parser: "settings.configparser.ConfigParser", found: token.Token, now: float) -> "list[Row]":
    wanted = settings.wanted(parser)
    lake = Lake(parser, found)
    rows = [token_row(found, wanted, now)]
    server = server_rows(lake, now)
    rows += claim_rows(found, wanted, now, lake)
    rows += server
    if server[-1].ok is not True:
        return [*rows, *(Row(name, None, "not asked: Rucio did not answer") for name in ("account", "quota", "elements"))]
    try:
        return [*rows, *learner_rows(lake, found, wanted, now, signed=rows[1].ok)]
    except Unanswered as error:
        return [*rows, Row("account", False, str(error), error.todo)]


def token_row(found: token.Token, wanted: refused.Wanted, now: float) -> Row:
    reasons = refused.unfit(found, now)
    if reasons:
        return Row("token", False, reasons[0], wanted.cure())
    left = found.seconds_left(now)
    life = "it never ends" if left is None else f"good for {spoken(left)} more"
    return Row("token", True, f"{found.source}, {life}")


def claim_rows(found: token.Token, wanted: refused.Wanted, now: float, lake: Lake) -> "list[Row]":
    if found.claims is None:
        return [Row(name, None, "not asked: there is no token") for name in ("issuer", "audience", "scope")]
    lacking = [scope for scope in wanted.scopes if scope not in found.scopes()]
    storage = [scope for scope in found.scopes() if scope.startswith("storage.")]
    return [
        issuer_row(found, wanted, lake),
        Row(
            "audience",
            wanted.audience in found.audiences(),
            refused.listed(found.audiences()),
            "" if wanted.audience in found.audiences() else f"ask for a token whose audience holds {wanted.audience}",
        ),
        Row("scope", not lacking and bool(storage), refused.listed(found.scopes()), scope_todo(lacking, storage)),
    ]


def scope_todo(lacking: "list[str]", storage: "list[str]") -> str:
    if lacking:
        return f"ask for a token with {refused.listed(lacking)}"
    return "" if storage else "it opens no element: ask for storage.read:/ and storage.create:/user/NAME"


def issuer_row(found: token.Token, wanted: refused.Wanted, lake: Lake) -> Row:
    issuer = str((found.claims or {}).get("iss", ""))
    if wanted.issuer and issuer != wanted.issuer:
        return Row("issuer", False, issuer or "the token names none", f"Rucio takes tokens of {wanted.issuer}")
    try:
        verdict = lake.signature(issuer)
    except Unanswered as error:
        return Row("issuer", False, f"{issuer}: {error}", "nobody can verify a token while its issuer is silent; try again soon")
    return Row("issuer", verdict is None, f"{issuer}, its signature {verdict or 'is right'}", "" if verdict is None else "get a new token")


def server_rows(lake: Lake, now: float) -> "list[Row]":
    began = time.time()
    try:
        answer = lake.get("/ping", signed=False)
        version = lakes.one_json(lake.host, answer).get("version", "?")
    except Unanswered as error:
        certificate = Row("certificate", False, str(error), error.todo) if error.certificate else Row("certificate", None, "not asked: nobody answered")
        return [Row("clock", None, "not asked: nobody answered"), certificate, Row("Rucio", False, str(error), error.todo)]
    milliseconds = round((time.time() - began) * 1000)
    return [clock_row(answer.headers.get("Date"), now), certificate_row(lake, now), Row("Rucio", True, f"{lake.host}, version {version}, answers in {milliseconds} ms")]


def clock_row(date: Optional[str], now: float) -> Row:
    theirs = lakes.moment(date)
    if theirs is None:
        return Row("clock", True, "Rucio does not tell the time")
    apart = now - theirs
    if abs(apart) <= CLOCK_LEEWAY:
        return Row("clock", True, f"within {spoken(abs(apart) + 1)} of Rucio's")
    return Row("clock", False, f"{spoken(abs(apart))} {'ahead of' if apart > 0 else 'behind'} Rucio's", "set the clock (timedatectl): tokens are refused before and after their time")


def certificate_row(lake: Lake, now: float) -> Row:
    ends = lake.certificate_ends()
    if ends is None:
        return Row("certificate", True, f"{lake.host} is not asked over TLS")
    good = ends - now > CERTIFICATE_DAYS * 86400
    return Row("certificate", good, f"of {lake.host}, trusted, good for {spoken(ends - now)}", "" if good else "tell the lake's operator")


def learner_rows(lake: Lake, found: token.Token, wanted: refused.Wanted, now: float, signed: Optional[bool]) -> "list[Row]":
    """Account, quota and elements. @throws Unanswered"""
    account = lake.whoami()
    if account is not None:
        name, status = str(account["account"]), account["status"]
        active = Row("account", status == "ACTIVE", f"{name}, {status}", "" if status == "ACTIVE" else "ask the lake's operator to enable it")
        return [active, quota_row(lake, name), *element_rows(lake, name, found, wanted, now)]
    rest = [Row(name, None, "not asked: no account") for name in ("quota", "elements")]
    if refused.at_rucio(found, wanted, now) or not signed:
        return [Row("account", None, "not asked: Rucio does not take the token"), *rest]
    todo = f"ask for an account for the identity in the token: {lake.identity()}"
    return [Row("account", False, "Rucio takes the token, and knows nobody by it", todo), *rest]


def quota_row(lake: Lake, account: str) -> Row:
    usage = lake.usage(account)
    if not usage:
        return Row("quota", False, "none at any element", "ask the lake's operator for a limit: without one nothing can be kept")
    full = [one["rse"] for one in usage if one["bytes_remaining"] <= 0]
    told = ", ".join(f"{one['rse']} {size(one['bytes'])} of {size(one['bytes_limit'])}" for one in usage)
    return Row("quota", not full, told, "" if not full else f"free some at {refused.listed(full)}: rucio rule list --account {account}; rucio rule remove ID")


def element_rows(lake: Lake, account: str, found: token.Token, wanted: refused.Wanted, now: float) -> "list[Row]":
    elements = lake.elements()
    if not elements:
        return [Row("elements", False, "Rucio knows none that speaks https", "ask the lake's operator")]

    def both(element: Element) -> "list[Row]":
        return probe_rows(element, account, found, wanted, now)

    with ThreadPoolExecutor(len(elements)) as pool:
        return [row for rows in pool.map(both, elements) for row in rows]


def probe_rows(element: Element, account: str, found: token.Token, wanted: refused.Wanted, now: float) -> "list[Row]":
    def row(verb: str, ask: Callable[[], "tuple[bool, str]"]) -> Row:
        ok, said = ask()
        if ok:
            return Row(f"{element.name} {verb}", True, said)
        access = refused.Access(verb, element.address.host, f"{element.address.path}user/{account}/probe")
        reasons = refused.at_element(found, wanted, access, now)
        return Row(f"{element.name} {verb}", False, said, reasons[0] if reasons else "not your token: use another element, or try again later")

    authority = settings.authority(settings.settings())
    written = write_probe(element, account, found, authority)
    read = read_probe(element, account, found, authority, written)
    return [row("read", lambda: (read.ok, read.said)), row("write", lambda: (written.ok, written.said))]


def size(count: float) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count:.0f} B"


def as_text(rows: "list[Row]") -> str:
    width = max(len(row.name) for row in rows)
    lines = []
    for row in rows:
        mark = {True: "ok    ", False: "NOT OK", None: "-     "}[row.ok]
        lines.append(f"  {mark}  {row.name.ljust(width)}  {row.found}")
        if row.ok is False and row.todo:
            lines.append(f"{' ' * (width + 12)}→ {row.todo}")
    wrong = [row.name for row in rows if row.ok is False]
    lines.append("")
    lines.append("Everything is as it should be." if well(rows) else f"Not well: {', '.join(wrong)}.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(run(as_json="--json" in sys.argv))
