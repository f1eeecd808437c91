"""Students' classes and work as the file has them, in a fixed number of statements."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from homeroom.portal.access.asking import Query
from homeroom.portal.access.reading import Reading
from homeroom.portal.grades.seats import Seat
from homeroom.portal.grades.work import Piece

RECENT = timedelta(days=120)  # keeps the last classes on the page between two terms and in summer


class SeatRow(NamedTuple):
    """`terms` has title, first day and end of each."""

    student_id: int
    section_id: int
    uuid: str
    title: str
    periods: list[str]
    left_on: date | None
    terms: list[list[str]]
    teachers: list[str]


SEATS = Reading(SeatRow, "seats_shown", students="integer[]", day="date")
WORK = Reading(Piece, "work_shown", child="uuid", day="date", since="date")
SCORES = Reading(
    Piece, "scores_shown", columns=("student_id", *Piece._fields),
    students="integer[]", sections="integer[]", seen="integer", since="date", first="date", until="date",
)  # fmt: skip


def seats_of(student_ids: Collection[int], today: date) -> list[Seat]:
    """Returns classes that run today, in the order of the day. A student without any gets the last ones that did. Future classes are left out."""
    return seats_in(SEATS(students=list(student_ids), day=today), today)


def seats_in(found: Iterable[SeatRow], today: date) -> list[Seat]:
    seats = [seat for row in found if (seat := seated(*row, today=today))]
    running = {seat.student_id for seat in seats if seat.runs}
    return [seat for seat in seats if seat.runs or seat.student_id not in running]


def seated(
    student_id: int, section_id: int, uuid: str, title: str, periods: list[str], left: date | None,
    begun: list[list[str]], teachers: list[str], *, today: date,
) -> Seat | None:  # fmt: skip
    """`begun` has title, first day and end of each term. Returns None for a class that was over long ago or is still to come."""
    terms = [(name, date.fromisoformat(start), date.fromisoformat(end)) for name, start, end in begun]
    past = [term for term in terms if term[1] <= today]
    running = [term for term in past if today < term[2]]
    name, ends = (running[0] if running else past[-1])[::2] if past else ("", None)
    is_over = bool(left and left <= today) or bool(terms and not running)
    is_long_over = is_over and min(left or date.max, ends or date.max) <= today - RECENT
    if is_long_over or (terms and not past):
        return None
    return Seat(student_id, section_id, uuid, title, tuple(periods), tuple(teachers), name, ends, not is_over)


def work_asked(child: UUID, today: date) -> Query:
    """Returns all work of the student's classes with the student's result, newest first, as fields of Piece."""
    return WORK.asked(child=child, day=today, since=today - RECENT)


def news_of(
    student_ids: Collection[int], section_ids: Collection[int], *, seen: int | None, since: date | None, days: tuple[date, date]
) -> list[tuple[int, Piece]]:  # fmt: skip
    """Returns what may be missing, what came after the delivery last seen or was scored since that day, and work due from the first of `days` until the
    second."""
    first, until = days
    found = SCORES.rows(students=list(student_ids), sections=list(section_ids), seen=seen, since=since, first=first, until=until)
    return [(student, Piece(*row)) for student, *row in found]
