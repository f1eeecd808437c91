"""The second factors of an account, and changes to them. An account that must have one keeps at least one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.access.reading import Reading
from homeroom.portal.door.models import Account
from homeroom.portal.wording.claims import line

LONGEST_NAME = 60


class FactorMissing(Exception):
    """This account can't sign in with only a password, and has no other factor yet."""


class FactorAsked(Exception):
    """This account has a second factor and can't sign in without it."""


class LastFactor(Exception):
    """The account could no longer sign in without it."""


@dataclass(frozen=True, slots=True)
class Factor:
    uuid: UUID
    kind: str  # passkey, authenticator
    name: str
    created_at: datetime
    last_used_at: datetime | None


FACTORS = Reading(Factor, "factors_shown", account="uuid")


def factors_of(account: Account) -> list[Factor]:
    """Returns the account's factors, oldest first. Recovery codes are left out: they replace a lost factor."""
    return FACTORS(account=account.uuid)


def rename_factor(session: Session, factor: Factor, name: str) -> None:
    named = line(name)[:LONGEST_NAME] or factor.name
    server_bound("SELECT rename_factor(%s, %s, %s, %s)", (session.account.uuid, factor.uuid, named, session.key))


def remove_factor(session: Session, factor: Factor) -> None:
    """Removes the factor. With the last one the recovery codes are removed too. Runs in the caller's transaction. Raises LastFactor."""
    if not server_bound("SELECT remove_factor(%s, %s, %s)", (session.account.uuid, factor.uuid, session.key)):
        raise LastFactor
