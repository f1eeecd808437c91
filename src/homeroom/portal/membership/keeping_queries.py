"""Who is tied to a student, who is kept from one, as an administrator reads it after a look. Nothing for anybody whom the database does not allow it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from homeroom.portal.access.asking import rows

STUDENTS = "SELECT uuid, name, school, grade_levels FROM students_for_ties()"
CHILD = "SELECT child_kept(%(child)s)::text"
TIES = """SELECT uuid, who, adult, relation, kind, basis, start_date, end_date, views, rights, proof, is_confidential, closed_by, is_asleep, may_change
    FROM ties_of_child(%(child)s)"""
RESTRICTIONS = """SELECT uuid, child, name, student, school, basis, start_date, end_date, paper, maker, made_at, waits,
    number, has_more FROM restrictions_shown(%(child)s)"""
CONTACTS = "SELECT uuid, name, relation, is_kept, waits FROM contacts_of_child(%(child)s)"
ADULTS = "SELECT uuid, name, is_contact, has_account FROM adults_found()"
TO_BAR = "SELECT uuid, name, is_contact, has_account FROM people_to_bar()"


@dataclass(frozen=True, slots=True)
class Student:
    uuid: UUID
    name: str
    school: str | None
    grade_levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClosedNow:
    """No parent accounts. waits: somebody proposed to open it."""

    basis: str
    words: str
    set_at: datetime
    setter: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """Whose page it is."""

    name: str
    first_name: str
    school: str | None
    closed: ClosedNow | None


@dataclass(frozen=True, slots=True)
class TieKept:
    """end: the first day on which it opens nothing. closed_by: barred, accounts, age, state, over, early; '': it is open."""

    uuid: UUID
    who: UUID
    adult: str
    relation: str
    kind: str
    basis: str
    start: date
    end: date | None
    views: list[str]
    rights: list[str]
    proof: str
    is_confidential: bool
    closed_by: str
    is_asleep: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class Restricted:
    """end: the first day on which it bars nobody. maker: None for the operator's command. number: the student's place in the list."""

    uuid: UUID
    child: UUID
    name: str
    student: str
    school: str | None
    basis: str
    start: date
    end: date | None
    paper: str
    maker: str | None
    made_at: datetime
    waits: bool
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class ContactKept:
    uuid: UUID
    name: str
    relation: str
    is_kept: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class Found:
    uuid: UUID
    name: str
    is_contact: bool
    has_account: bool


def students_found() -> list[Student]:
    """Those of the list that the request's view wrote down."""
    found = rows(STUDENTS, {})
    return [Student(uuid, name, school, tuple(levels)) for uuid, name, school, levels in found]


def child_kept(child: UUID) -> Kept | None:
    said = rows(CHILD, {"child": child})[0][0]
    return _kept(json.loads(said)) if said else None


def _kept(said: dict[str, Any]) -> Kept:
    closed = said["closed"]
    if closed:
        closed = ClosedNow(closed["basis"], closed["words"], datetime.fromisoformat(closed["set_at"]), closed["setter"], closed["waits"])
    return Kept(said["name"], said["first_name"], said["school"], closed)


def ties_of(child: UUID) -> list[TieKept]:
    return [TieKept(*row) for row in rows(TIES, {"child": child})]


def restrictions(child: UUID | None = None) -> list[Restricted]:
    """None: those of the list that the request's view wrote down."""
    return [Restricted(*row) for row in rows(RESTRICTIONS, {"child": child})]


def contacts_of(child: UUID) -> list[ContactKept]:
    return [ContactKept(*row) for row in rows(CONTACTS, {"child": child})]


def people_found(*, to_bar: bool) -> list[Found]:
    """Whom the search of the request's view found."""
    return [Found(*row) for row in rows(TO_BAR if to_bar else ADULTS, {})]
