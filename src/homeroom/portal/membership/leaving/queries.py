"""Reads students who left and requests to inspect their records, as far as the reader may see them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class Former:
    """`last_day` is the last day of access. `state`, `asked_at`, `due` and `latest` are of the last request. They are None if no one has asked."""

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
class InspectionAsked:
    """`relation` is None if the student asks. `due` is after five business days, and `latest` after 45 days. `last_day` is the last day of access given
    again."""

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
inspections_asked = Reading(InspectionAsked, "inspections_shown")
