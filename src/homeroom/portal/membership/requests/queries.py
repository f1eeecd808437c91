"""Reads requests to see a child: one's own, and an office's queue. Each query leaves out what the reader may not see."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading
from homeroom.portal.wording.statements import Statements

ONE = "SELECT registration_shown(%(request)s)::text"
PAGE = 50  # rows of the queue per page


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """One's own request, as one typed it."""

    uuid: UUID
    child: str
    school: str
    asked_at: datetime
    state: str
    answered_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        return self.state == "waiting"


class Wanted(NamedTuple):
    """The page of a queue that begins after the number `after`. A `school` of None means all of the office's schools."""

    which: str
    school: UUID | None
    after: int | None


class Counted(NamedTuple):
    """`to_check` are answered one by one. `exact` match the record. `overdue` is the number among both that has waited too long."""

    to_check: int
    exact: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the queue. `number` is its place, for the next page."""

    number: int
    uuid: UUID
    adult: str
    child: str
    school: str | None
    asked_at: datetime
    has_match: bool | None  # None: not compared with records yet
    state: str
    answered_at: datetime | None
    answerer: str | None
    evidence: str
    is_self: bool  # a student requests an account
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """`address` is the requester's verified email. `letter_to` is the contact whose letter's code the requester typed, or None."""

    adult: str
    first_name: str
    relation: str
    phone: str
    asked_at: datetime
    state: str
    child: str
    birth_date: date
    school: str | None
    answered_at: datetime | None
    answerer: str | None
    is_exact: bool
    letter_to: str | None
    address: str | None

    @property
    def is_self(self) -> bool:
        """True if a student requests an account."""
        return self.relation == "self"


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    relation: str
    emails: list[str]
    phones: list[str]
    contact: str | None  # for the office to say that this is the requester. None if several fit, or a student asks


@dataclass(frozen=True, slots=True)
class Record:
    """A student whom the request may be about. `contact` is the student's contact that fits the requester, as JSON, or None."""

    student: UUID
    name: str
    birth_date: date | None
    school: str | None
    grade_levels: list[str]
    same_name: bool
    same_birth: bool
    is_barred: bool
    is_tied: bool  # for a student's own request: has an account
    contact: str | None
    statement: Statements

    @property
    def on_file(self) -> Contact | None:
        return Contact(**json.loads(self.contact)) if self.contact else None


my_requests = Reading(OwnRequest, "my_registrations")
COUNTED = Reading(Counted, "registrations_counted", school="uuid")
queue = Reading(Waiting, "registrations_shown", which="text", school="uuid", after="integer")  # one more than a page shows, if there are more
records_beside = Reading(Record, "records_beside", request="uuid")  # most likely first. Empty unless this request was viewed


def counted(school: UUID | None) -> Counted:
    (found,) = COUNTED(school=school)
    return found


def claimed(request: UUID) -> Claimed | None:
    found = rows(ONE, {"request": request})[0][0]
    if found is None:
        return None
    said: dict[str, Any] = json.loads(found)
    moments = {name: datetime.fromisoformat(said[name]) if said[name] else None for name in ("asked_at", "answered_at")}
    return Claimed(**said | moments | {"birth_date": date.fromisoformat(said["birth_date"])})
