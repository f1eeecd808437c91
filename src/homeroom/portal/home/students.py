"""The children a page is about, and how many people at school looked at them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.portal.access.actor import Actor
from homeroom.portal.attendance.calendar import Codes
from homeroom.portal.attendance.queries import codes, codes_in_a_row
from homeroom.portal.home.bar import shape_of
from homeroom.portal.membership.models import KINDS_OF_DATA, Tie
from homeroom.portal.roster.models import Person, Role

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Student:
    """kinds: which kinds of data the viewer's tie shows. codes: what the district's attendance codes mean."""

    id: int
    uuid: UUID
    first_name: str
    full_name: str
    place: str  # Grade 7, Lincoln Middle
    shape: int
    kinds: frozenset[str]
    codes: Codes


@dataclass(frozen=True, slots=True)
class Looked:
    """How many people at school opened a record in a week, and who did last."""

    people: int
    last_name: str
    last_at: datetime
    last_as: str


def students_of(actor: Actor, uuids: Collection[UUID]) -> list[Student]:
    """In the order of the family's tabs."""
    schools = Role.objects.filter(person=OuterRef("pk"), role="student", ended_at=None).order_by("-is_primary", "id")
    kinds = (
        Tie.objects.filter(student=OuterRef("pk"), adult=actor.person_id).exclude(state="ended").values("view_kinds")
    )
    rows = Person.objects.filter(uuid__in=uuids).annotate(
        schools=ArraySubquery(schools.values("school__name")), kinds=Subquery(kinds[:1]), codes=codes_in_a_row()
    )
    order = {child.uuid: number for number, child in enumerate(actor.children)}
    return sorted((_student(row, order) for row in rows), key=lambda student: order.get(student.uuid, len(order)))


def _student(row: Any, order: dict[UUID, int]) -> Student:
    return Student(
        id=row.id,
        uuid=row.uuid,
        first_name=row.first_name,
        full_name=row.full_name,
        place=place(row.grade_levels, row.schools),
        shape=shape_of(order.get(row.uuid, 0)),
        kinds=frozenset(KINDS_OF_DATA if row.kinds is None else row.kinds),
        codes=codes(row.codes),
    )


def place(grade_levels: list[str], schools: list[str]) -> str:
    """Grade 7, Lincoln Middle. Grade levels are CEDS codes: 07, KG, PK …"""
    return ", ".join([*map(grade_level, grade_levels[:1]), *schools[:1]])


def grade_level(code: str) -> str:
    if code.isdecimal():
        return _("Grade %(number)s") % {"number": int(code)}
    named = {"KG": _("Kindergarten"), "TK": _("Transitional kindergarten"), "PK": _("Preschool"), "PR": _("Preschool")}
    return named.get(code.upper(), code)


def looked_at() -> dict[UUID, Looked]:
    """By child, of the past seven days; children whom nobody at school looked at are not in it."""
    with connection.cursor() as cursor:
        columns = "student, people, last_name, last_at, last_section, last_capacity"
        cursor.execute(f"SELECT {columns} FROM ledger_summary(%s)", [timezone.now() - A_WEEK])
        return {row[0]: Looked(row[1], row[2], row[3], last_as(row[4], row[5])) for row in cursor.fetchall()}


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
