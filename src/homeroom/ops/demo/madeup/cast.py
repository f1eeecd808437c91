"""What tests and the demo know beforehand about Nina, so that her page shows each kind of thing once."""

from collections.abc import Callable
from datetime import date

from homeroom.ops.demo.madeup.curriculum import HOMEWORK, QUIZZES, TESTS
from homeroom.ops.demo.madeup.gradebook import Gradebook, Item, Mark
from homeroom.ops.demo.madeup.people import Student

NINA = "Nina Ruiz"
ALGEBRA, SPANISH = "Algebra 1", "Spanish 1"


def write_nina(book: Gradebook, as_of: date) -> None:
    """In Algebra a missing problem set, an excused one, a quiz, a test and extra credit; in Spanish one missing."""
    nina = next((student for student in book.section.students if student.name == NINA), None)
    if nina is None or book.section.title not in (ALGEBRA, SPANISH):
        return
    _write(book, nina, HOMEWORK, 0, lambda item: Mark("not submitted", item.due, flags=("missing",)), as_of)
    if book.section.title == ALGEBRA:
        _write(book, nina, HOMEWORK, 1, lambda item: Mark("exempt", item.due), as_of)
        _write(book, nina, QUIZZES, 0, lambda item: Mark("fully graded", item.due, 9.0), as_of)
        _write(book, nina, QUIZZES, 1, lambda item: Mark("fully graded", item.due, 11.0), as_of)
        _write(book, nina, TESTS, 0, lambda item: Mark("fully graded", item.due, 47.0), as_of)


def _write(
    book: Gradebook, student: Student, category: str, back: int, mark: Callable[[Item], Mark], as_of: date
) -> None:
    """Over the newest work of that kind that is past its day, or the one `back` before it."""
    past = sorted((item for item in book.items if item.category == category and item.due < as_of), key=_due)
    if len(past) > back:
        item = past[-1 - back]
        book.marks[item.id, student.id] = mark(item)


def _due(item: Item) -> date:
    return item.due
