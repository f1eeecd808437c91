"""Reads upcoming 18th birthdays, access suspended by them, and what the student and the family may see. Each query leaves out what the reader may not see."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading
from homeroom.portal.wording.statements import Statements

MINE = "SELECT my_majority()::text"


@dataclass(frozen=True, slots=True)
class Counted:
    soon: int
    held: int
    closed: int
    without: int
    on_paper: int


@dataclass(frozen=True, slots=True)
class Suspended:
    """`number` is the student's sourcedId, the number that an office uses."""

    tie: UUID
    adult: str
    relation: str
    student: str
    number: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Unknown:
    """`place` is the position in the list. `has_more` means that students follow."""

    name: str
    number: str | None
    place: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class TieAt18:
    """`by` is the reason why access continues: own right, dependent, agreed or court. It is '' if access ends."""

    adult: str
    relation: str
    by: str


@dataclass(frozen=True, slots=True)
class Soon:
    """`counts` is the birth date that counts, and `record` is the district's. They differ while an office must confirm one."""

    student: UUID
    name: str
    number: str | None
    school: str | None
    effective_on: date
    counts: date
    record: date | None
    is_held: bool
    is_of_age: bool
    dependent_until: date | None
    is_dependent: bool
    ties: tuple[TieAt18, ...]
    statement: Statements


@dataclass(frozen=True, slots=True)
class Letter:
    """`addressee` is None for a family without an account. With `is_contact`, the letter is about a request and not about an 18th birthday."""

    number: int
    addressee: str | None
    is_student: bool
    student: str
    school: str | None
    is_contact: bool


@dataclass(frozen=True, slots=True)
class AdultAt18:
    """An adult on the student's own page."""

    tie: UUID
    name: str
    relation: str
    by: str
    agreed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Majority:
    """`day` is None while an office checks the birth date."""

    day: date | None
    is_of_age: bool
    ties: tuple[AdultAt18, ...]


@dataclass(frozen=True, slots=True)
class ChildAt18:
    """`day` is None if the adult may not read it, or while an office checks the birth date."""

    child_name: str
    day: date | None
    is_closed: bool
    goes_on: str
    is_held: bool = False
    words: str = ""  # of an office that turned parent access off for some time


class Shut(NamedTuple):
    child_name: str
    words: str


COUNTED = Reading(Counted, "ages_counted")
SOON = Reading(Soon, "ages_soon")
AT_18 = Reading(ChildAt18, "my_children_at_18", columns=("child_name", "day", "is_closed", "goes_on", "is_held"))
SHUT = Reading(Shut, "my_children_shut")
CHILDREN: LiteralString = f"""SELECT *, '' FROM ({AT_18.statement}) at_18
    UNION ALL SELECT child_name, NULL, true, '', false, words FROM ({SHUT.statement}) shut"""
# the students that the request's view recorded
suspended = Reading(Suspended, "suspended_by_age")
without_birth_date = Reading(Unknown, "without_birth_date")
letters = Reading(Letter, "told_on_paper")


def counted() -> Counted:
    return COUNTED.one() or Counted(0, 0, 0, 0, 0)


def soon() -> list[Soon]:
    """Returns the students that the request's view opened."""
    return [Soon(*[*row[:-2], tuple(TieAt18(**each) for each in json.loads(row[-2])), row[-1]]) for row in SOON.rows()]


def my_majority() -> Majority | None:
    """Returns None before the announcement, and for everyone but a student."""
    found = rows(MINE, {})[0][0]
    if found is None:
        return None
    said = json.loads(found)
    return Majority(date.fromisoformat(said["day"]) if said["day"] else None, said["is_of_age"], tuple(map(_adult, said["ties"])))


def _adult(said: dict[str, str]) -> AdultAt18:
    at = said["agreed_at"]
    return AdultAt18(UUID(said["tie"]), said["name"], said["relation"], said["by"], datetime.fromisoformat(at) if at else None)


def my_children_at_18() -> list[ChildAt18]:
    """Returns the adult's children. If a child has an alias, an adult without open access sees neither name nor alias."""
    return [ChildAt18(name or _("your child"), *rest) for name, *rest in rows(CHILDREN, {})]
