"""What a class's gradebook is made of: students, work and results. Three statements, whatever its size."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from unicodedata import combining, normalize
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from homeroom.portal.access.asking import rows
from homeroom.portal.grades.models import LineItem, Result
from homeroom.portal.grades.queries import OF_THE_RESULT, OF_THE_WORK
from homeroom.portal.grades.work import Piece

# A masked student's row of person is for those alone who read the name: a teacher of another class meets the alias.
SEATED = """SELECT e.begin_date, e.end_date, e.ended_at, e.person_id, coalesce(p.uuid, a.uuid),
           coalesce(a.family_name, nullif(p.preferred_family_name, ''), p.family_name) || ', ' ||
           coalesce(a.given_name, nullif(p.preferred_given_name, ''), p.given_name)
    FROM enrollment e LEFT JOIN person p ON p.id = e.person_id LEFT JOIN met_by_alias() a ON a.id = e.person_id
    WHERE e.section_id = %(section)s AND e.role = 'student' AND coalesce(p.id, a.id) IS NOT NULL ORDER BY e.ended_at"""


@dataclass(frozen=True, slots=True)
class Student:
    """name: family name first, as a teacher's list has it. left_at: when a file left the seat out; who dropped the class stands last."""

    id: int
    uuid: UUID
    name: str
    left_at: datetime | None = None


def students_in(section_id: int, today: date) -> list[Student]:
    """Those in the class today; where nobody is any more (its term is over), those who were; and last who dropped it, as far as a look opened them."""
    every = [(_is_now(begins, ends, today), _student(*person)) for begins, ends, *person in rows(SEATED, {"section": section_id})]
    seated = [(is_now, student) for is_now, student in every if student.left_at is None]
    now = {student.id: student for is_now, student in seated if is_now}
    found = now or {student.id: student for _is, student in seated}
    dropped = {student.id: student for _is, student in every if student.left_at and student.id not in found}
    return sorted([*found.values(), *dropped.values()], key=lambda student: (student.left_at is not None, _in_a_list(student.name), student.id))


def _in_a_list(name: str) -> str:
    """Álvarez stands among those with A, as in the list on paper."""
    return "".join(letter for letter in normalize("NFKD", name.casefold()) if not combining(letter))


def _is_now(begins: date | None, ends: date | None, today: date) -> bool:
    return (begins is None or begins <= today) and (ends is None or today < ends)


def _student(left_at: datetime | None, number: int, uuid: UUID, name: str) -> Student:
    return Student(number, uuid, _("%(name)s (dropped)") % {"name": name} if left_at else name, left_at)


def work_in(section_id: int) -> dict[int, Piece]:
    """By line item, newest first, without anybody's result."""
    found = LineItem.objects.filter(section=section_id, ended_at=None).order_by("-due_date", "-id")
    return {item: Piece(section_id, item, *work) for item, *work in found.values_list("id", *OF_THE_WORK)}


def results_in(work: Mapping[int, Piece], students: Collection[Student]) -> dict[tuple[int, int], Piece]:
    """By student and line item; of two, the one scored last, as the family's page has it. Of who dropped the class what went with the seat."""
    stands = Q(ended_at=None)
    for student in students:
        if student.left_at:
            stands |= Q(student=student.id, ended_at__gte=student.left_at)
    found = Result.objects.filter(stands, line_item__in=list(work), student__in=[s.id for s in students]).order_by("score_date", "id")
    values = found.values_list("student_id", "line_item_id", *OF_THE_RESULT)
    return {(student, item): _with(work[item], *result) for student, item, *result in values}


def _with(work: Piece, *result: object) -> Piece:
    """The work with one student's result; dataclasses.replace() took a third of a page of 28 × 20."""
    return Piece(
        work.section_id, work.line_item_id, work.title, work.kind, work.weight, work.due, work.out_of, work.is_grade,
        work.term, work.term_starts, work.term_ends, *result,  # type: ignore[arg-type]  # OF_THE_RESULT's order
    )  # fmt: skip
