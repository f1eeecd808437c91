"""One student of the class: the grade and where it comes from, then the work."""

from dataclasses import dataclass

from homeroom.portal.grades.classes import Grade, How
from homeroom.portal.grades.gradebook import Book, columns, grade_and_how
from homeroom.portal.grades.work import WorkRow, row, said


@dataclass(frozen=True, slots=True)
class OneStudent:
    name: str
    grade: Grade
    how: How
    before: str
    after: str
    missing: int
    rows: tuple[WorkRow, ...]
    statements: tuple[str, ...]


def one_student(book: Book) -> OneStudent | None:
    """Returns the chosen student, or else the first of the list. None if the class is empty."""
    order = [str(student.uuid) for student in book.students]
    if not order:
        return None
    chosen = order.index(book.asked.student) if book.asked.student in order else 0
    student = book.students[chosen]
    work = [book.result(student, piece) for piece in columns(book)]
    judged = [(piece, book.is_lacking(piece)) for piece in work]
    grade, how = grade_and_how(book, student)
    say = said()
    return OneStudent(
        name=student.name,
        grade=grade,
        how=how,
        before=student_link(book, chosen - 1),
        after=student_link(book, chosen + 1),
        missing=sum(missing for _piece, missing in judged),
        rows=tuple(row(piece, say, missing=missing) for piece, missing in judged),
        statements=student.statements,
    )


def student_link(book: Book, number: int) -> str:
    return book.link(view="student", student=book.students[number].uuid) if 0 <= number < len(book.students) else ""
