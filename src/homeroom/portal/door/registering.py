"""Registration of a parent or a student, or a tutor's application: an account without access yet, and a request that an office answers. It searches
for no child."""

import json
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from homeroom.portal.access.reading import Reading
from homeroom.portal.door.accounts import check_name
from homeroom.portal.door.coding import NAME_TAKEN, NameTaken, NoSuchCode
from homeroom.portal.door.hashing import composed, folded
from homeroom.portal.door.keeping import keep_password
from homeroom.portal.door.models import Account
from homeroom.portal.door.passwords import ALONE, check_names, check_password
from homeroom.portal.door.reading import account_named
from homeroom.portal.door.recovering import name_address
from homeroom.portal.door.signing_in import Wait, renewed
from homeroom.portal.door.tries import REGISTRATION, Marks, count
from homeroom.portal.wording.claims import Claim

NO_SUCH_LETTER = -1
REGISTER = "SELECT register(%s, %s, %s, %s)"
REGISTER_STUDENT = "SELECT register_student(%s, %s, %s, %s)"
APPLY = "SELECT apply_as_tutor(%s, %s, %s, %s)"


class NotTaken(Exception):
    """The district takes no registrations, or no tutors, or a field is out of bounds."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """`mail` is "" if there isn't one."""

    given_name: str
    family_name: str
    mail: str
    sign_in_name: str
    password: str


class School(NamedTuple):
    uuid: UUID
    name: str


schools = Reading(School, "schools_listed")


def is_open() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT registering <> 'closed' FROM district")
        row = cursor.fetchone()
    return bool(row and row[0])


def takes_students() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT registering_students <> 'closed' FROM district")
        row = cursor.fetchone()
    return bool(row and row[0])


def takes_tutors() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tutors <> 'off' FROM district")
        row = cursor.fetchone()
    return bool(row and row[0])


def register(parent: Newcomer, claim: Claim, address: str) -> Account:
    """Makes the account and its first request, or neither. Raises Wait, AccountRefused, PasswordRefused, NameTaken, NoSuchCode, NoAddress,
    OfStudents, NotTaken."""
    return _made(REGISTER, parent, claim.as_json(), address)


def register_student(student: Newcomer, born: date, school: UUID, address: str) -> Account:
    """Makes the account, without access yet, and its request, or neither. Raises as register() does."""
    return _made(REGISTER_STUDENT, student, json.dumps({"birth_date": born, "school": school}, default=str), address)


def apply_as_tutor(tutor: Newcomer, organization: str, purpose: str, address: str) -> Account:
    """Makes the account and the application, or neither. Raises as register() does."""
    return _made(APPLY, tutor, json.dumps({"organization": organization, "purpose": purpose}), address)


def _made(statement: str, newcomer: Newcomer, said: str, address: str) -> Account:
    name, password = folded(newcomer.sign_in_name), composed(newcomer.password)
    check_name(name)
    check_password(password, name, ALONE)
    if pause := count(Marks.of(REGISTRATION, name, address)):
        raise Wait(pause)
    kept = renewed(password)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement, [newcomer.given_name, newcomer.family_name, name, said])
            row = cursor.fetchone()
        if row is None or row[0] is None:
            raise NotTaken
        if row[0] == NO_SUCH_LETTER:
            raise NoSuchCode
        if row[0] == NAME_TAKEN:
            raise NameTaken
        account = account_named(name)
        if account is None:
            raise NotTaken
        check_names(connection.connection, account.uuid, password)
        keep_password(account, kept, is_long=True)
        if newcomer.mail:
            name_address(account, newcomer.mail, None)
    return account

