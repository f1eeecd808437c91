"""Queries for a class's gradebook: the class, students, work and results, sent together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from unicodedata import combining, normalize
from uuid import UUID

from django.utils.translation import gettext as _

from homeroom.portal.access.asking import rows_of_each
from homeroom.portal.access.reading import Reading
from homeroom.portal.grades.gradebook_classes import SHOWN, Class, classes_in
from homeroom.portal.grades.work import Piece
from homeroom.portal.wording.statements import Statements, statements_said


class StudentRow(NamedTuple):
    id: int
    uuid: UUID
    family_name: str
    given_name: str
    left_at: datetime | None
    statements: Statements


@dataclass(frozen=True, slots=True)
class GradebookStudent:
    """`name` has the family name first, as in a teacher's list. `left_at` is when a file left the enrollment out. Students who dropped the class come last."""

    id: int
    uuid: UUID
    name: str
    left_at: datetime | None = None
    statements: tuple[str, ...] = ()  # of the family, about the record itself


END_OF_WORK, END_OF_RESULT = 11, 21
OF_THE_WORK = Piece._fields[:END_OF_WORK]
OF_THE_RESULT = Piece._fields[END_OF_WORK:END_OF_RESULT]
BESIDE = (None,) * len(Piece._fields[END_OF_RESULT:])
type Row = tuple[Any, ...]  # of RESULTS. A class has hundreds, and the grid reads four columns of each
STUDENTS = Reading(StudentRow, "class_students_shown", day="date")
WORK = Reading(Piece, "class_work_shown", columns=OF_THE_WORK)
RESULTS = Reading(Piece, "class_results_shown", columns=("student_id", "line_item_id", *OF_THE_RESULT), day="date")


@dataclass(frozen=True, slots=True)
class Read:
    """`students` has those in the class, then those who dropped it. `work` is by line item, newest first. `results` are as read, by student and line
    item. The one scored last of two counts.
    """

    section: Class
    students: list[GradebookStudent]
    work: dict[int, Piece]
    results: dict[tuple[int, int], Row]


def gradebook(today: date) -> Read | None:
    """Returns the class that the request's view opened. None if it opened no class."""
    found, students, work, results = rows_of_each(SHOWN.asked(), STUDENTS.asked(day=today), WORK.asked(), RESULTS.asked(day=today))
    section = next(iter(classes_in(found, today)), None)
    pieces = {row[1]: Piece(*row) for row in work}
    return Read(section, students_in(students), pieces, {(row[0], row[1]): row for row in results}) if section else None


def students_in(found: Iterable[tuple[Any, ...]]) -> list[GradebookStudent]:
    students = [_student(StudentRow(*row)) for row in found]
    return sorted(students, key=lambda student: (student.left_at is not None, _in_a_list(student.name), student.id))


def with_result(piece: Piece, row: Row) -> Piece:
    return Piece._make(piece[:END_OF_WORK] + row[2:] + BESIDE)


def _in_a_list(name: str) -> str:
    """Sorts Álvarez among the names with A, as in a list on paper."""
    return "".join(letter for letter in normalize("NFKD", name.casefold()) if not combining(letter))


def _student(row: StudentRow) -> GradebookStudent:
    name = f"{row.family_name}, {row.given_name}"
    shown = _("%(name)s (dropped)") % {"name": name} if row.left_at else name
    return GradebookStudent(row.id, row.uuid, shown, row.left_at, statements_said(row.statements))
