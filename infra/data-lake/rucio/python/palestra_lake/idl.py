"""
The metadata plugin "IDL". In production it is backed by AyraDB; here the same client protocol is kept in Rucio's own
table of JSON metadata. The IDL client (unmodified) speaks to it in three ways of its own:

- `JSON`: one document for one file, between a START and an END, whose LINK names the file;
- `get_metadata` of names `PREFIX|get-metadata_handling:NAME`: START, then each name, then END gives them all;
- `list_dids` with a filter `sql_select` that names columns, and keys of the form `KEY.<operator>`.
"""

import fnmatch
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Optional

from sqlalchemy import select

from rucio.common import exception
from rucio.common.types import InternalScope
from rucio.core.did_meta_plugins.json_meta import JSONDidMeta
from rucio.db.sqla import models
from rucio.db.sqla.session import read_session, stream_session, transactional_session

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# ours alone: what is stale in it is removed
FOLDER = os.environ["PALESTRA_LAKE_IDL"]
MARK = "|get-metadata_handling:"
# a gathering that was never ended is nobody's after an hour
STALE_SECONDS = 3600

# the client sends the symbol itself after the key: `START_TIME.>=`
OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "!=": lambda a, b: a != b,
    "=": lambda a, b: a == b,
    "": lambda a, b: a == b,
    "LIKE": lambda a, b: fnmatch.fnmatchcase(a, b.replace("%", "*")),
}


class IdlDidMeta(JSONDidMeta):
    def __init__(self) -> None:
        super().__init__()
        self._plugin_name = "IDL"

    def manages_key(self, key: str, *, session: "Optional[Session]" = None) -> bool:
        return key in ("JSON", "sql_select") or re.sub(r"\..*$", "", key).isupper()

    @transactional_session
    def set_metadata(
        self, scope: InternalScope, name: str, key: str, value: str, recursive: bool = False, *, session: "Session"
    ) -> None:
        if key != "JSON":
            super().set_metadata_bulk(scope, name, {key: value}, recursive, session=session)
        elif value != "json_string":  # the client's START and END
            document = json.loads(value)
            self._set_document(scope, document, recursive, session)

    def _set_document(
        self, scope: InternalScope, document: dict[str, Any], recursive: bool, session: "Session"
    ) -> None:
        linked, _, name = str(document.get("LINK", "")).partition(":")
        # Rucio has asked whether the caller owns `scope`, and nobody has asked about the one in the document
        if linked != scope.external:
            raise exception.AccessDenied(f"LINK names a file outside of scope {scope.external}")
        super().set_metadata_bulk(InternalScope(linked, vo=scope.vo), name, document, recursive, session=session)

    @read_session
    def get_metadata(self, scope: InternalScope, name: str, *, session: "Session") -> Any:
        if MARK not in name:
            return super().get_metadata(scope, name, session=session)
        prefix, _, one = name.partition(MARK)
        # the scope is no part of the name: the client asks START and END of scopes called so
        gathering = Gathering(prefix)
        if one == "START":
            return gathering.begin()
        if one == "END":
            return {"Output": gathering.end()}
        return gathering.add(super().get_metadata(scope, one, session=session))

    @stream_session
    def list_dids(
        self,
        scope: InternalScope,
        filters: list[dict[str, Any]],
        did_type: str = "collection",
        ignore_case: bool = False,
        limit: Optional[int] = None,
        offset: Optional[int] = None,
        long: bool = False,
        recursive: bool = False,
        ignore_dids: Optional[set[str]] = None,
        *,
        session: "Session",
    ) -> Iterator[dict[str, Any]]:
        columns = wanted_columns(filters)
        count = 0
        of_scope = select(models.DidMeta.meta).where(models.DidMeta.scope == scope)
        for meta in session.execute(of_scope).scalars():
            if meta and "LINK" in meta and matches(meta, filters):
                count += 1
                yield dict(meta) if "*" in columns else {column: meta.get(column) for column in columns}
        yield {"total_count": count, "limited": False}


def wanted_columns(filters: list[dict[str, Any]]) -> list[str]:
    chosen = next((one["sql_select"] for one in filters if "sql_select" in one), "LINK")
    return [column.strip() for column in str(chosen).split(",")]


def matches(meta: dict[str, Any], filters: list[dict[str, Any]]) -> bool:
    """Filters are alternatives; within one, all conditions hold."""
    alternatives = [one for one in filters if "sql_select" not in one]
    return not alternatives or any(all(holds(meta, *item) for item in one.items()) for one in alternatives)


def holds(meta: dict[str, Any], condition: str, value: Any) -> bool:
    """Values are compared as text, as they are in a TDM file: dates there sort as text does."""
    key, _, symbol = condition.partition(".")
    compare = OPERATORS.get(symbol)
    if compare is None:
        raise exception.InvalidMetadata(f"{symbol} is no operator; there are {' '.join(OPERATORS)}")
    return key in meta and compare(str(meta[key]), str(value).strip("'\""))


class Gathering:
    """Answers between a client's START and END, in a file: two requests may meet two workers."""

    def __init__(self, name: str) -> None:
        self.path = os.path.join(FOLDER, hashlib.sha256(name.encode()).hexdigest())

    def begin(self) -> dict[str, Any]:
        self._forget_stale()
        open(self.path, "w", encoding="utf-8").close()
        return {}

    def add(self, meta: Any) -> dict[str, Any]:
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(meta) + "\n")
        return {}

    def end(self) -> list[Any]:
        if not os.path.exists(self.path):
            raise exception.InvalidMetadata("END without a START")
        with open(self.path, encoding="utf-8") as file:
            found = [json.loads(line) for line in file]
        os.unlink(self.path)
        return found

    @staticmethod
    def _forget_stale() -> None:
        for entry in os.scandir(FOLDER):
            if time.time() - entry.stat().st_mtime > STALE_SECONDS:
                os.unlink(entry.path)
