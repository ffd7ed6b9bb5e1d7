"""
The policy: `generic` and what a learner needs beyond it, and no more. An action that is not named here falls
through to `generic` (the answer None).

Stock `generic` lets only administrators finish an upload (PUT /replicas turns the replica from C to A) and remove
or change even their own rules. On the other hand it looks at a collection's scope alone when something is put into
it: with `rse`, or into an archive, that makes replicas and files in anybody's scope.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Optional

from flask import has_request_context, request
from sqlalchemy import select

from rucio.common.types import InternalAccount, InternalScope
from rucio.core.account import has_account_attribute
from rucio.core.scope import is_scope_owner
from rucio.db.sqla import models

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    Check = Callable[[InternalAccount, dict[str, Any], Session], Optional[bool]]

# what `rucio rule update` may change; not `account`, `source_replica_expression`, `state`
RULE_OPTIONS = {
    "activity",
    "boost_rule",
    "cancel_requests",
    "child_rule_id",
    "comment",
    "lifetime",
    "locked",
    "priority",
    "purge_replicas",
}

# parts of a path that lead elsewhere; the schema lets slashes through
DOTS = {"", ".", ".."}


def _is_admin(issuer: InternalAccount, session: "Session") -> bool:
    return issuer.external == "root" or bool(has_account_attribute(account=issuer, key="admin", session=session))


def _own_rule(issuer: InternalAccount, kwargs: dict[str, Any], session: "Session") -> bool:
    owner = select(models.ReplicationRule.account).where(models.ReplicationRule.id == kwargs["rule_id"])
    return session.execute(owner).scalar_one_or_none() == issuer


def _update_rule(issuer: InternalAccount, kwargs: dict[str, Any], session: "Session") -> bool:
    options = kwargs.get("options") or {}
    # the client always sends `locked`: False is harmless, True would keep the rule from everybody
    return not options.get("locked") and set(options) <= RULE_OPTIONS and _own_rule(issuer, kwargs, session)


def _files_asked_for() -> list[dict[str, Any]]:
    """Rucio's gateway hands over the RSE alone, so the files are read where it reads them: in the request."""
    if not has_request_context() or request.path.rstrip("/") != "/replicas":
        return []
    body = request.get_json(force=True, silent=True)
    files = body.get("files") if isinstance(body, dict) else None
    return files if isinstance(files, list) else []


def _own_files(issuer: InternalAccount, session: "Session") -> bool:
    files = _files_asked_for()
    scopes = {str(file.get("scope")) for file in files}
    # a file's path is made of its name, and elements are asked by Rucio's own token: it must stay in its folder
    plain = all(not DOTS.intersection(str(file.get("name")).split("/")) for file in files)
    return plain and bool(files) and all(
        is_scope_owner(scope=InternalScope(scope, vo=issuer.vo), account=issuer, session=session) for scope in scopes
    )


def _add_replicas(issuer: InternalAccount, kwargs: dict[str, Any], session: "Session") -> bool:
    return str(kwargs.get("rse", "")).endswith("USERDISK") and _own_files(issuer, session)


def _update_replicas_states(issuer: InternalAccount, kwargs: dict[str, Any], session: "Session") -> bool:
    """A learner says of an own file that it has arrived, and nothing else."""
    arrived = all(file.get("state") == "A" for file in _files_asked_for())
    return arrived and _add_replicas(issuer, kwargs, session)


def _keeps_to_own_scopes(issuer: InternalAccount, kwargs: dict[str, Any], session: "Session") -> Optional[bool]:
    """
    What is put into a collection is there already, or in a scope of one's own; its replicas are made by uploads and
    rules. Whether the collection is one's own, `generic` decides.
    """
    if not has_request_context():
        return False
    # an upload's own files: `_add_replicas` has looked at them
    if request.path.rstrip("/") == "/replicas":
        return None
    collections = list(_collections(request.get_json(force=True, silent=True)))
    if any(collection.get("rse") for collection in collections):
        return False
    members = [member for collection in collections for member in collection.get("dids") or []]
    return None if all(_may_be_put(issuer, member, session) for member in members) else False


def _collections(body: Any) -> "Iterator[dict[str, Any]]":
    """Whatever in a request's body has an element or members: one collection, a list of them, `attachments`."""
    if isinstance(body, list):
        for one in body:
            yield from _collections(one)
    elif isinstance(body, dict):
        yield body
        yield from _collections(body.get("attachments"))


def _may_be_put(issuer: InternalAccount, member: Any, session: "Session") -> bool:
    if not isinstance(member, dict):
        return False
    scope = InternalScope(str(member.get("scope")), vo=issuer.vo)
    if is_scope_owner(scope=scope, account=issuer, session=session):
        return True
    did = models.DataIdentifier
    there = select(did.name).where(did.scope == scope, did.name == str(member.get("name")))
    return session.execute(there).first() is not None


def _nobody(issuer: InternalAccount, kwargs: dict[str, Any], session: "Session") -> bool:
    return False


CHECKS: "dict[str, Check]" = {
    "add_replicas": _add_replicas,
    "update_replicas_states": _update_replicas_states,
    "del_rule": _own_rule,
    "reduce_rule": _own_rule,
    "move_rule": _own_rule,
    "update_rule": _update_rule,
    "add_did": _keeps_to_own_scopes,
    "add_dids": _keeps_to_own_scopes,
    "attach_dids": _keeps_to_own_scopes,
    "attach_dids_to_dids": _keeps_to_own_scopes,
    # generic lets everybody, and gives the check no names
    "declare_suspicious_file_replicas": _nobody,
}


def has_permission(
    issuer: InternalAccount, action: str, kwargs: dict[str, Any], session: "Optional[Session]" = None
) -> Optional[bool]:
    """None: `generic` decides."""
    check = CHECKS.get(action)
    if check is None or session is None:
        return None
    return True if _is_admin(issuer, session) else check(issuer, kwargs, session)
