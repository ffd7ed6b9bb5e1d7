"""`palestra lake put`: through Rucio's own upload client, file by file; what is there already is not sent again."""
import os
import re
import zlib
from dataclasses import dataclass
from typing import Any, Optional, Sequence

from palestra_lake.progress import size
from palestra_lake.session import Session, guarded, say

# Rucio's generic schema
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,249}")
CHUNK = 1 << 20


@dataclass(frozen=True)
class Local:
    path: str
    name: str
    bytes: int
    adler32: str


@dataclass(frozen=True)
class Target:
    element: str
    dataset: Optional[str]
    lifetime: Optional[int]


class Impossible(Exception):
    """This file cannot be put there; its sentence says what to do."""


def run(files: Sequence[str], element: Optional[str], dataset: Optional[str], name: Optional[str], lifetime: Optional[int]) -> int:
    if name is not None and len(files) > 1:
        say("--name is for one file.")
        return 2
    return guarded(lambda session: put_all(session, files, element, dataset, name, lifetime))


def put_all(session: Session, files: Sequence[str], element: Optional[str], dataset: Optional[str], name: Optional[str], lifetime: Optional[int]) -> int:
    done = 0
    for path in files:
        try:
            local = look(path, name)
            target = Target(element or with_room(session, local.bytes), dataset, lifetime)
            print(f"{session.scope}:{local.name}  {put(session, local, target)}")
            done += 1
        except Impossible as error:
            session.progress.end()
            say(f"{path}: {error}")
    return 0 if done == len(files) else 1


def look(path: str, name: Optional[str]) -> Local:
    if not os.path.isfile(path):
        raise Impossible("there is no such file." if not os.path.isdir(path) else "it is a folder; put its files.")
    chosen = name or os.path.basename(path)
    if not NAME.fullmatch(chosen):
        raise Impossible(f"'{chosen}' cannot be a name in the lake: letters, digits, '.', '-' and '_' may be in it. Choose one with --name.")
    return Local(path, chosen, os.path.getsize(path), adler32(path))


def adler32(path: str) -> str:
    value = 1
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            value = zlib.adler32(chunk, value)
    return f"{value & 0xFFFFFFFF:08x}"


def with_room(session: Session, need: int) -> str:
    """Where most is left; tape only where there is nothing else."""
    usage = [one for one in session.lake.usage(session.account) if one["bytes_remaining"] >= need]
    disks = [one for one in usage if not is_tape(session, one["rse"])]
    chosen = max(disks or usage, key=lambda one: float(one["bytes_remaining"]), default=None)
    if chosen is None:
        raise Impossible(f"no element has {size(need)} left for you: rucio account limit list {session.account}")
    return str(chosen["rse"])


def is_tape(session: Session, element: str) -> bool:
    return session.lake.json(f"/rses/{element}/attr/").get("nature") == "tape"


def put(session: Session, local: Local, target: Target) -> str:
    """@returns what was done"""
    from rucio.common.exception import DataIdentifierNotFound, RucioException

    try:
        known = session.client.get_did(session.scope, local.name)
    except DataIdentifierNotFound:
        room(session, local, target)
        return sent(session, local, target, lambda: upload(session, local, target))
    if known["type"] != "FILE":
        raise Impossible(f"{session.scope}:{local.name} is a {known['type'].lower()}; choose another --name.")
    if (known["adler32"], known["bytes"]) != (local.adler32, local.bytes):
        raise Impossible(f"{session.scope}:{local.name} is another file already, and a name is for ever: choose another --name.")
    try:
        said = complete(session, local, target)
        attach(session, local, target)
    except RucioException as error:
        raise Impossible(reason(session, error)) from error
    return said


def room(session: Session, local: Local, target: Target) -> None:
    """Rucio counts after the copy, and would leave it there without a rule."""
    left = {one["rse"]: one["bytes_remaining"] for one in session.lake.usage(session.account)}
    if target.element in left and left[target.element] < local.bytes:
        raise Impossible(f"you have {size(max(0, left[target.element]))} left at {target.element}, it needs {size(local.bytes)}.")


def sent(session: Session, local: Local, target: Target, send: Any) -> str:
    from rucio.common.exception import RucioException

    session.watch.lines.clear()
    try:
        send()
    except RucioException as error:
        raise Impossible(reason(session, error)) from error
    finally:
        session.progress.end()
    return f"{size(local.bytes)} put at {target.element}, adler32 {local.adler32}"


def upload(session: Session, local: Local, target: Target) -> None:
    """Registered once it is there: one that breaks off leaves no name behind that cannot be used again."""
    from rucio.client.uploadclient import UploadClient

    item: "dict[str, Any]" = {
        "path": local.path,
        "rse": target.element,
        "did_scope": session.scope,
        "did_name": local.name,
        "register_after_upload": True,
    }
    if target.dataset is not None:
        item |= {"dataset_scope": session.scope, "dataset_name": target.dataset}
    if target.lifetime is not None and (target.dataset is None or not exists(session, target.dataset)):
        item["lifetime"] = target.lifetime
    UploadClient(session.client, logger=session.logger).upload([item])


def exists(session: Session, name: str) -> bool:
    from rucio.common.exception import DataIdentifierNotFound

    try:
        session.client.get_did(session.scope, name)
    except DataIdentifierNotFound:
        return False
    return True


def complete(session: Session, local: Local, target: Target) -> str:
    """A name that is registered: its copy may be there, half there (an upload that broke off), or elsewhere."""
    did = {"scope": session.scope, "name": local.name}
    states = next(iter(session.client.list_replicas([did], all_states=True)), {}).get("states", {})
    if not states:  # every copy is gone, its name is not
        return sent(session, local, target, lambda: upload(session, local, target))
    state = states.get(target.element)
    if state is not None:
        hold(session, did, target)
    if state == "AVAILABLE":
        return f"is at {target.element} already, adler32 {local.adler32}"
    if state is None:
        here = ", ".join(sorted(states))
        raise Impossible(f"it is in the lake already, at {here}: rucio rule add {session.scope}:{local.name} --copies 1 --rses {target.element}")
    return sent(session, local, target, lambda: finish(session, local, target, did))


def hold(session: Session, did: "dict[str, str]", target: Target) -> None:
    """
    One whose upload was refused for want of quota has its name and no rule, and a second `rucio upload` would put it
    there all the same: without a rule nobody counts it, and nobody keeps it.
    """
    rules = session.client.list_associated_rules_for_file(did["scope"], did["name"])
    if not any(rule["account"] == session.account for rule in rules):
        session.client.add_replication_rule([did], 1, target.element, lifetime=target.lifetime)


def finish(session: Session, local: Local, target: Target, did: "dict[str, str]") -> None:
    """Takes up what `rucio upload` began: the bytes again unless they are there whole, then the word that they are."""
    from rucio.rse import rsemanager

    rse = rsemanager.get_rse_info(target.element, vo=session.client.vo)
    token = session.client.auth_token
    lfn = {**did, "filename": os.path.basename(local.path), "filesize": local.bytes, "adler32": local.adler32}
    if not there(rse, did, local, token):
        folder = os.path.dirname(os.path.abspath(local.path))
        rsemanager.upload(rse, lfn, source_dir=folder, delete_existing=True, auth_token=token, logger=session.logger.log)
    session.client.update_replicas_states(target.element, files=[{**did, "state": "A"}])


def there(rse: Any, did: "dict[str, str]", local: Local, token: str) -> bool:
    from rucio.common.exception import RucioException
    from rucio.rse import rsemanager

    protocol = rsemanager.create_protocol(rse, "read", auth_token=token)
    protocol.connect()
    try:
        found = protocol.stat(next(iter(protocol.lfns2pfns(did).values())))
    except RucioException:
        return False
    finally:
        protocol.close()
    return found.get("filesize") == local.bytes and found.get("adler32") == local.adler32


def attach(session: Session, local: Local, target: Target) -> None:
    from rucio.common.exception import DuplicateContent, FileAlreadyExists

    if target.dataset is None:
        return
    if not exists(session, target.dataset):
        rule = {"account": session.account, "copies": 1, "rse_expression": target.element, "grouping": "DATASET", "lifetime": target.lifetime}
        session.client.add_dataset(session.scope, target.dataset, rules=[rule])
    try:
        session.client.attach_dids(session.scope, target.dataset, [{"scope": session.scope, "name": local.name}])
    except (DuplicateContent, FileAlreadyExists):
        pass  # it was attached before: what is asked for is so


def reason(session: Session, error: Exception) -> str:
    told = session.why("write")
    if told:
        return " ".join(told)
    words = [line.text for line in session.watch.lines if line.text.startswith("Exception: ")]
    return " ".join((words[-1].removeprefix("Exception: ") if words else str(error)).split())
