"""Masked students, for administrators of their schools. What one may not see is not there."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from homeroom.portal.access.asking import rows

FOUND = "SELECT uuid, name, school, is_masked FROM students_for_masking()"
NAMED = "SELECT name, school FROM student_for_masking(%(student)s)"
SHOWN = "SELECT uuid, name, school, alias, basis, first_day, last_day, masked_by, begins, waits, number, has_more FROM maskings_shown()"


@dataclass(frozen=True, slots=True)
class Found:
    student: UUID
    name: str
    school: str
    is_masked: bool


@dataclass(frozen=True, slots=True)
class Masked:
    """last: the last day it counts, None without an end. begins: on a day to come. waits: somebody proposed to end it. number: the place in the list."""

    uuid: UUID
    name: str
    school: str
    alias: str
    basis: str
    first: date
    last: date | None
    by: str
    begins: bool
    waits: bool
    number: int
    has_more: bool


def students_found() -> list[Found]:
    """Those of the list that the request's view wrote down."""
    return [Found(*row) for row in rows(FOUND, {})]


def student_named(student: UUID) -> tuple[str, str] | None:
    """Name and school."""
    found = rows(NAMED, {"student": student})
    return (found[0][0], found[0][1]) if found else None


def maskings() -> list[Masked]:
    return [Masked(*row) for row in rows(SHOWN, {})]
