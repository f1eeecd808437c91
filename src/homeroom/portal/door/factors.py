"""Which second factors an account has, and what its person does with them. Who must have one keeps at least one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.reading import Reading
from homeroom.portal.door.models import Account

LONGEST_NAME = 60


class FactorMissing(Exception):
    """This account begins no session by a password alone, and has nothing else yet."""


class FactorAsked(Exception):
    """This account has a second factor: it begins no session without it."""


class LastFactor(Exception):
    """Without it the account could not sign in any more."""


@dataclass(frozen=True, slots=True)
class Factor:
    uuid: UUID
    kind: str  # passkey, authenticator
    name: str
    created_at: datetime
    last_used_at: datetime | None


FACTORS = Reading(Factor, "factors_shown", account="uuid")


def factors_of(account: Account) -> list[Factor]:
    """Oldest first. Recovery codes are none: they stand in for one that is lost."""
    return FACTORS(account=account.uuid)


def rename_factor(account: Account, factor: Factor, name: str) -> None:
    named = name.strip()[:LONGEST_NAME] or factor.name
    server_bound("SELECT rename_factor(%s, %s, %s)", (account.uuid, factor.uuid, named))


def remove_factor(account: Account, factor: Factor) -> None:
    """With the last one the recovery codes go, too. In the caller's transaction. Raises LastFactor."""
    if not server_bound("SELECT remove_factor(%s, %s)", (account.uuid, factor.uuid)):
        raise LastFactor
