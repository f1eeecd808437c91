"""Second factors that the operator gives out, and changes that the operator takes back after an incident. Call after speak_django()."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from homeroom.ops.answers import NotDone
from homeroom.ops.people.people import record
from homeroom.portal.door.authenticators import add_authenticator, new_secret
from homeroom.portal.door.models import Account
from homeroom.portal.roster.models import Person

NAME = "Authenticator app"
CHANGED = """SELECT l.at, a.id, a.sign_in_name, a.side, l.reason FROM ledger l JOIN account a ON a.person_id = l.person_id AND a.side = l.capacity
    WHERE l.event = 'sign-in changed' AND l.at >= %s AND (%s = '' OR a.sign_in_name = %s) ORDER BY l.at, l.id"""


@dataclass(frozen=True, slots=True)
class Changed:
    """A way to sign in that came, changed or went. `account` is the account's id, `name` its username, and `what` the kind of door/news.py."""

    at: datetime
    account: int
    name: str
    side: str
    what: str

    def as_json(self) -> dict[str, Any]:
        said = asdict(self)
        del said["account"]
        return {**said, "at": self.at.isoformat()}


def new_key() -> str:
    return new_secret()


@transaction.atomic
def give_authenticator(person: Person, side: str, key: str) -> Account:
    """Ends every session of the account (door/triggers.sql). Raises NotDone."""
    account = Account.objects.filter(person=person, side=side).first()
    if account is None:
        raise NotDone(f"This person has no account for the side {side}. Make one with `homeroom account create`.")
    add_authenticator(account, NAME, key, 0, None)
    record("factor given", None, why=side)
    return account


def changed_since(since: datetime, name: str) -> list[Changed]:
    """Reads the access log, where triggers write each change. `name`: of this username alone, if it isn't empty."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, [since, name, name])
        return [Changed(*row) for row in cursor.fetchall()]


@transaction.atomic
def undo(found: list[Changed], since: datetime) -> dict[str, list[str]]:
    """Takes back what is listed (door/acts_factors.sql). Returns what was done, by username."""
    undone: dict[str, list[str]] = {}
    for account, name in {each.account: each.name for each in found}.items():
        with connection.cursor() as cursor:
            cursor.execute("SELECT undo_ways_in(%s, %s)", [account, since])
            (undone[name],) = cursor.fetchone() or ([],)
        record("sign-in changes undone", None, why="")
    return undone
