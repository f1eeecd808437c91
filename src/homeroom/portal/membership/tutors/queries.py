"""Reads tutors for a tutor, a child's family and an office. Each query leaves out what the reader may not see."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

SAY = "SELECT EXISTS (SELECT FROM my_say_on_consents(%(child)s))"


class Terms(NamedTuple):
    """`kinds` are those that a family may share. It is empty if the district has no tutors. `ends` is the first day after the term, or None if no term runs."""

    kinds: list[str]
    ends: date | None


@dataclass(frozen=True, slots=True)
class Application:
    """One's own application."""

    organization: str
    purpose: str
    asked_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class MyStudent:
    """`last_day` is of access. None means that the district set none."""

    uuid: UUID
    name: str
    kinds: list[str]
    last_day: date | None
    purpose: str


@dataclass(frozen=True, slots=True)
class MyRequest:
    """`is_over` means that no one answered in time, as far as the tutor may know."""

    uuid: UUID
    child: str
    school: str
    kinds: list[str]
    last_day: date
    asked_at: datetime
    is_over: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tutor's request, for a parent who may consent."""

    uuid: UUID
    name: str
    organization: str
    kinds: list[str]
    purpose: str
    last_day: date
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Tutor:
    """`relation` is the consenter's. It is None for a confidential adult, and for access that the district gave without a signature (`signed_at` is None)."""

    uuid: UUID
    name: str
    organization: str
    kinds: list[str]
    purpose: str
    last_day: date | None
    relation: str | None
    is_mine: bool
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Applied:
    """`students` is the number of students that the tutor has access to now."""

    uuid: UUID
    name: str
    address: str | None
    organization: str
    purpose: str
    asked_at: datetime
    state: str
    answered_at: datetime | None
    answerer: str | None
    students: int


@dataclass(frozen=True, slots=True)
class TutorTie:
    uuid: UUID
    name: str
    organization: str
    child: str
    kinds: list[str]
    last_day: date | None
    has_consent: bool
    number: int
    has_more: bool


DISTRICT = Reading(Terms, "tutor_terms_shown")
my_application = Reading(Application, "my_application").one
my_students = Reading(MyStudent, "my_students")
my_tutor_requests = Reading(MyRequest, "my_tutor_requests")
wanted = Reading(Wanted, "tutor_requests_of", child="uuid")  # empty for anyone who may not consent
tutors = Reading(Tutor, "tutors_of", child="uuid")
applications = Reading(Applied, "tutor_applications_shown")
tutor_ties = Reading(TutorTie, "tutor_ties_shown")


def what_tutors_may() -> Terms:
    (terms,) = DISTRICT()
    return terms


def has_say(child: UUID) -> bool:
    """Returns whether the caller belongs to the child's family or is the child. A tutor is neither."""
    return bool(rows(SAY, {"child": child})[0][0])
