"""Reads students with an alias, for administrators of their schools. Each query leaves out what the reader may not see."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class FoundStudent:
    uuid: UUID
    name: str
    school: str
    is_masked: bool


class StudentNamed(NamedTuple):
    name: str
    school: str


@dataclass(frozen=True, slots=True)
class Masked:
    """`last_day` is the last day, or None if there is no end. `begins`: starts later. `waits`: someone proposed to end it. `number` is its place in the
    list."""

    uuid: UUID
    name: str
    school: str
    alias: str
    basis: str
    first_day: date
    last_day: date | None
    masked_by: str
    begins: bool
    waits: bool
    number: int
    has_more: bool


students_found = Reading(FoundStudent, "students_for_masking")  # from the list that the request's view recorded
student_named = Reading(StudentNamed, "student_for_masking", student="uuid").one
maskings = Reading(Masked, "maskings_shown")
