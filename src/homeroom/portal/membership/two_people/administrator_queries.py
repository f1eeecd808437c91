"""Reads administrators, and staff who could become one. Returns nothing to anyone who isn't an administrator."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class Office:
    """`school` is None for the whole district."""

    uuid: UUID
    name: str
    school: str | None
    school_uuid: UUID | None
    since: date
    is_me: bool
    may_end: bool


@dataclass(frozen=True, slots=True)
class BoardSecond:
    name: str
    since: date


@dataclass(frozen=True, slots=True)
class Staff:
    uuid: UUID
    name: str
    schools: str


class StaffNamed(NamedTuple):
    id: int
    name: str
    schools: str


class SchoolName(NamedTuple):
    uuid: UUID
    name: str


offices = Reading(Office, "administrators_shown")
board_second = Reading(BoardSecond, "board_second_shown").one  # the person that the school board named
FOUND = Reading(Staff, "staff_found", words="text")
staff_named = Reading(StaffNamed, "staff_named", person="uuid").one
SCHOOLS = Reading(SchoolName, "schools_listed")


def staff_found(words: str) -> list[Staff]:
    """Returns the first twenty staff whose names begin with the words. It leaves out people that the caller may not decide about."""
    return FOUND(words=words) if words else []


def staff_name(person: UUID) -> str | None:
    found = staff_named(person=person)
    return found.name if found else None


def schools() -> list[tuple[str, str]]:
    """Returns UUID and name of each school."""
    return [(str(uuid), name) for uuid, name in SCHOOLS()]
