"""The children a page is about, and how many people at school looked at them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import Query, rows
from homeroom.portal.attendance.calendar import Codes
from homeroom.portal.attendance.queries import codes
from homeroom.portal.home.bar import shape_of
from homeroom.portal.membership.models import KINDS_OF_DATA

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Looked:
    """How many people at school opened a record in a week, and who did last."""

    people: int
    last_name: str
    last_at: datetime
    last_as: str


@dataclass(frozen=True, slots=True)
class Student:
    """kinds: which kinds of data the viewer's tie shows. codes: what the district's attendance codes mean.

    looked: None where nobody at school did in a week, or where the tie does not show it.
    """

    id: int
    uuid: UUID
    first_name: str
    full_name: str
    place: str  # Grade 7, Lincoln Middle
    shape: int
    kinds: frozenset[str]
    codes: Codes
    looked: Looked | None


# Names as first_name() and full_name() write them, without the calls. looked: the last seven days of people at school.
OF_EACH = """p.grade_levels,
       ARRAY(SELECT s.name FROM role r JOIN school s ON s.id = r.school_id
             WHERE r.person_id = p.id AND r.role = 'student' AND r.ended_at IS NULL ORDER BY r.is_primary DESC, r.id),
       ARRAY(SELECT ARRAY[c.status, c.excuse_code, c.presence::text, c.excuse::text] FROM attendance_code c),
       l.people, l.last_name, l.last_at, l.last_section, l.last_capacity"""
LOOKED = "LEFT JOIN ledger_summary(%(week)s) l ON l.student = p.uuid WHERE p.uuid = ANY (%(uuids)s)"
STUDENTS = "SELECT p.id, p.uuid, coalesce(nullif(p.preferred_given_name, ''), p.given_name), " + (
    "coalesce(nullif(p.preferred_given_name, ''), p.given_name) || ' ' || coalesce(nullif(p.preferred_family_name, ''), p.family_name), "
    + OF_EACH + " FROM person p " + LOOKED
)  # fmt: skip
# Masked students, whose row of person is not there for a tutor. Asked only where somebody is missing: a family's page waits for nothing.
ALIASES = "SELECT p.id, p.uuid, p.given_name, p.given_name || ' ' || p.family_name, " + OF_EACH + " FROM met_by_alias() p " + LOOKED


def students_of(actor: Actor, uuids: Collection[UUID]) -> list[Student]:
    """In the order of the family's tabs."""
    found = rows(*students_asked(uuids))
    return students_in(actor, found if len(found) == len(uuids) else found + by_alias(uuids))


def by_alias(uuids: Collection[UUID]) -> list[tuple[Any, ...]]:
    """Rows of those whom the reader meets by alias alone; nobody's where nobody is masked."""
    return rows(ALIASES, students_asked(uuids)[1])


NUMBER = "SELECT p.id FROM person p WHERE p.uuid = %(uuid)s"


def number_of(actor: Actor, uuid: UUID) -> int | None:
    """None: nobody whom this person may see. Who asks has the children's numbers with the answer to who asks."""
    known = next((child.id for child in actor.children if child.uuid == uuid), None)
    return known or next((number for (number,) in rows(NUMBER, {"uuid": uuid})), None)


def students_asked(uuids: Collection[UUID]) -> Query:
    return STUDENTS, {"week": timezone.now() - A_WEEK, "uuids": list(uuids)}


def students_in(actor: Actor, found: Iterable[tuple[Any, ...]]) -> list[Student]:
    order = {child.uuid: number for number, child in enumerate(actor.children)}
    shown = {child.uuid: child.kinds for child in actor.children}
    students = [_student(order, shown, *row) for row in found]
    return sorted(students, key=lambda student: order.get(student.uuid, len(order)))


def _student(
    order: dict[UUID, int], shown: dict[UUID, frozenset[str] | None], number: int, uuid: UUID, first_name: str, full_name: str,
    grade_levels: list[str], schools: list[str], meanings: list[list[str]], *looked: Any,
) -> Student:  # fmt: skip
    kinds = shown.get(uuid)  # a student's own self, and whoever looks by a duty, is shown all that the database opens
    if kinds is None:
        kinds = frozenset(KINDS_OF_DATA)
    return Student(
        id=number,
        uuid=uuid,
        first_name=first_name,
        full_name=full_name,
        place=place(grade_levels, schools),
        shape=shape_of(order.get(uuid, 0)),
        kinds=kinds,
        codes=codes(meanings),
        looked=_looked(*looked) if "ledger" in kinds else None,
    )


def _looked(people: int | None, name: str, at: datetime, section: str | None, capacity: str) -> Looked | None:
    return Looked(people, name, at, last_as(section, capacity)) if people else None


def place(grade_levels: list[str], schools: list[str]) -> str:
    """Grade 7, Lincoln Middle. Grade levels are CEDS codes: 07, KG, PK …"""
    return ", ".join([*map(grade_level, grade_levels[:1]), *schools[:1]])


def grade_level(code: str) -> str:
    if code.isdecimal():
        return _("Grade %(number)s") % {"number": int(code)}
    named = {"KG": _("Kindergarten"), "TK": _("Transitional kindergarten"), "PK": _("Preschool"), "PR": _("Preschool")}
    return named.get(code.upper(), code)


def last_as(section: str | None, capacity: str) -> str:
    """In what capacity somebody looked: the class taught, or the duty."""
    if section:
        return section
    duties = {
        "principal": _("principal"),
        "counselor": _("counselor"),
        "registrar": _("registrar"),
        "attendance clerk": _("attendance clerk"),
    }
    return duties.get(capacity.removeprefix("duty: "), _("at the school"))
