"""Why Rucio refused a token, for the log: Rucio itself answers the same words for every reason."""

import base64
import binascii
import json
import time
from typing import Any, Optional

from rucio.common.config import config_get

UNTRUSTED = "its issuer or signature is not one that Rucio trusts, or no account is for its subject"


def why_refused(token: str) -> dict[str, str]:
    """
    :returns: `reason`, a sentence, and `subject`, whom the token says it is for. Nothing here was verified: the
              signature is not looked at, so both are for reading and never for deciding.
    """
    if not token:
        return {"reason": "no token was sent"}
    claims = claims_of(token)
    if claims is None:
        return {"reason": "what was sent is no JWT"}
    return {"reason": reason_of(claims), "subject": str(claims.get("sub", ""))[:200]}


def claims_of(token: str) -> Optional[dict[str, Any]]:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    return claims if isinstance(claims, dict) else None


def reason_of(claims: dict[str, Any]) -> str:
    late = time.time() - float(claims.get("exp") or 0)
    if late > 0:
        return f"it expired {round(late)} s ago"
    audience = config_get("oidc", "expected_audience", False, "rucio")
    given = claims.get("aud") or []
    if audience not in (given if isinstance(given, list) else [given]):
        return f"its audience is {given}, not {audience}"
    missing = set(config_get("oidc", "expected_scope", False, "").split()) - set(str(claims.get("scope", "")).split())
    if missing:
        return f"its scope lacks {' '.join(sorted(missing))}"
    return UNTRUSTED


def looks_right(token: str) -> bool:
    """What can be seen without keys and accounts is as it should be."""
    claims = claims_of(token)
    return claims is not None and reason_of(claims) == UNTRUSTED
