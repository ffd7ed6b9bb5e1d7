"""
The policy: `generic` and what a learner needs beyond it, and no more. An action that is not named here falls
through to `generic` (the answer None).

Stock `generic` lets only administrators finish an upload (PUT /replicas turns the replica from C to A) and remove
or change even their own rules; and it lets everybody add identities to their own account, somebody else's too.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Optional

from flask import has_request_context, request
from sqlalchemy import select

from rucio.common.types import InternalAccount, InternalScope
from rucio.core.account import has_account_attribute
from rucio.core.scope import is_scope_owner
from rucio.db.sqla import models

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    Check = Callable[[InternalAccount, dict[str, Any], Session], bool]

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
    return bool(files) and all(
        is_scope_owner(scope=InternalScope(scope, vo=issuer.vo), account=issuer, session=session) for scope in scopes
    )


def _add_replicas(issuer: InternalAccount, kwargs: dict[str, Any], session: "Session") -> bool:
    return str(kwargs.get("rse", "")).endswith("USERDISK") and _own_files(issuer, session)


def _update_replicas_states(issuer: InternalAccount, kwargs: dict[str, Any], session: "Session") -> bool:
    """A learner says of an own file that it has arrived, and nothing else."""
    arrived = all(file.get("state") == "A" for file in _files_asked_for())
    return arrived and _add_replicas(issuer, kwargs, session)


def _nobody(issuer: InternalAccount, kwargs: dict[str, Any], session: "Session") -> bool:
    return False


CHECKS: "dict[str, Check]" = {
    "add_replicas": _add_replicas,
    "update_replicas_states": _update_replicas_states,
    "del_rule": _own_rule,
    "reduce_rule": _own_rule,
    "move_rule": _own_rule,
    "update_rule": _update_rule,
    # generic lets an account add any identity to itself: somebody else's, made the default one, would take
    # their logins over; a password would outlive every token
    "add_account_identity": _nobody,
    "del_account_identity": _nobody,
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
    return _is_admin(issuer, session) or check(issuer, kwargs, session)
