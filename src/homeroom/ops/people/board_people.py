"""The person whom the board named for second approvals. The operator names and ends this person, as owner. Call after speak_django()."""

from django.db import connection, transaction
from django.utils import timezone

from homeroom.ops.answers import NotDone
from homeroom.ops.people.people import record
from homeroom.portal.door.models import Account
from homeroom.portal.membership.models import Administrator, BoardSecond
from homeroom.portal.roster.models import Person

TELL = "SELECT tell_of_board_second(%s)"


def named() -> BoardSecond | None:
    return BoardSecond.objects.select_related("person").filter(end_date=None).first()


@transaction.atomic
def name_second(full_name: str) -> Person:
    """Makes a new person whom no file imports and no office can find. The account is sleeping. Ends the person named before. Raises NotDone."""
    given, _, family = " ".join(full_name.split()).rpartition(" ")
    if not given:
        raise NotDone('Name the board\'s person with first and family name: --second "Vera Holt".')
    offices = Administrator.objects.select_related("person").filter(end_date=None)
    if f"{given} {family}".casefold() in {office.person.full_name.casefold() for office in offices}:
        raise NotDone("An administrator has that name. The board must name another person, because one person with two accounts can't give a second approval.")
    if named() is not None:
        end_second()
    person = Person.objects.create(given_name=given, family_name=family)  # not staff, so no administrator can find this person or print a code
    BoardSecond.objects.create(person=person, start_date=timezone.localdate())
    _write_down("named", person)
    return person


@transaction.atomic
def end_second() -> None:
    """Signs the person out immediately. No code opens the account again. Raises NotDone."""
    seat = named()
    if seat is None:
        raise NotDone("The board has not named an approver.")
    BoardSecond.objects.filter(id=seat.id).update(end_date=timezone.localdate())
    Account.objects.filter(person=seat.person).update(is_active=False)
    Person.objects.filter(id=seat.person_id).update(ended_at=timezone.now())
    _write_down("ended", seat.person)


def person_named() -> Person:
    """Raises NotDone."""
    seat = named()
    if seat is None:
        raise NotDone('The board has not named an approver. Name one with `homeroom portal board --second "First Family"`.')
    return seat.person


def _write_down(what: str, person: Person) -> None:
    """Writes the change into the access log and notifies every administrator."""
    record(f"board second {what}", None, why=f"{person.full_name} ({person.uuid})")
    with connection.cursor() as cursor:
        cursor.execute(TELL, [f"board second {what}"])
