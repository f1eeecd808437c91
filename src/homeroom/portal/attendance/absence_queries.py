"""Absences of a school, as the database lists them for the duty of the person asking."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from homeroom.portal.access.asking import rows_of_each
from homeroom.portal.access.reading import Reading
from homeroom.portal.attendance.calendar import Codes
from homeroom.portal.attendance.code_queries import CODES
from homeroom.portal.attendance.queries import codes
from homeroom.portal.wording.statements import Statements


class SchoolName(NamedTuple):
    uuid: UUID
    name: str


class Count(NamedTuple):
    """Numbers of students. Without a period it is the count of all. `unknown` have a code without a meaning."""

    last_day: date | None
    period: str | None
    students: int
    waiting: int
    unknown: int


class AbsenceRow(NamedTuple):
    uuid: UUID
    name: str
    grade_levels: list[str]
    place: int
    total: int
    day: date
    status: str
    excuse_code: str
    is_whole_day: bool
    period: str | None
    statement: Statements


schools_shown = Reading(SchoolName, "attendance_schools_shown")
COUNTED = Reading(Count, "absences_counted", of_school="uuid", days="text")
SHOWN = Reading(AbsenceRow, "absences_shown", of_school="uuid", words="text")


@dataclass(frozen=True, slots=True)
class Absences:
    counts: list[Count]
    rows: list[AbsenceRow]
    codes: Codes


def absences(school: UUID, words: str) -> Absences:
    """`words` is "days|period|name", as in absences_at()."""
    counts, found, meanings = rows_of_each(
        COUNTED.asked(of_school=school, days=words.partition("|")[0]), SHOWN.asked(of_school=school, words=words), CODES.asked()
    )
    return Absences([Count(*row) for row in counts], [AbsenceRow(*row) for row in found], codes(meanings))
