"""The absences of a school in words: one row per student, with the days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from homeroom.portal.attendance.absence_queries import AbsenceRow, Absences, Count, SchoolName
from homeroom.portal.attendance.calendar import Codes, Mark, Part, days_of, meaning, period_order
from homeroom.portal.attendance.models import Excuse
from homeroom.portal.attendance.words import what
from homeroom.portal.wording.levels import grade_level
from homeroom.portal.wording.statements import statements_said

A_WEEK = timedelta(days=6)  # with the last day on file, seven days
NO_COUNT = Count(None, None, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class AbsenceFilter:
    """`school`: None means the first one."""

    school: UUID | None
    days: str  # "" or week
    period: str
    name: str

    @property
    def words(self) -> str:
        """Returns what the database reads. A name or a period with the separator finds no one, because none has it."""
        return f"{self.days}|{self.period}|{self.name}"

    def link(self, **other: object) -> str:
        """Returns the query of a link. It never has the name, which would stay in the browser's history."""
        said = QueryDict(mutable=True)
        given = {"school": self.school, "days": self.days, "period": self.period} | other
        said.update({key: str(value) for key, value in given.items() if value})
        return f"?{said.urlencode()}" if said else "/absences"


@dataclass(frozen=True, slots=True)
class Absence:
    day: date
    what: str  # such as "absent, periods 1–3"
    reason: str
    needs_reason: bool
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AbsentStudent:
    uuid: UUID
    name: str
    grade: str
    lines: tuple[Absence, ...]

    @property
    def needs_reason(self) -> bool:
        return any(line.needs_reason for line in self.lines)


@dataclass(frozen=True, slots=True)
class Choice:
    words: str
    path: str
    is_here: bool
    students: int = 0


@dataclass(frozen=True, slots=True)
class AbsencePage:
    asked: AbsenceFilter
    school: SchoolName
    schools: tuple[Choice, ...]  # if there are several
    first_day: date | None  # None: no attendance on file
    last_day: date | None
    all: Count
    days: tuple[Choice, ...]
    periods: tuple[Choice, ...]
    students: tuple[AbsentStudent, ...]
    next: str  # "": this is the last page
    is_cut: bool  # a search found more students than a page has


def absence_page(asked: AbsenceFilter, school: SchoolName, schools: Sequence[SchoolName], found: Absences) -> AbsencePage:
    every = next((count for count in found.counts if count.period is None), NO_COUNT)
    last, more = every.last_day, has_more(found.rows)
    return AbsencePage(
        asked=asked,
        school=school,
        schools=tuple(Choice(s.name, asked.link(school=s.uuid, period=""), s == school) for s in schools) if len(schools) > 1 else (),
        first_day=last - A_WEEK if last and asked.days else last,
        last_day=last,
        all=every,
        days=tuple(Choice(days, asked.link(days=days), days == asked.days) for days in ("", "week")),
        periods=tuple(periods_of(asked, found.counts)),
        students=tuple(students_of(found.rows, found.codes)),
        next=asked.link(after=found.rows[-1].place) if more and not asked.name else "",
        is_cut=bool(more and asked.name),
    )


def has_more(rows: Sequence[AbsenceRow]) -> bool:
    return bool(rows) and rows[-1].place < rows[-1].total


def periods_of(asked: AbsenceFilter, counts: Sequence[Count]) -> list[Choice]:
    """Returns the periods with an absence, in their order. The one that was asked for is among them even if it has none."""
    students = {count.period: count.students for count in counts if count.period and count.students}
    if asked.period:
        students.setdefault(asked.period, 0)
    return [Choice(period, asked.link(period=period), period == asked.period, students[period]) for period in sorted(students, key=period_order)]


def students_of(rows: Sequence[AbsenceRow], codes: Codes) -> list[AbsentStudent]:
    """Returns the students in the database's order, each with the newest day first."""
    return [student_of(list(own), codes) for _place, own in groupby(rows, key=lambda row: row.place)]


def student_of(rows: Sequence[AbsenceRow], codes: Codes) -> AbsentStudent:
    marks = [
        Mark(r.day, meaning(r.status, r.excuse_code, codes), r.is_whole_day, (r.period,) if r.period else (), statements_said(r.statement)) for r in rows
    ]
    lines = tuple(line(day.day, part, rows) for day in reversed(days_of(marks)) for part in day.differing)
    first = rows[0]
    return AbsentStudent(first.uuid, first.name, grade_level(first.grade_levels[0]) if first.grade_levels else "", lines)


def line(day: date, part: Part, rows: Sequence[AbsenceRow]) -> Absence:
    """The office reads the file's own code for the reason. A family reads only its meaning."""
    if part.needs_reason:
        return Absence(day, what(part), "", True, part.statements)
    sent = sorted({row.excuse_code for row in rows if row.day == day and row.excuse_code})
    words = [_("unexcused")] if part.excuse is Excuse.UNEXCUSED else []
    words += [_("code %(code)s") % {"code": ", ".join(sent)}] if sent else []
    return Absence(day, what(part), ", ".join(words), False, part.statements)
