"""What a supporter reads, as the functions of reading.sql answer it: numbers and dates. Names are given to the numbers in masked_pages.py."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from homeroom.portal.access.asking import rows

CLASSES = "SELECT class, left_on, terms, teachers FROM support_classes()"
WORK = """SELECT class, kind, weight, due_date, out_of, is_grade, term_starts, term_ends, score, mark, status, score_date, is_late, is_missing, is_incomplete,
    in_progress, delivery, changed_by, old_score, old_mark FROM support_work()"""
MARKS = "SELECT day, presence, excuse, is_whole_day, classes FROM support_marks(%(since)s)"
TIES = "SELECT adult, relation, kind, state, proof, first_day, end_date, views, closed_by FROM support_ties()"
DELIVERIES = "SELECT received_at, signed_at, ended_at, state, reason, jsonb_build_array(numbers, counts, refused) FROM support_deliveries()"
ESTIMATES = "SELECT support_estimates()"


@dataclass(frozen=True, slots=True)
class Tie:
    """closed_by: why it opens nothing; empty: it opens. end_date: the first day it no longer does."""

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
class Delivery:
    """refused: "file: reason" and how many rows."""

    received_at: datetime
    signed_at: datetime | None
    ended_at: datetime | None
    state: str
    reason: str
    numbers: Mapping[str, Any]
    counts: Mapping[str, Mapping[str, int]]
    refused: Mapping[str, int]


def classes() -> list[tuple[Any, ...]]:
    return rows(CLASSES, {})


def work() -> list[tuple[Any, ...]]:
    return rows(WORK, {})


def marks(since: date) -> list[tuple[Any, ...]]:
    return rows(MARKS, {"since": since})


def ties() -> list[Tie]:
    return [Tie(*row) for row in rows(TIES, {})]


def deliveries() -> list[Delivery]:
    """Newest first."""
    return [Delivery(*row, *json.loads(numbers)) for *row, numbers in rows(DELIVERIES, {})]


def has_estimates() -> bool:
    return any(row[0] for row in rows(ESTIMATES, {}))
