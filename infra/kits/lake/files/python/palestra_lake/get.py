"""`palestra lake get`: through Rucio's own download client, which verifies checksums; a copy that broke off goes on."""
import os
from typing import Any, Optional, Sequence

from palestra_lake.progress import size
from palestra_lake.session import Session, guarded, say


def run(dids: Sequence[str], element: Optional[str], folder: str) -> int:
    return guarded(lambda session: get_all(session, dids, element, folder))


def get_all(session: Session, dids: Sequence[str], element: Optional[str], folder: str) -> int:
    from rucio.client.downloadclient import DownloadClient

    client = DownloadClient(client=session.client, logger=session.logger, tracing=False)
    return 0 if all([get(session, client, full(session, did), element, folder) for did in dids]) else 1


def full(session: Session, did: str) -> str:
    return did if ":" in did else f"{session.scope}:{did}"


def get(session: Session, client: Any, did: str, element: Optional[str], folder: str) -> bool:
    from rucio.common.exception import RucioException

    session.watch.lines.clear()
    item: "dict[str, Any]" = {"did": did, "base_dir": folder}
    if element is not None:
        item["rse"] = element
    try:
        files = client.download_dids([item], num_threads=1, deactivate_file_download_exceptions=True)
    except RucioException as error:
        say(f"{did}: {' '.join(str(error).split())}")
        return False
    finally:
        session.progress.end()
    return report(session, did, element, files)


def report(session: Session, did: str, element: Optional[str], files: "list[dict[str, Any]]") -> bool:
    if not files or any(line.text.startswith("DID does not exist") for line in session.watch.lines):
        say(f"{did}: {missing(session, did, element)}")
        return False
    good = [tell(one) for one in files]
    if all(good):
        return True
    absent = [one for one, ok in zip(files, good) if not ok]
    for sentence in [*corrupt(session), *session.why("read")] or [nowhere(absent[0], element)]:
        say(sentence)
    return False


def missing(session: Session, did: str, element: Optional[str]) -> str:
    from rucio.common.exception import RucioException

    scope, _, name = did.partition(":")
    try:
        session.client.get_did(scope, name)
    except RucioException as error:
        return " ".join(str(error).split())
    return "there is nothing in it." if element is None else f"{element} has no copy of it: rucio replica list file {did}"


def tell(file: "dict[str, Any]") -> bool:
    state = str(getattr(file.get("clientState"), "value", file.get("clientState"))).upper()
    path = next(iter(file.get("dest_file_paths", [])), "")
    name = f"{file.get('scope')}:{file.get('name')}"
    if state == "DONE":
        print(f"{name}  {size(file.get('bytes') or 0)}, adler32 {file.get('adler32')}, in {os.path.relpath(path)}")
    elif state == "ALREADY_DONE":
        print(f"{name}  is here already, adler32 {file.get('adler32')}, in {os.path.relpath(path)}")
    else:
        say(f"{name} could not be fetched.")
    return state in ("DONE", "ALREADY_DONE")


def corrupt(session: Session) -> "list[str]":
    bad = [line.text for line in session.watch.lines if line.text.startswith("Checksum validation failed")]
    return ["What came has another checksum than the catalogue says: that copy is bad. Ask for it --from another element."] if bad else []


def nowhere(file: "dict[str, Any]", element: Optional[str]) -> str:
    where = "no element has" if element is None else f"{element} does not have"
    return f"{where} a copy of {file.get('scope')}:{file.get('name')}: rucio replica list file {file.get('scope')}:{file.get('name')}"
