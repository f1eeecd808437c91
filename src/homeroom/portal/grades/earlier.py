"""Classes that a student no longer attends: those of terms that are over, and those dropped during a term. History is what the file last said. Scores
that it took back while the student was in the class stay taken back.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone

from homeroom.portal.access.reading import Reading
from homeroom.portal.grades.seats import Seat
from homeroom.portal.grades.work import Piece
from homeroom.portal.wording.dates import school_year_of


@dataclass(frozen=True, slots=True)
class EarlierSeat:
    """`year` is when the school year of its term ends. `until` is when a file first left the enrollment out. None means that the class is over."""

    seat: Seat
    year: int
    until: datetime | None


class SeatRow(NamedTuple):
    section_id: int
    uuid: str
    title: str
    periods: list[str]
    left_on: date | None
    until: datetime | None
    terms: list[list[str]]
    teachers: list[str]


SEATS = Reading(SeatRow, "earlier_seats_shown", student="integer", day="date")
WORK = Reading(Piece, "earlier_work_shown", student="integer", sections="integer[]", until="timestamptz[]")


def earlier_seats(student_id: int, today: date) -> list[EarlierSeat]:
    """Returns classes by name. A class that the student attends today is left out, however often it was left before."""
    by_section: dict[int, EarlierSeat | None] = {}
    for row in SEATS(student=student_id, day=today):
        section_id, found = row.section_id, _seat(student_id, *row, today=today)
        by_section.setdefault(section_id, found)  # a row that has not ended comes first, then the one that ended last
    return [seat for seat in by_section.values() if seat]


def _seat(
    student_id: int, section_id: int, uuid: str, title: str, periods: list[str], left: date | None, until: datetime | None,
    terms: list[list[str]], teachers: list[str], *, today: date,
) -> EarlierSeat | None:  # fmt: skip
    begun = [(name, begins, ends) for name, *days in terms for begins, ends in [map(date.fromisoformat, days)] if begins <= today]
    is_over = bool(left and left <= today) or bool(terms and all(ends <= today for *_term, ends in begun))
    if (terms and not begun) or (until is None and not is_over):
        return None
    last = min(filter(None, [left, until and timezone.localdate(until)]), default=today)
    name, begins, ends = next((term for term in begun if last < term[2]), begun[-1]) if begun else ("", last, last)
    seat = Seat(student_id, section_id, uuid, title, tuple(periods), tuple(teachers), name, min(ends, last), False)
    return EarlierSeat(seat, school_year_of(begins), until)


def earlier_work(student_id: int, seats: Collection[EarlierSeat]) -> list[Piece]:
    """Returns the student's results in these classes, newest first."""
    return WORK(student=student_id, sections=[s.seat.section_id for s in seats], until=[s.until for s in seats])


def years_of(seats: Iterable[EarlierSeat]) -> set[int]:
    return {seat.year for seat in seats}
