"""Which second factors an account has, and what its person does with them. Who must have one keeps at least one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from homeroom.portal.door.models import Account, Authenticator, Passkey, RecoveryCode

LONGEST_NAME = 60
_LOCK = 4  # the class of the advisory locks taken here
GROUPS = 16  # every login can read the keys of locks: one names a group of accounts, not an account


class FactorMissing(Exception):
    """This account begins no session by a password alone, and has nothing else yet."""


class FactorAsked(Exception):
    """This account has a second factor: it begins no session without it."""


class LastFactor(Exception):
    """Without it the account could not sign in any more."""


def must_be_strong(account: Account) -> bool:
    """Whether no session without a second factor may begin: by what the person is, or because the password is short."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT needs_factor(%s)", [account.id])
        row = cursor.fetchone()
    return bool(row and row[0])


@dataclass(frozen=True, slots=True)
class Factor:
    uuid: UUID
    kind: str  # passkey, authenticator
    name: str
    created_at: datetime
    last_used_at: datetime | None


def factors_of(account: Account) -> list[Factor]:
    """Oldest first. Recovery codes are none: they stand in for one that is lost."""
    found = [
        Factor(each.uuid, kind, each.name, each.created_at, each.last_used_at)
        for kind, model in (("passkey", Passkey), ("authenticator", Authenticator))
        for each in model.objects.filter(account=account)
    ]
    return sorted(found, key=lambda factor: factor.created_at)


def rename_factor(account: Account, factor: Factor, name: str) -> None:
    named = name.strip()[:LONGEST_NAME] or factor.name
    for model in (Passkey, Authenticator):
        model.objects.filter(account=account, uuid=factor.uuid).update(name=named)


def remove_factor(account: Account, factor: Factor) -> None:
    """With the last one the recovery codes go, too. In the caller's transaction. Raises LastFactor."""
    with connection.cursor() as cursor:  # two that are removed at once would each be the last but one
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, account.id % GROUPS])
    if {each.uuid for each in factors_of(account)} <= {factor.uuid} and must_be_strong(account):
        raise LastFactor
    for model in (Passkey, Authenticator):
        model.objects.filter(account=account, uuid=factor.uuid).delete()
    if not factors_of(account):
        RecoveryCode.objects.filter(account=account).delete()
