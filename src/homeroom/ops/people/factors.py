"""Second factors that the operator gives out. Call after speak_django()."""

from django.db import transaction

from homeroom.ops.answers import NotDone
from homeroom.ops.people.people import record
from homeroom.portal.door.authenticators import add_authenticator, new_secret
from homeroom.portal.door.models import Account
from homeroom.portal.door.telling import tell
from homeroom.portal.roster.models import Person

NAME = "Authenticator app"


def new_key() -> str:
    return new_secret()


@transaction.atomic
def give_authenticator(person: Person, side: str, key: str) -> Account:
    """Ends every session of the account (door/triggers.sql). Raises NotDone."""
    account = Account.objects.filter(person=person, side=side).first()
    if account is None:
        raise NotDone(f"This person has no account for the side {side}. Make one with `homeroom account create`.")
    add_authenticator(account, NAME, key, 0)
    tell(account, "app added")
    record("factor given", None, why=side)
    return account
