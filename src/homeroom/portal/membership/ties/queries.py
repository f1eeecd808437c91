"""Reads who has access to a student and who is restricted, for an administrator, after a recorded view. Returns only what the database allows the caller."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

CHILD = "SELECT child_kept(%(child)s)::text"


@dataclass(frozen=True, slots=True)
class ListedStudent:
    uuid: UUID
    name: str
    school: str | None
    grade_levels: list[str]


@dataclass(frozen=True, slots=True)
class ClosedNow:
    """Parent access is turned off. `waits` means that someone proposed to turn it on again."""

    basis: str
    words: str
    set_at: datetime
    setter: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """The student of the page."""

    name: str
    first_name: str
    school: str | None
    closed: ClosedNow | None


@dataclass(frozen=True, slots=True)
class TieKept:
    """`end_date` is the first day without access. `closed_by` is barred, accounts, age, state, over, early, or '' if access is open."""

    uuid: UUID
    who: UUID
    adult: str
    relation: str
    kind: str
    basis: str
    start_date: date
    end_date: date | None
    views: list[str]
    rights: list[str]
    proof: str
    is_confidential: bool
    closed_by: str
    is_asleep: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class TieOfAdult:
    """A student that an adult has access to. The fields are as in TieKept."""

    child: UUID
    name: str
    school: str | None
    kind: str
    start_date: date
    end_date: date | None
    closed_by: str


@dataclass(frozen=True, slots=True)
class Restricted:
    """`end_date` is the first day without the restriction. `maker` is None for the operator's command. `number` is the student's place in the list."""

    uuid: UUID
    child: UUID
    name: str
    student: str
    school: str | None
    basis: str
    effect: str
    start_date: date
    end_date: date | None
    paper: str
    maker: str | None
    made_at: datetime
    waits: bool
    number: int
    has_more: bool


class Joined(NamedTuple):
    """A confirmed join: the contact is this adult, or the same person as this other contact."""

    uuid: str
    is_adult: bool
    name: str
    relation: str


@dataclass(frozen=True, slots=True)
class ContactKept:
    """A contact in the record. `joins` is JSON."""

    uuid: UUID
    name: str
    relation: str
    is_kept: bool
    waits: bool
    joins: str

    @property
    def joined(self) -> list[Joined]:
        return [Joined(**each) for each in json.loads(self.joins)]


@dataclass(frozen=True, slots=True)
class FoundAdult:
    uuid: UUID
    name: str
    is_contact: bool
    has_account: bool


students_found = Reading(ListedStudent, "students_for_ties")  # from the list that the request's view recorded
ties_of_adult = Reading(TieOfAdult, "ties_of_adult")  # of the adult that the request's view is about
ties_of = Reading(TieKept, "ties_of_child", child="uuid")
RESTRICTIONS = Reading(Restricted, "restrictions_shown", child="uuid")
contacts_of = Reading(ContactKept, "contacts_of_child", child="uuid")
ADULTS = Reading(FoundAdult, "adults_found")
TO_BAR = Reading(FoundAdult, "people_to_bar")


def child_kept(child: UUID) -> Kept | None:
    said = rows(CHILD, {"child": child})[0][0]
    return _kept(json.loads(said)) if said else None


def _kept(said: dict[str, Any]) -> Kept:
    closed = said["closed"]
    if closed:
        closed = ClosedNow(closed["basis"], closed["words"], datetime.fromisoformat(closed["set_at"]), closed["setter"], closed["waits"])
    return Kept(said["name"], said["first_name"], said["school"], closed)


def restrictions(child: UUID | None = None) -> list[Restricted]:
    """If `child` is None, returns those in the list that the request's view recorded."""
    return RESTRICTIONS(child=child)


def people_found(*, to_bar: bool) -> list[FoundAdult]:
    """Returns the people that the request's view found."""
    return TO_BAR() if to_bar else ADULTS()
