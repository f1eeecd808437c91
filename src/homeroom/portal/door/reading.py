"""Queries of the door, one account at a time (reading_accounts.sql). The login `door` has no right on a table with data about a person."""

import json
from collections.abc import Sequence
from typing import Any

from homeroom.portal.access.models import Session
from homeroom.portal.access.reading import Reading
from homeroom.portal.door.models import Account, Step

ACCOUNT = ("id", "uuid", "side", "sign_in_name", "is_active")
SESSION = ("key", "expires_at", "proven_at", "is_strong", "is_own_device", "has_news", "method")
_account = Reading(Account, "account_named", ACCOUNT, name="text")
_session = Reading(Session, "session_shown", (*SESSION, *ACCOUNT), key="bytea")
_step = Reading(Step, "step_shown", ("key", "kind", "state", *ACCOUNT), key="bytea", kind="text")


def account_named(name: str) -> Account | None:
    return next((account_of(row) for row in _account.rows(name=name)), None)


def session_by(key: bytes) -> Session | None:
    """Returns a session that is running."""
    rows = _session.rows(key=key)
    return next((Session(**dict(zip(SESSION, row, strict=False)), side=row[9], account=account_of(row[7:])) for row in rows), None)


def step_by(key: bytes, kind: str) -> Step | None:
    rows = _step.rows(key=key, kind=kind)
    return next((Step(key=row[0], kind=row[1], state=json.loads(row[2]), account=account_of(row[3:]) if row[3] else None) for row in rows), None)


def account_of(row: Sequence[Any]) -> Account:
    """Reads the columns ACCOUNT, in their order."""
    return Account(**dict(zip(ACCOUNT, row, strict=True)))
