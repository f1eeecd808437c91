"""The grid: everyone's scores in all work, and who is missing what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from homeroom.portal.grades import classes
from homeroom.portal.grades.gradebook import Book, Remark, columns, due_and_most, grades_of, remarks, scored
from homeroom.portal.grades.gradebook_cells import NO_RESULT, Cell, cell_of, may_be_missing
from homeroom.portal.grades.gradebook_queries import GradebookStudent, with_result
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
    is_lacking: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """`lacking` counts students with missing work. `waiting` counts work that was due and still lacks a score."""

    heads: tuple[Head, ...]
    rows: tuple[GridRow, ...]
    lacking: int
    waiting: int
    has_grades: bool
    is_now: bool  # every grade is of a running term
    remarks: tuple[Remark, ...]


def grid(book: Book) -> Grid:
    work = opened_on(columns(book), scored(book))
    rows = grid_rows(book, work)
    lacking = [row for row in rows if row.is_lacking]
    due = [number for number, piece in enumerate(work) if piece.due < book.as_of]
    shown = lacking if book.asked.only_missing else rows
    link = book.links("assignment", "work")
    return Grid(
        heads=tuple(Head(piece.title, due_and_most(piece), link + str(piece.line_item_id)) for piece in work),
        rows=tuple(shown),
        lacking=len(lacking),
        waiting=sum(any(row.cells[number].mark == "none" for row in rows) for number in due),
        has_grades=any(row.grade.source != "none" for row in rows),
        is_now=not any(row.grade.term for row in rows),
        remarks=tuple(remarks(book, {piece.line_item_id for piece in work})),
    )


def opened_on(work: Sequence[Piece], scored: Collection[int]) -> list[Piece]:
    """Returns the scored work, newest first, so that the grid opens on the newest score. The rest follows, the soonest due first."""
    return [piece for piece in work if piece.line_item_id in scored] + [piece for piece in reversed(work) if piece.line_item_id not in scored]


def grid_rows(book: Book, work: Sequence[Piece]) -> list[GridRow]:
    link, language = book.links("student", "student"), get_language()
    rows = []
    for student, grade in zip(book.students, grades_of(book), strict=True):
        cells = tuple([cell_in(book, student, piece, language) for piece in work])
        is_lacking = "missing" in [cell.mark for cell in cells]
        rows.append(GridRow(student.name, link + str(student.uuid), grade, cells, is_lacking))
    return rows


def cell_in(book: Book, student: GradebookStudent, piece: Piece, language: str | None) -> Cell:
    row = book.results.get((student.id, piece.line_item_id), NO_RESULT)
    return cell_of(row, language, missing=may_be_missing(row) and book.is_lacking(with_result(piece, row)))
