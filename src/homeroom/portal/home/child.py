"""A child's page, the same for a family and for the student. Five queries, whatever the number of classes, sent together."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.asking import rows_of_each
from homeroom.portal.attendance.calendar import Day, days_of
from homeroom.portal.attendance.queries import marks_asked, marks_in, marks_of
from homeroom.portal.attendance.strip import MOST_WEEKS
from homeroom.portal.attendance.words import Attendance, attendance, nothing_yet
from homeroom.portal.grades.classes import Asked, ClassRow, Missing, class_rows
from homeroom.portal.grades.queries import pieces_in, seats_asked, seats_in, work_asked
from homeroom.portal.home.students import Student, by_alias, number_of, students_asked, students_in
from homeroom.portal.wording import dates

DAYS_SHOWN = 6
FRESH = timedelta(days=30)  # an absence without a reason asks for something so long


@dataclass(frozen=True, slots=True)
class ChildPage:
    student: Student
    is_own: bool  # the student's own page: the same, in the second person
    term: str
    term_ends: date | None
    classes: list[ClassRow]
    missing: list[Missing]
    attendance: Attendance | None  # None: this tie does not show it
    sees_grades: bool
    sees_ledger: bool
    things: int


def child_page(actor: Actor, uuid: UUID, all_of: str = "") -> ChildPage | None:
    """None: nobody whom this person may see."""
    number = number_of(actor, uuid)
    if number is None:
        return None
    asked = asked_by(actor, all_of)
    students, places, work, results, marks = rows_of_each(
        students_asked([uuid]), seats_asked([number], asked.today), *work_asked(number, asked.today), marks_asked([number], first_day(asked.today))
    )
    student = next(iter(students_in(actor, students or by_alias([uuid]))), None)
    if student is None:
        return None
    seats = seats_in(places, asked.today) if "grades" in student.kinds else []
    rows, missing = class_rows(seats, pieces_in(work, results, {seat.section_id for seat in seats}, asked.today), asked)
    days = days_of(marks_in(marks, [number], student.codes)[number]) if "attendance" in student.kinds else None
    return ChildPage(
        student=student,
        is_own=actor.side == "student",
        term=seats[0].term if seats else "",
        term_ends=seats[0].ends - timedelta(days=1) if seats and seats[0].ends else None,
        classes=rows,
        missing=missing,
        attendance=attendance(days, asked.today, DAYS_SHOWN, nothing=nothing_by(actor)) if days is not None else None,
        sees_grades="grades" in student.kinds,
        sees_ledger="ledger" in student.kinds,
        things=bool(missing) + len(without_reason(days or [], asked.today)),
    )


@dataclass(frozen=True, slots=True)
class AttendancePage:
    student: Student
    is_own: bool
    attendance: Attendance


def attendance_page(actor: Actor, student: Student) -> AttendancePage:
    """Every day of this school year that differs."""
    today = timezone.localdate()
    begun = date(dates.school_year_of(today) - 1, dates.SCHOOL_YEAR_STARTS, 1)
    days = days_of(marks_of([student.id], begun, student.codes)[student.id])
    return AttendancePage(student, actor.side == "student", attendance(days, today, nothing=nothing_by(actor)))


def nothing_by(actor: Actor) -> str:
    return nothing_yet(is_sent=actor.attendance_as_of is not None)


def asked_by(actor: Actor, all_of: str = "") -> Asked:
    return Asked(
        today=timezone.localdate(),
        as_of=local_day(actor.grades_as_of) or timezone.localdate(),
        since=local_day(actor.previous_visit_at),
        seen=actor.seen_delivery if actor.previous_visit_at else None,
        has_estimates=actor.has_estimates,
        all_of=all_of,
    )


def first_day(today: date) -> date:
    """Of the weeks that are shown."""
    return today - timedelta(weeks=MOST_WEEKS - 1, days=today.weekday())


def without_reason(days: list[Day], today: date) -> list[Day]:
    return [day for day in days if day.needs_reason and day.day > today - FRESH]


def local_day(at: datetime | None) -> date | None:
    return timezone.localdate(at) if at else None
