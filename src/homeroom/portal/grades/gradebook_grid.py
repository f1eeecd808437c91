"""The grid: everybody's scores in everything, and who lacks what."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from homeroom.portal.grades import classes
from homeroom.portal.grades.gradebook import Book, columns, due_and_most, grade_of
from homeroom.portal.grades.gradebook_cells import Cell, cell_of
from homeroom.portal.grades.gradebook_queries import Student
from homeroom.portal.grades.work import Piece


@dataclass(frozen=True, slots=True)
class Head:
    title: str
    under: str
    link: str


@dataclass(frozen=True, slots=True)
class GridRow:
    name: str
    link: str
    grade: classes.Grade
    cells: tuple[Cell, ...]

    @property
    def html(self) -> SafeString:
        """All cells at once: a template node for each took a quarter of the page's time."""
        return SafeString("".join(cell.html for cell in self.cells))


@dataclass(frozen=True, slots=True)
class Grid:
    """lacking: students who miss something. waiting: work that was due and still lacks somebody's score."""

    heads: tuple[Head, ...]
    rows: tuple[GridRow, ...]
    lacking: int
    waiting: int
    has_grades: bool
    is_now: bool  # every grade is of a term that runs


def grid(book: Book) -> Grid:
    work = columns(book)
    rows = [grid_row(book, student, work) for student in book.students]
    lacking = [row for row in rows if any(cell.is_missing for cell in row.cells)]
    due = [number for number, piece in enumerate(work) if piece.due < book.as_of]
    shown = lacking if book.asked.only_missing else rows
    return Grid(
        heads=tuple(head_of(book, piece) for piece in work),
        rows=tuple(shown),
        lacking=len(lacking),
        waiting=sum(any(row.cells[number].is_empty for row in rows) for number in due),
        has_grades=any(row.grade.source != "none" for row in rows),
        is_now=not any(row.grade.term for row in rows),
    )


def grid_row(book: Book, student: Student, work: Sequence[Piece]) -> GridRow:
    pieces = [book.result(student, piece) for piece in work]
    cells = tuple(cell_of(piece, missing=book.is_lacking(piece)) for piece in pieces)
    return GridRow(student.name, book.link(view="student", student=student.uuid), grade_of(book, student), cells)


def head_of(book: Book, piece: Piece) -> Head:
    return Head(piece.title, due_and_most(piece), book.link(view="assignment", work=piece.line_item_id))
