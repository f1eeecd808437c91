"""Masked students, for administrators of their schools. What one may not see is not there."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class Found:
    uuid: UUID
    name: str
    school: str
    is_masked: bool


class Named(NamedTuple):
    name: str
    school: str


@dataclass(frozen=True, slots=True)
class Masked:
    """last_day: on which it counts, None without an end. begins: on a day to come. waits: somebody proposed to end it. number: the place in the list."""

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


students_found = Reading(Found, "students_for_masking")  # those of the list that the request's view wrote down
student_named = Reading(Named, "student_for_masking", student="uuid").one
maskings = Reading(Masked, "maskings_shown")
