"""Queries for the page of codes: which codes came and how often, which records a change would affect, and who changed what."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from homeroom.portal.access.reading import Reading
from homeroom.portal.attendance.calendar import Codes
from homeroom.portal.attendance.codes import Code, Met, folded, is_open, joined
from homeroom.portal.attendance.queries import codes
from homeroom.portal.wording import dates

MOST = 2_000  # pairs of words. With more, they are notes and not codes
MANY = 1_000_000  # marks. With more, a page can't wait until their students are counted


class CodeRow(NamedTuple):
    status: str
    excuse_code: str
    presence: int
    excuse: int


class MetRow(NamedTuple):
    status: str
    excuse_code: str
    last_day: date


class CountedRow(NamedTuple):
    status: str
    excuse_code: str
    marks: int


class TouchedRow(NamedTuple):
    """The row for all codes together has None in `status` and `excuse_code`."""

    status: str | None
    excuse_code: str | None
    marks: int
    students: int


CODES = Reading(CodeRow, "attendance_codes_shown")
MET = Reading(MetRow, "attendance_codes_met", most="integer")
COUNTED = Reading(CountedRow, "attendance_codes_counted", status="text", excuse="text", since="date")
TOUCHED = Reading(TouchedRow, "attendance_codes_touched", statuses="text[]", excuses="text[]")


@dataclass(frozen=True, slots=True)
class Found:
    """`met` has the codes of this school year. `has_more`: not all pairs were read."""

    met: dict[Code, Met]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Touched:
    """`by_spelling` has marks and students of each pair of words. With too many marks to count their students, `students` is left at None."""

    marks: int
    students: int | None
    by_spelling: dict[tuple[str, str], tuple[int, int]]


def set_now() -> Codes:
    return codes(CODES())


def begun() -> date:
    return dates.school_year_begins(dates.this_school_year())


def codes_met() -> Found:
    pairs = _pairs()
    return Found(joined(_counted(_current(pairs))), len(pairs) > MOST)


def open_codes(codes: Codes) -> list[Met]:
    """Returns codes of this school year without a meaning, the most frequent first. It counts no marks if there are no such codes."""
    waiting = [pair for pair in _current(_pairs()) if is_open(folded(*pair[:2]), codes)]
    return sorted(joined(_counted(waiting)).values(), key=lambda met: (-met.marks, met.code))


def unmapped_now() -> int:
    """Returns the number of codes without a meaning. It is quick, because it counts no marks."""
    codes = set_now()
    return sum(is_open(code, codes) for code in {folded(*pair[:2]) for pair in _current(_pairs())})


def _current(pairs: list[MetRow]) -> list[MetRow]:
    return [pair for pair in pairs[:MOST] if pair.last_day >= begun()]


def _counted(pairs: list[MetRow]) -> list[tuple[str, str, date, int]]:
    if not pairs:
        return []
    status, excuse, _last = pairs[-1]
    counts = {(each.status, each.excuse_code): each.marks for each in COUNTED(status=status, excuse=excuse, since=begun())}
    return [(*pair, counts.get(pair[:2], 0)) for pair in pairs]


def _pairs() -> list[MetRow]:
    return MET(most=MOST + 1)


def touched(met: Collection[Met]) -> Touched:
    if (marks := sum(each.marks for each in met)) > MANY:
        return Touched(marks, None, {})
    spellings = [spelling for each in met for spelling in each.spellings]
    rows = TOUCHED(statuses=[status for status, _ in spellings], excuses=[excuse for _, excuse in spellings])
    marks, students = next(((each.marks, each.students) for each in rows if each.status is None), (0, 0))
    by_spelling = {(each.status, each.excuse_code or ""): (each.marks, each.students) for each in rows if each.status is not None}
    return Touched(marks, students, by_spelling)

