"""Students who left, and requests to inspect their records, as each may read of them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from homeroom.portal.access.asking import rows

MINE = "SELECT uuid, name, is_own, left_on, is_open, last_day, state, asked_at, due, latest FROM my_inspections()"
SHOWN = """SELECT uuid, student, name, relation, asked_at, due, latest, is_late, state, answered_at, answerer, last_day FROM inspections_shown()"""


@dataclass(frozen=True, slots=True)
class Former:
    """last_day: on which it is, or was, open. state, asked_at, due, latest: of the last request; None where nobody asked yet."""

    uuid: UUID
    name: str
    is_own: bool
    left_on: date
    is_open: bool
    last_day: date
    state: str | None
    asked_at: datetime | None
    due: date | None
    latest: date | None


@dataclass(frozen=True, slots=True)
class Asked:
    """relation: None where the student asks. due: five business days; latest: 45 days. last_day: of what was opened again."""

    uuid: UUID
    student: str
    name: str
    relation: str | None
    asked_at: datetime
    due: date
    latest: date
    is_late: bool
    state: str
    answered_at: datetime | None
    answerer: str | None
    last_day: date | None


def my_former_students() -> list[Former]:
    return [Former(*row) for row in rows(MINE, {})]


def inspections_asked() -> list[Asked]:
    return [Asked(*row) for row in rows(SHOWN, {})]
