"""The children of a page, and how many people at school viewed their records."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import Query, rows
from homeroom.portal.access.policy import duty_said
from homeroom.portal.access.reading import Reading
from homeroom.portal.attendance.calendar import Codes
from homeroom.portal.attendance.queries import codes
from homeroom.portal.home.bar import shape_of
from homeroom.portal.membership.models import KINDS_OF_DATA
from homeroom.portal.wording.levels import grade_level
from homeroom.portal.wording.statements import Statements, statements_said

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Looked:
    """How many people at school viewed a record in a week, and who viewed it last."""

    people: int
    last_name: str
    last_at: datetime
    last_as: str


@dataclass(frozen=True, slots=True)
class Student:
    """`kinds` are the kinds of data that the viewer's access includes. `codes` are the meanings of the district's attendance codes.

    `looked`: None means that no one at school viewed the record in a week, or that the access doesn't include the access log.
    """

    id: int
    uuid: UUID
    first_name: str
    full_name: str
    place: str  # such as Grade 7, Lincoln Middle
    shape: int
    kinds: frozenset[str]
    codes: Codes
    looked: Looked | None
    statements: tuple[str, ...]  # of the family, about the record itself


class StudentRow(NamedTuple):
    """`people` counts those at school who viewed the record in a week. The fields with `last_` are about the last of them."""

    id: int
    uuid: UUID
    first_name: str
    full_name: str
    grade_levels: list[str]
    schools: list[str]
    codes: list[list[str]]
    people: int | None
    last_name: str
    last_at: datetime
    last_section: str | None
    last_capacity: str
    statements: Statements


KINDS = "SELECT kinds_shown()"
STUDENTS = Reading(StudentRow, "students_shown", who="uuid[]", since="timestamptz")


def students_of(actor: Actor, uuids: Collection[UUID]) -> list[Student]:
    """Returns the children in the order of the family's tabs."""
    return students_in(actor, STUDENTS(who=list(uuids), since=a_week_ago()))


def students_asked(uuids: Collection[UUID]) -> Query:
    """Returns a query for `rows_of_each`, with rows of StudentRow."""
    return STUDENTS.asked(who=list(uuids), since=a_week_ago())


def a_week_ago() -> datetime:
    return timezone.now() - A_WEEK


def students_in(actor: Actor, found: Iterable[StudentRow]) -> list[Student]:
    """Staff have no tie. Their view is of one child, and the database says what it opened."""
    order = {child.uuid: number for number, child in enumerate(actor.children)}
    shown = {child.uuid: child.kinds for child in actor.children}
    every = frozenset(rows(KINDS, {})[0][0] or ()) if actor.side == "staff" else frozenset(KINDS_OF_DATA)
    students = [_student(order, shown, every, *row) for row in found]
    return sorted(students, key=lambda student: order.get(student.uuid, len(order)))


def _student(
    order: dict[UUID, int], shown: dict[UUID, frozenset[str] | None], every: frozenset[str], number: int, uuid: UUID, first_name: str,
    full_name: str, grade_levels: list[str], schools: list[str], meanings: list[list[str]], *rest: Any,
) -> Student:  # fmt: skip
    kinds = shown.get(uuid)
    if kinds is None:  # students themselves, and staff with a duty
        kinds = every
    return Student(
        id=number,
        uuid=uuid,
        first_name=first_name,
        full_name=full_name,
        place=place(grade_levels, schools),
        shape=shape_of(order.get(uuid, 0)),
        kinds=kinds,
        codes=codes(meanings),
        looked=_looked(*rest[:-1]) if "ledger" in kinds else None,
        statements=statements_said(rest[-1]),
    )


def _looked(people: int | None, name: str, at: datetime, section: str | None, capacity: str) -> Looked | None:
    return Looked(people, name, at, last_as(section, capacity)) if people else None


def place(grade_levels: list[str], schools: list[str]) -> str:
    """Returns words such as "Grade 7, Lincoln Middle"."""
    return ", ".join([*map(grade_level, grade_levels[:1]), *schools[:1]])


def last_as(section: str | None, capacity: str) -> str:
    """Returns the role in which someone viewed the record: the class taught, or the duty."""
    if section:
        return section
    return duty_said(capacity) if capacity.startswith("duty: ") else _("at the school")
