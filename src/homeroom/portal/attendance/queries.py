"""Marks as the file sent them, with equal marks of a day joined. One statement for any number of children."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from homeroom.portal.access.asking import rows
from homeroom.portal.access.reading import Reading
from homeroom.portal.attendance.calendar import Codes, Mark, Meaning, meaning
from homeroom.portal.attendance.models import Excuse, Presence
from homeroom.portal.wording.statements import Statements, statements_of_marks


class MarkRow(NamedTuple):
    student_id: int
    day: date
    status: str
    excuse_code: str
    is_whole_day: bool
    places: list[str | None] | None
    statement: list[Statements] | None


MARKS = Reading(MarkRow, "marks_shown", students="integer[]", since="date", until="date")
FIRST = "SELECT first_mark_shown(%(student)s::integer)"


def codes(found: Iterable[Sequence[Any]]) -> Codes:
    """Returns the district's setting, from rows of status, excuse code, presence and excuse."""
    return {
        (status, excuse_code): Meaning(Presence(int(presence)), Excuse(int(excuse)))
        for status, excuse_code, presence, excuse in found
    }


def first_mark_of(student_id: int) -> date | None:
    return next((day for (day,) in rows(FIRST, {"student": student_id})), None)


def marks_of(student_ids: Collection[int], since: date, codes: Codes, *, until: date = date.max) -> dict[int, list[Mark]]:
    """Returns marks by student, oldest first. `until` is the first day that is left out."""
    return marks_in(MARKS(students=list(student_ids), since=since, until=until), student_ids, codes)


def marks_in(found: Iterable[MarkRow], student_ids: Collection[int], codes: Codes) -> dict[int, list[Mark]]:
    marks: dict[int, list[Mark]] = {student: [] for student in student_ids}
    for student, day, status, excuse_code, is_whole_day, places, statement in found:
        said = tuple(place for place in places or () if place)
        marks[student].append(Mark(day, meaning(status, excuse_code, codes), is_whole_day, said, statements_of_marks(statement)))
    return marks
