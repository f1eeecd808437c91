"""One-use codes that the operator makes, as owner. Each has a line in the access log. Call after speak_django()."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from homeroom.ops.answers import NotDone
from homeroom.ops.people.people import answered
from homeroom.portal.door.models import Account
from homeroom.portal.letters import code
from homeroom.portal.letters.press import Unprintable
from homeroom.portal.letters.sheets import CodeLetter, Head, code_letters
from homeroom.portal.membership.models import Administrator
from homeroom.portal.roster.models import Person

ASLEEP = "SELECT is_asleep(%s, %s)"
KEEP = "SELECT keep_code(%s, %s, %s, %s, NULL, 'operator', '')"


def administrator_named(full_name: str) -> Person:
    """Raises NotDone."""
    offices = Administrator.objects.select_related("person").filter(end_date=None)
    found = {office.person for office in offices if office.person.full_name.casefold() == " ".join(full_name.split()).casefold()}
    if len(found) != 1:
        raise NotDone(f"{len(found)} administrators are called {full_name!r} here.")
    return found.pop()


@transaction.atomic
def make_code(person: Person, side: str, *, factors: bool = False) -> tuple[str, str, datetime]:
    """Returns the code, its kind, and when it expires. Ends the account's earlier codes of that kind. Raises NotDone."""
    is_awake = not answered(ASLEEP, person.id, side)
    if factors and not is_awake:
        raise NotDone("This account sleeps: it has no second factor that could be lost. Leave --factors out.")
    if Account.objects.filter(person=person, side=side, is_active=False).exists():
        raise NotDone("This account is closed. Open it first with `homeroom account open`.")
    kind = "factors" if factors else "password" if is_awake else "wake"
    made = code.new_code()
    return made, kind, answered(KEEP, person.id, side, kind, code.digest(made))


def write_letter(to: Path, person: Person, made: tuple[str, str, datetime], language: str) -> None:
    """Writes a letter with the code to a new file. Never overwrites a file. Raises NotDone."""
    plain, kind, until = made
    head = Head(settings.PLACE.name, settings.PLACE.address, settings.PLACE.phone)
    letter = CodeLetter([person.full_name], kind, plain, timezone.localdate(until), language)
    try:
        pdf = code_letters([letter], head, timezone.localdate())
        with to.open("xb") as file:
            to.chmod(0o600)
            file.write(pdf)
    except FileExistsError as there:
        raise NotDone(f"{to} is there already. Name another file.") from there
    except Unprintable as no:
        raise NotDone("The letter could not be set. Leave --letter out: the code is shown instead.") from no
