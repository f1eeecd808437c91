"""Marks as the file sent them, a day's equal ones joined: one statement for any number of children."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from homeroom.portal.access.asking import Query, rows
from homeroom.portal.attendance.calendar import Codes, Mark, Meaning, meaning
from homeroom.portal.attendance.models import Excuse, Presence

# Who leaves a school takes the marks along in the same night: these were not taken back, they are history.
MARKS = """SELECT m.student_id, m.day, m.status, m.excuse_code, bool_or(m.section_id IS NULL),
       array_agg((SELECT coalesce(s.periods[1], s.title) FROM section s WHERE s.id = m.section_id))
           FILTER (WHERE m.section_id IS NOT NULL)
FROM attendance_mark m
WHERE m.student_id = ANY (%(students)s) AND m.day >= %(since)s AND m.day < %(until)s AND (m.ended_at IS NULL
      OR EXISTS (SELECT FROM role r WHERE r.person_id = m.student_id AND r.school_id = m.school_id AND r.role = 'student' AND r.ended_at = m.ended_at)
         AND NOT EXISTS (SELECT FROM role r WHERE r.person_id = m.student_id AND r.school_id = m.school_id AND r.role = 'student' AND r.ended_at IS NULL))
GROUP BY m.student_id, m.day, m.status, m.excuse_code ORDER BY m.day"""


def codes(found: Iterable[list[str]]) -> Codes:
    """The district's setting, from rows of status, excuse code, presence and excuse."""
    return {
        (status, excuse_code): Meaning(Presence(int(presence)), Excuse(int(excuse)))
        for status, excuse_code, presence, excuse in found
    }


FIRST = "SELECT min(day) FROM attendance_mark WHERE student_id = %(student)s"


def first_mark_of(student_id: int) -> date | None:
    return next((day for (day,) in rows(FIRST, {"student": student_id})), None)


def marks_of(student_ids: Collection[int], since: date, codes: Codes, *, until: date = date.max) -> dict[int, list[Mark]]:
    """By student, oldest first. until: the first day that is not wanted any more."""
    return marks_in(rows(*marks_asked(student_ids, since, until=until)), student_ids, codes)


def marks_asked(student_ids: Collection[int], since: date, *, until: date = date.max) -> Query:
    return MARKS, {"students": list(student_ids), "since": since, "until": until}


def marks_in(found: Iterable[tuple[Any, ...]], student_ids: Collection[int], codes: Codes) -> dict[int, list[Mark]]:
    marks: dict[int, list[Mark]] = {student: [] for student in student_ids}
    for student, day, status, excuse_code, is_whole_day, places in found:
        said = tuple(place for place in places or () if place)
        marks[student].append(Mark(day, meaning(status, excuse_code, codes), is_whole_day, said))
    return marks
