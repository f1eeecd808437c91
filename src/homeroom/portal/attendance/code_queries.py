"""What the page of codes asks: which codes came, how often, whom a change would touch, and who changed what."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from homeroom.portal.access.asking import rows
from homeroom.portal.attendance.calendar import Codes
from homeroom.portal.attendance.codes import Code, Met, folded, joined, unmapped
from homeroom.portal.attendance.queries import codes
from homeroom.portal.wording import dates

MOST = 2_000  # pairs of words; more are notes and no codes
MANY = 1_000_000  # marks; to tell the students of more apart takes longer than a page may

CODES = "SELECT status, excuse_code, presence::text, excuse::text FROM attendance_codes_shown()"
MET = "SELECT status, excuse_code, last_day FROM attendance_codes_met(%(most)s::integer)"
COUNTED = "SELECT status, excuse_code, marks FROM attendance_codes_counted(%(status)s::text, %(excuse)s::text, %(since)s::date)"
TOUCHED = "SELECT status, excuse_code, marks, students FROM attendance_codes_touched(%(statuses)s::text[], %(excuses)s::text[])"


@dataclass(frozen=True, slots=True)
class Found:
    """met: of this school year. has_more: not all pairs were looked at."""

    met: dict[Code, Met]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Touched:
    """by_spelling: marks and students of each pair of words. students: None where there are too many marks to tell them apart."""

    marks: int
    students: int | None
    by_spelling: dict[tuple[str, str], tuple[int, int]]


def set_now() -> Codes:
    return codes([*row] for row in rows(CODES, {}))


def begun() -> date:
    return date(dates.this_school_year() - 1, dates.SCHOOL_YEAR_STARTS, 1)


def codes_met() -> Found:
    pairs = _pairs()
    current = [pair for pair in pairs[:MOST] if pair[2] >= begun()]
    if not current:
        return Found({}, len(pairs) > MOST)
    status, excuse, _last = current[-1]
    counted = rows(COUNTED, {"status": status, "excuse": excuse, "since": begun()})
    counts = {(status, excuse): marks for status, excuse, marks in counted}
    return Found(joined((*pair, counts.get(pair[:2], 0)) for pair in current), len(pairs) > MOST)


def unmapped_now() -> int:
    """How many codes of this school year nobody has said the meaning of; none is counted in the marks, so it is quick."""
    current = {folded(status, excuse) for status, excuse, last in _pairs()[:MOST] if last >= begun()}
    return len(unmapped(current, set_now())) if current else 0


def _pairs() -> list[tuple[str, str, date]]:
    return [(status, excuse, last) for status, excuse, last in rows(MET, {"most": MOST + 1})]


def touched(met: Collection[Met]) -> Touched:
    if (marks := sum(each.marks for each in met)) > MANY:
        return Touched(marks, None, {})
    spellings = [spelling for each in met for spelling in each.spellings]
    values = {"statuses": [status for status, _ in spellings], "excuses": [excuse for _, excuse in spellings]}
    found = {(status, excuse): (marks, students) for status, excuse, marks, students in rows(TOUCHED, values)}
    marks, students = found.pop((None, None), (0, 0))
    return Touched(marks, students, found)

