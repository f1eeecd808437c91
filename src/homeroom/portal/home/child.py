"""A child's page, the same for a family and for the student. It sends two queries together, whatever the number of classes.

If the page is home, school news is a third query.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows_of_each
from homeroom.portal.access.reading import Reading
from homeroom.portal.attendance.calendar import Day, days_of
from homeroom.portal.attendance.queries import MarkRow, marks_in, marks_of
from homeroom.portal.attendance.words import Attendance, attendance, nothing_yet
from homeroom.portal.grades.classes import ClassRow, DrawnFor, Missing, class_rows
from homeroom.portal.grades.news import News, due_soon, news
from homeroom.portal.grades.queries import SeatRow, seats_in, work_asked
from homeroom.portal.grades.seats import Seat
from homeroom.portal.grades.work import Piece
from homeroom.portal.home.students import Student, StudentRow, a_week_ago, students_in
from homeroom.portal.news.pages import Item, items_in
from homeroom.portal.news.queries import newest_asked
from homeroom.portal.wording import dates

DAYS_SHOWN = 6
LINES = 4  # of what is due soon and of new scores
FRESH = timedelta(days=30)  # how long an absence without a reason asks for one


@dataclass(frozen=True, slots=True)
class Few[Line]:
    """The first lines of a list, and how many more there are."""

    lines: Sequence[Line]
    more: int

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "Few[Line]":
        return cls(lines[:LINES], max(0, len(lines) - LINES))


@dataclass(frozen=True, slots=True)
class ChildPage:
    student: Student
    is_own: bool  # the student's own page: the same, addressed to the student
    term: str
    term_ends: date | None  # as in the file
    classes: list[ClassRow]
    missing: list[Missing]
    attendance: Attendance | None  # None if this access doesn't include it
    things: int
    soon: Few[Missing]  # due in the next seven days
    fresh: Few[News]  # new scores since the last visit, if the page is home. Other pages mark them
    since: date | None  # the last visit
    items: list[Item]  # the newest school news if the page is home

    @property
    def sees_grades(self) -> bool:
        return "grades" in self.student.kinds

    @property
    def sees_ledger(self) -> bool:
        return "ledger" in self.student.kinds


CHILD = Reading(
    StudentRow, "child_shown", columns=(*StudentRow._fields, "seats", "marks"),
    child="uuid", since="timestamptz", day="date", marks_since="date",
)  # fmt: skip


def child_page(actor: Actor, uuid: UUID, all_of: str = "", *, is_home: bool = False) -> ChildPage | None:
    """Returns None if this person may not see the student."""
    asked = asked_by(actor, all_of)
    found, work, *published = rows_of_each(
        CHILD.asked(child=uuid, since=a_week_ago(), day=asked.today, marks_since=dates.school_year_begun(asked.today)),
        work_asked(uuid, asked.today), *([newest_asked()] if is_home else []),
    )
    if not found:
        return None
    *row, places, marks = found[0]
    (student,) = students_in(actor, [StudentRow(*row)])
    seats, days = _read(student, places, marks, asked.today)
    taken = {seat.section_id: seat.title for seat in seats}
    pieces = [Piece._make(row) for row in work if row[0] in taken]
    rows, missing = class_rows(seats, pieces, asked)
    titled = [(taken[piece.section_id], piece) for piece in pieces]
    return ChildPage(
        student=student,
        is_own=actor.side == "student",
        term=seats[0].term if seats else "",
        term_ends=seats[0].ends if seats else None,
        classes=rows,
        missing=missing,
        attendance=attendance(days, asked.today, DAYS_SHOWN, nothing=nothing_by(actor)) if days is not None else None,
        things=bool(missing) + len(without_reason(days or [], asked.today)),
        soon=Few.of(due_soon(titled, asked)),
        fresh=Few.of(news(titled, asked) if is_home else []),
        since=asked.since,
        items=items_in(published[0]) if published else [],
    )


def _read(student: Student, places: list[Any], marks: list[Any], today: date) -> tuple[list[Seat], list[Day] | None]:
    """Returns classes and days, as far as this access includes them."""
    seats = seats_in(map(_seat_row, places), today) if "grades" in student.kinds else []
    days = days_of(marks_in(map(_mark_row, marks), [student.id], student.codes)[student.id]) if "attendance" in student.kinds else None
    return seats, days


def _seat_row(row: list[Any]) -> SeatRow:
    """Reads a row from JSON, which has days as text."""
    seat = SeatRow(*row)
    return seat._replace(left_on=date.fromisoformat(row[5]) if row[5] else None)


def _mark_row(row: list[Any]) -> MarkRow:
    return MarkRow(*row)._replace(day=date.fromisoformat(row[1]))


@dataclass(frozen=True, slots=True)
class AttendancePage:
    student: Student
    is_own: bool
    attendance: Attendance


def attendance_page(actor: Actor, student: Student) -> AttendancePage:
    """Returns every day of this school year that differs."""
    today = timezone.localdate()
    days = days_of(marks_of([student.id], dates.school_year_begun(today), student.codes)[student.id])
    return AttendancePage(student, actor.side == "student", attendance(days, today, nothing=nothing_by(actor)))


def nothing_by(actor: Actor) -> str:
    return nothing_yet(is_sent=actor.attendance_as_of is not None)


def asked_by(actor: Actor, all_of: str = "") -> DrawnFor:
    return DrawnFor(
        today=timezone.localdate(),
        as_of=local_day(actor.grades_as_of) or timezone.localdate(),
        since=local_day(actor.previous_visit_at),
        seen=actor.seen_delivery if actor.previous_visit_at else None,
        has_estimates=actor.has_estimates,
        all_of=all_of,
    )


def without_reason(days: list[Day], today: date) -> list[Day]:
    return [day for day in days if day.needs_reason and day.day > today - FRESH]


def local_day(at: datetime | None) -> date | None:
    return timezone.localdate(at) if at else None
