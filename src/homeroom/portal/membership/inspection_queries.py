"""Students who left, and requests to inspect their records, as each may read of them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from homeroom.portal.access.reading import Reading


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


my_former_students = Reading(Former, "my_inspections")
inspections_asked = Reading(Asked, "inspections_shown")
