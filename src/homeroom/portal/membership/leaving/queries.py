"""Reads requests to inspect a record, and the records that the reader may ask for."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class Inspectable:
    """`left_on` is None if the student is here. `last_day` is the last day of access of a former student. `state`, `asked_for`, `asked_at`, `due` and
    `latest` are of the last request. They are None if no one has asked."""

    uuid: UUID
    name: str
    is_own: bool
    left_on: date | None
    is_open: bool
    last_day: date | None
    state: str | None
    asked_for: str | None
    asked_at: datetime | None
    due: date | None
    latest: date | None


@dataclass(frozen=True, slots=True)
class InspectionAsked:
    """`relation` is None if the student asks. `is_here`: the record is open online. The office of `school` answers, or the district's if it is None.
    `due` is after five business days, and `latest` after 45 days. `last_day` is the last day of access given again."""

    uuid: UUID
    student: str
    name: str
    relation: str | None
    is_here: bool
    school: str | None
    asked_for: str
    asked_at: datetime
    due: date
    latest: date
    is_late: bool
    state: str
    answered_at: datetime | None
    answerer: str | None
    last_day: date | None


my_inspectable = Reading(Inspectable, "my_inspections")
inspections_asked = Reading(InspectionAsked, "inspections_shown")
