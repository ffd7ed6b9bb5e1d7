"""The verbs of the IDL project's client, over Rucio's own: data and metadata go into the lake together.

    IDL upload --scope SCOPE --rse RSE --file FILE… --meta JSON…     (or --bulk-txt LIST: `file meta` on each line)
    IDL get-metadata DID…
    IDL list-dids --scope SCOPE --filters "KEY = VALUE AND KEY >= VALUE OR …" [--select "KEY, KEY"]
    IDL download --scope SCOPE --file NAME [--base_dir FOLDER]

The catalogue's plugin takes metadata of several files as one batch, between a START and an END: that is how the project's
server does it, and its own client works here as well. What differs: this one ends with status 1 when something failed,
and names it.
"""

import argparse
import hashlib
import json
import re
import secrets
import sys
import zlib
from datetime import datetime
from pathlib import Path

PLUGIN = "IDL"
CONDITION = re.compile(r"(\w+)\s*(LIKE|>=|<=|!=|>|<|=)\s*(\S+)")


def parse_filters(text):
    """`A = x AND B >= y OR C LIKE z%` as a list of alternatives, each with all its conditions."""
    alternatives = []
    for alternative in re.split(r"\bOR\b", text):
        conditions = {}
        for condition in re.split(r"\bAND\b", alternative):
            found = CONDITION.fullmatch(condition.strip())
            if found is None:
                raise SystemExit(f"This is no condition: {condition.strip()!r}. Write KEY = VALUE, without spaces in VALUE.")
            key, operator, value = found.groups()
            conditions[f"{key}.{operator}"] = value.strip("'\"")
        alternatives.append(conditions)
    return alternatives


def pairs_of(text):
    """`file meta` on each line, as a list. Raises ValueError that names the line."""
    pairs = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words:
            continue
        if len(words) != 2:
            raise ValueError(f"line {number}: a data file and a metadata file were expected, {len(words)} words found")
        pairs.append((Path(words[0]), Path(words[1])))
    return pairs


def record_of(scope, file, meta):
    """What the catalogue keeps of a file: its metadata, which file it is of, and a checksum of that."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return json.loads(meta.read_text()) | {"LINK": f"{scope}:{file.name}", "sha256": digest}


def batch_of(scope):
    """A name for one batch: nobody else's, at any time."""
    return f"{scope}_{datetime.now():%Y-%m-%dT%H:%M:%S.%f}_{secrets.token_hex(4)}"


def upload(scope, rse, pairs):
    """Data first, then metadata. Returns the names that are complete, and those that are not, each with a reason."""
    from rucio.client import Client
    from rucio.common.exception import RucioException

    complete, failed, stored = [], {}, []
    client = Client()
    for file, meta in pairs:
        try:
            record = record_of(scope, file, meta)
            store(client, scope, rse, file)
            stored.append((file, record))
        except (OSError, ValueError, RucioException) as error:
            failed[file.name] = f"not stored: {error}".splitlines()[0]
    batch = batch_of(scope)
    client.set_metadata(scope, f"{batch}_START.json", "JSON", "json_string")
    for number, (file, record) in enumerate(stored):
        try:
            client.set_metadata(scope, f"{batch}_{number}.json", "JSON", json.dumps(record))
            complete.append(file.name)
        except RucioException as error:
            failed[file.name] = f"stored, but not described: {error}".splitlines()[0]
    client.set_metadata(scope, f"{batch}_END.json", "JSON", "json_string")
    return complete, failed


def store(client, scope, rse, file):
    """Sends a file, unless the lake has the same bytes under that name at that place. Raises where it has others."""
    from rucio.client.uploadclient import UploadClient

    known = checksum_of(client, scope, file.name)
    if known is not None and known != f"{zlib.adler32(file.read_bytes()):08x}":
        raise ValueError("the lake has other data under this name, and a name is used once")
    if known is not None and has_copy(client, scope, file.name, rse):
        return
    item = {"path": str(file), "rse": rse, "did_scope": scope, "did_name": file.name, "register_after_upload": True}
    UploadClient(client).upload([item])


def checksum_of(client, scope, name):
    """adler32 of a name in the catalogue; None where there is no such name."""
    from rucio.common.exception import DataIdentifierNotFound

    try:
        return client.get_metadata(scope, name)["adler32"]
    except DataIdentifierNotFound:
        return None


def has_copy(client, scope, name, rse):
    asked = [{"scope": scope, "name": name}]
    return any(replica["states"].get(rse) == "AVAILABLE" for replica in client.list_replicas(asked))


def get_metadata(dids):
    """The records of these DIDs, in order."""
    from rucio.client import Client

    client = Client()
    batch = batch_of(dids[0].partition(":")[0])
    client.get_metadata("START", f"{batch}|get-metadata_handling:START", plugin=PLUGIN)
    for did in dids:
        scope, _, name = did.partition(":")
        client.get_metadata(scope, f"{batch}|get-metadata_handling:{name}", plugin=PLUGIN)
    return client.get_metadata("END", f"{batch}|get-metadata_handling:END", plugin=PLUGIN)["Output"]


def list_dids(scope, filters, select=None):
    """Records that fit, each with the selected keys and its LINK; and how many there are in all."""
    from rucio.client import Client

    keys = f"{select}, LINK" if select else "LINK"
    *records, total = Client().list_dids(scope, [*parse_filters(filters), {"sql_select": keys}], did_type="all")
    return records, total["total_count"]


def download(scope, name, folder):
    """The file, compared with the sha256 that was taken before its upload. Returns its path."""
    from rucio.client.downloadclient import DownloadClient

    DownloadClient().download_dids([{"did": f"{scope}:{name}", "base_dir": str(folder)}])
    path = folder / scope / name
    (record,) = get_metadata([f"{scope}:{name}"])
    if hashlib.sha256(path.read_bytes()).hexdigest() != record.get("sha256"):
        raise SystemExit(f"{path} is not what was uploaded: its sha256 differs from that of the metadata.")
    return path


def arguments(words):
    parser = argparse.ArgumentParser(prog="IDL", description="Data and metadata of the interoperable data lake.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("upload")
    verb.add_argument("--scope", required=True)
    verb.add_argument("--rse", required=True)
    verb.add_argument("--file", nargs="+", type=Path, default=[])
    verb.add_argument("--meta", nargs="+", type=Path, default=[])
    verb.add_argument("--bulk-txt", type=Path)
    verb = verbs.add_parser("get-metadata")
    verb.add_argument("dids", nargs="+")
    verb = verbs.add_parser("list-dids")
    verb.add_argument("--scope", required=True)
    verb.add_argument("--filters", required=True)
    verb.add_argument("--select")
    verb = verbs.add_parser("download")
    verb.add_argument("--scope", required=True)
    verb.add_argument("--file", required=True)
    verb.add_argument("--base_dir", type=Path, default=Path.home())
    given = parser.parse_args(words)
    if given.verb == "upload" and not given.bulk_txt and (not given.file or len(given.file) != len(given.meta)):
        parser.error("as many --meta as --file, or a list with --bulk-txt")
    return given


def say_upload(given):
    pairs = pairs_of(given.bulk_txt.read_text()) if given.bulk_txt else list(zip(given.file, given.meta))
    complete, failed = upload(given.scope, given.rse, pairs)
    for name in complete:
        print(f"{given.scope}:{name}  data and metadata")
    for name, reason in failed.items():
        print(f"{given.scope}:{name}  FAILED, {reason}")
    print(f"{len(complete)} of {len(pairs)} are in the lake.")
    return 1 if failed else 0


def say_metadata(given):
    for number, record in enumerate(get_metadata(given.dids)):
        if number:
            print("------")
        width = max(map(len, record), default=0) + 1
        for key, value in sorted(record.items()):
            print(f"{key + ':':{width}} {value}")
    return 0


def say_list(given):
    records, total = list_dids(given.scope, given.filters, given.select)
    for record in sorted(records, key=lambda each: each["LINK"]):
        shown = [f"{key} = {value}" for key, value in record.items() if key != "LINK"]
        print("  ".join([record["LINK"], *shown]))
    print(f"Total DIDs found: {total}.")
    return 0


def say_download(given):
    print(download(given.scope, given.file, given.base_dir))
    return 0


VERBS = {"upload": say_upload, "get-metadata": say_metadata, "list-dids": say_list, "download": say_download}


def main(words):
    given = arguments(words)
    return VERBS[given.verb](given)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
