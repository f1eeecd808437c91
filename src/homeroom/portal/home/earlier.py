"""Earlier school years of a child, and classes of this year that are over for the child, one year per page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.translation import gettext as _

from homeroom.portal.access.actor import Actor
from homeroom.portal.attendance.calendar import days_of
from homeroom.portal.attendance.queries import first_mark_of, marks_of
from homeroom.portal.attendance.words import Attendance, attendance
from homeroom.portal.grades.classes import ClassRow, class_rows
from homeroom.portal.grades.earlier import EarlierSeat, earlier_seats, earlier_work, years_of
from homeroom.portal.grades.work import Piece
from homeroom.portal.home.child import asked_by
from homeroom.portal.home.students import Student
from homeroom.portal.wording.dates import school_year_begins, school_year_of


@dataclass(frozen=True, slots=True)
class YearLink:
    words: str
    query: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class EarlierPage:
    """`query` has the year shown, for the page's links to itself. `year` is in words, or empty if there is nothing earlier."""

    student: Student
    is_own: bool
    years: tuple[YearLink, ...]
    year: str
    query: str
    is_running: bool  # the year shown is not over, and these are its classes that are
    classes: list[ClassRow]
    attendance: Attendance | None


def earlier_page(actor: Actor, student: Student, wanted: str, all_of: str = "") -> EarlierPage:
    """`wanted` is the year in which the school year ends, as in the address. The newest year is shown if `wanted` is no year of the child."""
    asked = asked_by(actor, all_of)
    seats = earlier_seats(student.id, asked.today) if "grades" in student.kinds else []
    running = school_year_of(asked.today)
    years = sorted(years_of(seats) | _years_of_marks(student, running), reverse=True)
    shown = next((year for year in years if str(year) == wanted), years[0] if years else running)
    of_year = [seat for seat in seats if seat.year == shown]
    return EarlierPage(
        student=student,
        is_own=actor.side == "student",
        years=tuple(YearLink(said(year), f"?year={year}", year == shown) for year in years),
        year=said(shown) if years else "",
        query=f"year={shown}&",
        is_running=shown >= running,
        classes=class_rows([s.seat for s in of_year], _pieces(student, of_year), asked)[0],
        attendance=_attendance(student, shown) if "attendance" in student.kinds and shown < running else None,
    )


def said(year: int) -> str:
    """Returns words such as 2025–26."""
    return _("%(first)s–%(last)s") % {"first": year - 1, "last": f"{year % 100:02}"}


def _pieces(student: Student, seats: Sequence[EarlierSeat]) -> list[Piece]:
    return earlier_work(student.id, seats) if seats else []


def _years_of_marks(student: Student, running: int) -> set[int]:
    first = first_mark_of(student.id) if "attendance" in student.kinds else None
    return set(range(school_year_of(first), running)) if first else set()


def _attendance(student: Student, year: int) -> Attendance:
    begins, ends = school_year_begins(year), school_year_begins(year + 1)
    marks = marks_of([student.id], begins, student.codes, until=ends)
    found = attendance(days_of(marks[student.id]), ends - timedelta(days=1), nothing=_("No absence of this year has been sent."))
    return replace(found, lines=tuple(replace(line, needs_reason=False) for line in found.lines))  # no one asks for a reason any more
