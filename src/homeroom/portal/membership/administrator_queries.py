"""Who is an administrator, and who of the staff could become one. Nothing for whoever holds no office."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from homeroom.portal.access.asking import rows

ADMINISTRATORS = "SELECT uuid, name, school, school_uuid, since, is_me, may_end FROM administrators_shown()"
BOARD_SECOND = "SELECT name, since FROM board_second_shown()"
FOUND = "SELECT uuid, name, schools FROM staff_found(%(words)s)"
NAMED = "SELECT name FROM staff_named(%(person)s)"
SCHOOLS = "SELECT uuid, name FROM schools_listed()"


@dataclass(frozen=True, slots=True)
class Office:
    """school: None for the whole district."""

    person: UUID
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
    person: UUID
    name: str
    schools: str


def offices() -> list[Office]:
    return [Office(*row) for row in rows(ADMINISTRATORS, {})]


def board_second() -> BoardSecond | None:
    """Whom the board named to be the second."""
    found = rows(BOARD_SECOND, {})
    return BoardSecond(*found[0]) if found else None


def staff_found(words: str) -> list[Staff]:
    """The first twenty whose names begin with the words; those left out about whom the asker may not decide."""
    return [Staff(*row) for row in rows(FOUND, {"words": words})] if words else []


def staff_name(person: UUID) -> str | None:
    found = rows(NAMED, {"person": person})
    return str(found[0][0]) if found else None


def schools() -> list[tuple[str, str]]:
    """uuid and name."""
    return [(str(uuid), name) for uuid, name in rows(SCHOOLS, {})]
