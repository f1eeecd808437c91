"""Makes accounts, access, duties and administrators for the operator's commands. Works as owner, with a line in the access log for each.

Call after speak_django(). People are named by the district's key (sourcedId), never by name or email.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from homeroom.ops.answers import NotDone
from homeroom.portal.access.acting import Answer
from homeroom.portal.door import accounts
from homeroom.portal.door.models import Account
from homeroom.portal.membership.days import Days
from homeroom.portal.membership.duties.pages import wrong_with
from homeroom.portal.membership.models import KINDS_OF_DATA, Administrator, Duty, Restriction, Tie
from homeroom.portal.membership.ties.pages import said_of
from homeroom.portal.roster.models import Person, School

if TYPE_CHECKING:
    from django.db.models import Model

SET_TIE = "SELECT set_tie_by_operator(%s, %s, %s, %s::jsonb)"
END_TIE = "SELECT end_tie_by_operator(%s, %s, %s)"
BAR = "SELECT bar_by_operator(%s, %s, %s::jsonb)"
LIFT = "SELECT end_restriction(%s, NULL, 'operator')"
GIVE_DUTY = "SELECT give_duty_by_operator(%s, %s, %s, %s, %s)"
STOP_DUTY = "SELECT stop_duty(d, NULL, 'operator', NULL) FROM duty d WHERE d.id = %s"
MAKE_ADMINISTRATOR = "SELECT write_administrator(%s, NULL, NULL, 'operator', 'first two')"
OF_AGE = (
    "The student is 18 or older, so the rights are the student's and a parent's access can't be opened from here (34 CFR 99.5). An administrator "
    "adds it under Access and restrictions. It opens after the student agrees, or a registrar records that the student is a dependent."
)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no characters that look alike on a printed sheet


def person_of(sourced_id: str) -> Person:
    """Raises NotDone."""
    return _one(Person, sourced_id, "person")


def school_of(sourced_id: str) -> School:
    """Raises NotDone."""
    return _one(School, sourced_id, "school")


def _one[M: Model](model: type[M], sourced_id: str, noun: str) -> M:
    found = model._default_manager.filter(sourced_id=sourced_id).first()
    if found is None:
        raise NotDone(f"No {noun} has the sourcedId {sourced_id!r} here. Has the district's file been imported?")
    return found


def new_password() -> str:
    """Returns four groups of five characters: 99 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


@transaction.atomic
def create_account(person: Person, side: str, sign_in_name: str, password: str) -> Account:
    """Applies the door's own rules for usernames and passwords. Raises NotDone with their sentence."""
    try:
        accounts.create_account(connection.connection, person.id, side, sign_in_name, password)
    except accounts.AccountRefused as why:
        raise NotDone(str(why)) from why
    record("account made", None, why=side)
    return Account.objects.get(person=person, side=side)


@transaction.atomic
def set_password(person: Person, side: str, password: str) -> Account:
    """Sets the password and ends every session of the account. Raises NotDone with the door's sentence."""
    try:
        accounts.set_password(connection.connection, person.id, side, password)
    except accounts.AccountRefused as why:
        raise NotDone(str(why)) from why
    record("password set", None, why=side)
    return Account.objects.get(person=person, side=side)


@transaction.atomic
def set_account_open(person: Person, side: str, *, is_open: bool) -> Account:
    """Opens or closes an account. Closing ends every session, and no one can sign in with the account until it is opened again. Raises NotDone."""
    account = Account.objects.select_for_update().filter(person=person, side=side).first()
    if account is None:
        raise NotDone(f"This person has no account for the side {side}.")
    account.is_active = is_open
    account.save(update_fields=["is_active"])
    record("account opened" if is_open else "account closed", None, why=side)
    return account


@dataclass(frozen=True, slots=True)
class TieWish:
    """All fields of an adult's access. `views` are kinds of data. `rights` are consent, correct, challenge. `end` is the first day on which it is over."""

    adult: Person
    student: Person
    relation: str
    start: date
    kind: str = "parent"
    basis: str = "district record"
    end: date | None = None
    views: Sequence[str] = KINDS_OF_DATA
    rights: Sequence[str] = ()
    proof: str = "in person"
    is_confidential: bool = False


@transaction.atomic
def create_tie(wish: TieWish) -> Tie:
    """Creates approved access, by the office's own rules. Raises NotDone with the office's sentence."""
    said = {
        "basis": wish.basis,
        "relation": wish.relation,
        "start": str(wish.start),
        "end": wish.end and str(wish.end),
        "views": list(wish.views),
        "rights": list(wish.rights),
        "proof": wish.proof,
        "confidential": wish.is_confidential,
    }
    answer = Answer(answered(SET_TIE, wish.adult.id, wish.student.id, wish.kind, json.dumps(said)))
    if answer == Answer.OF_AGE:
        raise NotDone(OF_AGE)
    if answer != Answer.SET:
        raise NotDone(sentence_of("restricted" if answer == Answer.BARRED else answer))
    return Tie.objects.exclude(state="ended").get(adult=wish.adult, student=wish.student)


def answered(statement: str, *values: object) -> Any:
    """Returns the answer of a database function."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)  # type: ignore[arg-type]  # numbers, dates and words
        return cursor.fetchone()[0]


def sentence_of(answer: Answer | str) -> str:
    """Returns the sentence of the office's pages about access and restrictions."""
    said = said_of(answer)
    return said[0] if said else "The student must be a student in the district's file, and the adult must be another person."


@transaction.atomic
def end_tie(adult: Person, student: Person, why: str) -> Tie:
    """Ends the adult's access right away. Raises NotDone."""
    tie = Tie.objects.filter(adult=adult, student=student).exclude(state="ended").first()
    if tie is None or not Answer(answered(END_TIE, adult.id, student.id, why)):
        raise NotDone("This adult has no open access to this student.")
    tie.refresh_from_db()
    return tie


@transaction.atomic
def restrict(person: Person, student: Person, basis: str, start: date, end: date | None, paper: str) -> tuple[Restriction, str]:
    """Records a court order or a binding document, which outweighs any access and duty (34 CFR 99.4). Returns the restriction with the office's own
    sentence about it.

    Raises NotDone with the sentence of the office's page.
    """
    said = {"basis": basis, "start": str(start), "end": end and str(end), "paper": paper}
    answer = Answer(answered(BAR, person.id, student.id, json.dumps(said)))
    if answer not in (Answer.BARRED, Answer.ALIKE):
        raise NotDone(sentence_of(answer))
    return Restriction.objects.filter(person=person, student=student).latest("id"), sentence_of(answer)


@transaction.atomic
def end_restriction(person: Person, student: Person) -> Restriction:
    """Ends the restriction from today on. Raises NotDone."""
    found = _open_restrictions(person, student).first()
    if found is None or not answered(LIFT, found.uuid):
        raise NotDone("This person is not restricted from this student.")
    found.refresh_from_db()
    return found


def _open_restrictions(person: Person, student: Person) -> QuerySet[Restriction]:
    return Restriction.objects.filter(_not_over(), person=person, student=student)


def _not_over() -> Q:
    return Q(end_date=None) | Q(end_date__gt=localdate())


@transaction.atomic
def end_duty(person: Person, school: School, duty: str) -> Duty:
    """Ends the duty from today on. Raises NotDone."""
    found = Duty.objects.select_for_update().filter(_not_over(), person=person, school=school, duty=duty).first()
    if found is None:
        raise NotDone("This person has no such duty at this school.")
    answered(STOP_DUTY, found.id)
    found.refresh_from_db()
    return found


@transaction.atomic
def give_duty(person: Person, school: School, duty: str, start: date | None, end: date | None) -> date:
    """Returns the first day, which is the district's today if `start` is None. `end` is the first day on which the duty is over.

    Raises NotDone with the sentence of the office's page.
    """
    first, last = start or localdate(), end and end - timedelta(days=1)
    answer = Answer(answered(GIVE_DUTY, person.id, school.id, duty, first, last))
    if not answer:
        raise NotDone("A duty is given to staff only; the district's file lists no staff role for this person.")
    if answer != Answer.GIVEN:
        raise NotDone(" ".join(wrong_with(Days(first, last), "-", answer).values()))
    return first


@transaction.atomic
def create_administrator(given_name: str, family_name: str) -> Person:
    """Creates one of the district's first two administrators, who are in no file. Makes no account. Raises NotDone."""
    if Administrator.objects.filter(_not_over(), school=None).count() >= 2:
        raise NotDone("There are two administrators already. Each further one is proposed by one of them, under Second approvals.")
    person = Person.objects.create(given_name=given_name, family_name=family_name, is_staff=True)
    answered(MAKE_ADMINISTRATOR, person.id)
    return person


@transaction.atomic
def write_down_shown(students: Sequence[int]) -> None:
    """Writes a line in each student's access log, and commits it before a command shows anything about them."""
    for each in Person.objects.filter(id__in=students).order_by("id"):
        record("shown to the operator", each, why="")


def record(event: str, student: Person | None, *, tie: Tie | None = None, why: str) -> None:
    """Writes a line in the access log. The operator has no account, so the line names the capacity and no person."""
    values = [event, student.id if student else None, None, "operator", tie.id if tie else None, why]
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_change(%s, %s, %s, %s, %s, %s)", values)
