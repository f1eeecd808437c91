"""Reads requests to correct a record, and what a request can name."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from homeroom.portal.access.reading import Reading


@dataclass(frozen=True, slots=True)
class Correctable:
    """`of_row` is None for a part of the name, the birth date and the grade level. `called` is empty for them."""

    about: str
    of_row: UUID | None
    called: str
    day: date | None
    value: str


@dataclass(frozen=True, slots=True)
class OwnCorrection:
    uuid: UUID
    about: str
    called: str
    day: date | None
    was: str
    wanted: str
    ground: str
    why: str
    asked_at: datetime
    due: date
    state: str
    answered_at: datetime | None
    answer: str
    heard: str
    agreed: str
    corrected_at: datetime | None
    hearing_asked_at: datetime | None
    hearing_on: date | None
    hearing_place: str
    hearing_said: str
    statement: str
    has_alias: bool


@dataclass(frozen=True, slots=True)
class CorrectionAsked:
    """A line of the office's list, without any value. The office of `school` answers, or the district's if it is None."""

    uuid: UUID
    student: str
    name: str
    is_own: bool
    about: str
    school: str | None
    asked_at: datetime
    due: date
    is_late: bool
    state: str
    answered_at: datetime | None
    answerer: str | None
    corrected_at: datetime | None
    hearing_on: date | None


@dataclass(frozen=True, slots=True)
class CorrectionCase:
    """`was` is the value on the day of the request, and `now_is` today's."""

    uuid: UUID
    student: str
    name: str
    about: str
    called: str
    day: date | None
    was: str
    now_is: str
    wanted: str
    ground: str
    why: str
    state: str
    answer: str
    heard: str
    agreed: str
    due: date
    hearing_on: date | None
    hearing_place: str
    hearing_said: str
    statement: str


correctable = Reading(Correctable, "correctable_shown", child="uuid", wanted="text")
own_corrections = Reading(OwnCorrection, "my_corrections", child="uuid")
corrections_asked = Reading(CorrectionAsked, "corrections_shown")
correction_case = Reading(CorrectionCase, "correction_shown", which="uuid")
