"""Tutors as each may read of them: a tutor, a child's family, an office. What one may not see is not there."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from homeroom.portal.access.asking import rows

DISTRICT = "SELECT kinds, ends FROM tutor_terms_shown()"
APPLICATION = "SELECT organization, purpose, asked_at, state FROM my_application()"
STUDENTS = "SELECT uuid, name, kinds, last_day, purpose FROM my_students()"
MINE = "SELECT uuid, child, school, kinds, last_day, asked_at, is_over FROM my_tutor_requests()"
SAY = "SELECT EXISTS (SELECT FROM my_say_on_tutors(%(child)s))"
REQUESTS = "SELECT uuid, name, organization, kinds, purpose, last_day, asked_at FROM tutor_requests_of(%(child)s)"
TUTORS = "SELECT uuid, name, organization, kinds, purpose, last_day, relation, is_mine, signed_at FROM tutors_of(%(child)s)"
APPLICATIONS = """SELECT uuid, name, address, organization, purpose, asked_at, state, answered_at, answerer, students
    FROM tutor_applications_shown()"""
TIES = "SELECT uuid, name, organization, child, kinds, last_day, has_consent, number, has_more FROM tutor_ties_shown()"


@dataclass(frozen=True, slots=True)
class Application:
    """One's own."""

    organization: str
    purpose: str
    asked_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class MyStudent:
    """last_day: of access; None: the district set none."""

    uuid: UUID
    name: str
    kinds: list[str]
    last_day: date | None
    purpose: str


@dataclass(frozen=True, slots=True)
class MyRequest:
    """is_over: nobody answered in time, as far as its tutor is told."""

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
    """relation: of whoever consented; None: confidential, or the district's own tie, which nobody signed (signed_at None)."""

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
    """students: how many read by this tutor now."""

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


def what_tutors_may() -> tuple[list[str], date | None]:
    """Kinds that the district lets a family tick, none where it takes no tutors; the first day after the term, None where none runs."""
    ((kinds, end),) = rows(DISTRICT, {})
    return list(kinds), end


def my_application() -> Application | None:
    found = rows(APPLICATION, {})
    return Application(*found[0]) if found else None


def my_students() -> list[MyStudent]:
    return [MyStudent(*row) for row in rows(STUDENTS, {})]


def my_tutor_requests() -> list[MyRequest]:
    return [MyRequest(*row) for row in rows(MINE, {})]


def has_say(child: UUID) -> bool:
    """Whether somebody is of this child's family, or the child: a tutor is neither."""
    return bool(rows(SAY, {"child": child})[0][0])


def wanted(child: UUID) -> list[Wanted]:
    """Nothing for somebody who may not consent."""
    return [Wanted(*row) for row in rows(REQUESTS, {"child": child})]


def tutors(child: UUID) -> list[Tutor]:
    return [Tutor(*row) for row in rows(TUTORS, {"child": child})]


def applications() -> list[Applied]:
    return [Applied(*row) for row in rows(APPLICATIONS, {})]


def tutor_ties() -> list[TutorTie]:
    return [TutorTie(*row) for row in rows(TIES, {})]
