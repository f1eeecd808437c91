"""What a class's gradebook is made of: students, work and results. Three statements, whatever its size."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from unicodedata import combining, normalize
from uuid import UUID

from homeroom.portal.grades.models import LineItem, Result
from homeroom.portal.grades.queries import OF_THE_RESULT, OF_THE_WORK
from homeroom.portal.grades.work import Piece
from homeroom.portal.roster.models import Enrollment

NAMES = ("preferred_family_name", "family_name", "preferred_given_name", "given_name")


@dataclass(frozen=True, slots=True)
class Student:
    """name: family name first, as a teacher's list has it."""

    id: int
    uuid: UUID
    name: str


def students_in(section_id: int, today: date) -> list[Student]:
    """Those in the class today; where nobody is any more (its term is over), those who were."""
    rows = Enrollment.objects.filter(section=section_id, role="student", ended_at=None).values_list(
        "begin_date", "end_date", "person_id", "person__uuid", *(f"person__{name}" for name in NAMES)
    )
    seated = [(_is_now(begins, ends, today), _student(*person)) for begins, ends, *person in rows]
    now = {student.id: student for is_now, student in seated if is_now}
    found = now or {student.id: student for _is, student in seated}
    return sorted(found.values(), key=lambda student: (_in_a_list(student.name), student.id))


def _in_a_list(name: str) -> str:
    """Álvarez stands among those with A, as in the list on paper."""
    return "".join(letter for letter in normalize("NFKD", name.casefold()) if not combining(letter))


def _is_now(begins: date | None, ends: date | None, today: date) -> bool:
    return (begins is None or begins <= today) and (ends is None or today < ends)


def _student(number: int, uuid: UUID, new_family: str, family: str, new_given: str, given: str) -> Student:
    return Student(number, uuid, f"{new_family or family}, {new_given or given}")


def work_in(section_id: int) -> dict[int, Piece]:
    """By line item, newest first, without anybody's result."""
    rows = LineItem.objects.filter(section=section_id, ended_at=None).order_by("-due_date", "-id")
    return {item: Piece(section_id, item, *work) for item, *work in rows.values_list("id", *OF_THE_WORK)}


def results_in(work: Mapping[int, Piece], students: Collection[Student]) -> dict[tuple[int, int], Piece]:
    """By student and line item; of two, the one scored last, as the family's page has it."""
    rows = Result.objects.filter(line_item__in=list(work), student__in=[s.id for s in students], ended_at=None).order_by("score_date", "id")
    values = rows.values_list("student_id", "line_item_id", *OF_THE_RESULT)
    return {(student, item): _with(work[item], *result) for student, item, *result in values}


def _with(work: Piece, *result: object) -> Piece:
    """The work with one student's result; dataclasses.replace() took a third of a page of 28 × 20."""
    return Piece(
        work.section_id, work.line_item_id, work.title, work.kind, work.weight, work.due, work.out_of, work.is_grade,
        work.term, work.term_starts, work.term_ends, *result,  # type: ignore[arg-type]  # OF_THE_RESULT's order
    )  # fmt: skip
