"""Queries for an administrator's pages about change sets and decisions. The database decides what it returns (reading.sql)."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from django.utils import timezone

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading
from homeroom.portal.intake.office.queries import delivered

PAGE = 50
FIRST = 20  # people on the page of a file on hold, as in seen_in_changes() in intake/rules.sql
COUNTED = 1_000  # people of a filter. Counting all 50,000 took longer than the rest of the page


@dataclass(frozen=True, slots=True)
class Count:
    """`school` is a sourcedId, or "" for rows of no school. `kind` is new, changed or going."""

    shape: str
    school: str
    school_title: str
    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Holds a filter. A blank field means all. The page begins after the place `after` in the list."""

    school: str = ""
    shape: str = ""
    kind: str = ""
    name: str = ""
    is_odd: bool = False
    after: int = 0

    @property
    def mark(self) -> str:
        return " ".join(part for part in (self.shape, self.kind) if part)


@dataclass(frozen=True, slots=True)
class Changed:
    """`counts` maps marks such as "result new" to numbers of rows. `is_here` means that the portal has the person. Their page then needs a view."""

    uuid: UUID
    place: int
    about: str
    name: str
    is_here: bool
    schools: tuple[str, ...]
    counts: dict[str, int]
    stands_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedRow:
    shape: str
    kind: str
    old: dict[str, Any]
    new: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """`answer` is a code of refusals, if the decision could not be carried out. `done_at` is None while it is being carried out."""

    verdict: str
    decider: str
    at: datetime
    why: str
    schools: tuple[str, ...]
    tables: tuple[str, ...]
    done_at: datetime | None
    answer: str


FILTER: dict[str, LiteralString] = {"of_delivery": "integer", "of_school": "text", "mark": "text", "is_odd": "boolean", "called": "text"}
DECIDED = Reading(Decided, "decisions_of", delivery="integer")
OF_A_CHANGE = ("uuid", "place", "about", "name", "is_here", "schools", "counts", "stands_out")
change_counts = Reading(Count, "change_counts_shown", about="integer")
LIST = Reading(Changed, "changes_shown", OF_A_CHANGE, **FILTER, after="integer", most="integer")
ONE = Reading(Changed, "change_shown", (*OF_A_CHANGE, "rows"), of_delivery="integer", which="uuid", is_known="boolean")
TOTAL = "SELECT changes_counted(%(of_delivery)s, %(of_school)s, %(mark)s, %(is_odd)s, %(called)s, %(most)s)"


def came_at(delivery: int) -> datetime | None:
    """Returns None if there is no such file or this reader may not see it."""
    found = delivered(delivery)
    return found.came if found else None


def changes(delivery: int, wanted: Wanted, most: int = PAGE + 1) -> list[Changed]:
    """Returns changes in list order, and one more than a page holds if there are more."""
    return [_changed(*row) for row in LIST.rows(**_values(delivery, wanted), after=wanted.after, most=most)]


def changes_in_all(delivery: int, wanted: Wanted) -> int:
    """Returns COUNTED + 1 if there are more than COUNTED."""
    return int(rows(TOTAL, _values(delivery, wanted) | {"most": COUNTED + 1})[0][0])


def one_change(delivery: int, uuid: UUID, *, is_here: bool) -> tuple[Changed, list[ChangedRow]] | None:
    found = ONE.rows(of_delivery=delivery, which=uuid, is_known=is_here)
    if not found:
        return None
    *columns, kept = found[0]
    return _changed(*columns), [ChangedRow(row["shape"], row["kind"], row["old"] or {}, row["new"] or {}) for row in json.loads(kept)]


def decisions_about(delivery: int) -> list[Decided]:
    """Returns decisions, newest first."""
    return [
        Decided(verdict, by, timezone.localtime(at), why, tuple(schools), tuple(tables), done and timezone.localtime(done), answer)
        for verdict, by, at, why, schools, tables, done, answer in DECIDED.rows(delivery=delivery)
    ]


def _values(delivery: int, wanted: Wanted) -> dict[str, Any]:
    return {"of_delivery": delivery, "of_school": wanted.school, "mark": wanted.mark, "is_odd": wanted.is_odd, "called": wanted.name}


def _changed(
    uuid: UUID, place: int, about: str, name: str, is_here: bool, schools: list[str], counts: str, stands_out: list[str]
) -> Changed:
    return Changed(uuid, place, about, name, is_here, tuple(schools), json.loads(counts), tuple(stands_out))
