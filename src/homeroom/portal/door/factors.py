"""Which second factors an account has, and what its person does with them. Who must have one keeps at least one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from homeroom.portal.door.models import Account, Authenticator, Credential, Passkey, RecoveryCode

LONGEST_NAME = 60


def must_be_strong(account: Account) -> bool:
    """Whether no session without a second factor may begin: by what the person is, or because the password is short."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT must_be_strong(%s, %s)", [account.person_id, account.side])
        row = cursor.fetchone()
    return bool(row and row[0]) or Credential.objects.filter(account=account, is_long=False).exists()


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
    for model in (Passkey, Authenticator):
        model.objects.filter(account=account, uuid=factor.uuid).update(name=name[:LONGEST_NAME])


def remove_factor(account: Account, factor: Factor) -> None:
    """With the last one the recovery codes go, too."""
    for model in (Passkey, Authenticator):
        model.objects.filter(account=account, uuid=factor.uuid).delete()
    if not factors_of(account):
        RecoveryCode.objects.filter(account=account).delete()
