"""Reads what a supporter sees, as the functions of reading.sql return it: numbers and dates. masked_pages.py makes names from the numbers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading

ESTIMATES = "SELECT support_estimates()"


@dataclass(frozen=True, slots=True)
class Tie:
    """`closed_by` is why there is no access, and empty if there is. `end_date` is the first day without access."""

    adult: int
    relation: str
    kind: str
    state: str
    proof: str
    first_day: date
    end_date: date | None
    views: Sequence[str]
    closed_by: str


@dataclass(frozen=True, slots=True)
class MaskedDelivery:
    """`refused` has "file: reason" and the number of rows."""

    received_at: datetime
    signed_at: datetime | None
    ended_at: datetime | None
    state: str
    reason: str
    numbers: Mapping[str, Any]
    counts: Mapping[str, Mapping[str, int]]
    refused: Mapping[str, int]


class MaskedClass(NamedTuple):
    """`number` is the class's. `terms` has the start and end date of each."""

    number: int
    left_on: date | None
    terms: list[list[date]] | None
    teachers: list[int]


class MaskedWork(NamedTuple):
    """`section` is the number of the class. The rest is as in grades."""

    section: int
    kind: int
    weight: float
    due_date: date
    out_of: float
    is_grade: bool
    term_starts: date
    term_ends: date
    score: float | None
    mark: str
    status: int
    score_date: date | None
    is_late: bool
    is_missing: bool
    is_incomplete: bool
    in_progress: bool
    delivery: int
    changed_by: int | None
    old_score: float | None
    old_mark: str


class MaskedMark(NamedTuple):
    """`classes` has their numbers."""

    day: date
    presence: int
    excuse: int
    is_whole_day: bool
    classes: list[int] | None


classes = Reading(MaskedClass, "support_classes", columns=("class", *MaskedClass._fields[1:]))
work = Reading(MaskedWork, "support_work", columns=("class", *MaskedWork._fields[1:]))
marks = Reading(MaskedMark, "support_marks", since="date")
ties = Reading(Tie, "support_ties")
DELIVERIES = Reading(MaskedDelivery, "support_deliveries")


def deliveries() -> list[MaskedDelivery]:
    """Newest first."""
    return [MaskedDelivery(*row[:5], *map(json.loads, row[5:])) for row in DELIVERIES.rows()]


def has_estimates() -> bool:
    return any(row[0] for row in rows(ESTIMATES, {}))
