"""Requests to see a child: one's own, and an office's queue. What one may not see is not there."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

ONE = "SELECT registration_shown(%(request)s)::text"
PAGE = 50  # rows of the queue on a page


@dataclass(frozen=True, slots=True)
class Asked:
    """One's own request, in one's own words."""

    uuid: UUID
    child: str
    school: str
    asked_at: datetime
    state: str
    answered_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        return self.state == "waiting"


class Counted(NamedTuple):
    """to_check: one by one. exact: the record vouches for them. overdue: of both, those that wait too long."""

    to_check: int
    exact: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the queue. number: its place, for the next page."""

    number: int
    uuid: UUID
    adult: str
    child: str
    school: str | None
    asked_at: datetime
    has_match: bool | None  # None: no record was looked for yet
    state: str
    answered_at: datetime | None
    answerer: str | None
    evidence: str
    is_self: bool  # a student asks for an account of their own
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Claimed:
    """address: that the asker has proven; letter_to: the contact whose letter's code the asker typed; None: none."""

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
        """A student asks for an account of their own."""
        return self.relation == "self"


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    relation: str
    emails: list[str]
    phones: list[str]
    contact: str | None  # by which the office can say that it is the asker; None: several fit, or a student asks


@dataclass(frozen=True, slots=True)
class Record:
    """A student whom the request may be about. contact: on file for the student, that fits the asker, as JSON; None: none does."""

    student: UUID
    name: str
    birth_date: date | None
    school: str | None
    grade_levels: list[str]
    same_name: bool
    same_birth: bool
    is_barred: bool
    is_tied: bool  # of a student who asks: has an account
    contact: str | None

    @property
    def on_file(self) -> Contact | None:
        return Contact(**json.loads(self.contact)) if self.contact else None


my_requests = Reading(Asked, "my_registrations")
COUNTED = Reading(Counted, "registrations_counted", school="uuid")
queue = Reading(Waiting, "registrations_shown", which="text", school="uuid", after="integer")  # one more than a page has, where there are more
records_beside = Reading(Record, "records_beside", request="uuid")  # likeliest first. Nothing without the look of this request


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
