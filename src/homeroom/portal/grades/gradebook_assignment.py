"""One assignment: everyone's score in it, and how the scores are distributed. A phone shows it first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from homeroom.portal.grades.gradebook import Book, columns, due_and_most, scored
from homeroom.portal.grades.gradebook_queries import GradebookStudent
from homeroom.portal.grades.work import Piece
from homeroom.portal.wording.numbers import points
from homeroom.portal.wording.statements import statements_said

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """`tag` is kind and word, or None. `of` is "of 10" if there is a score."""

    name: str
    link: str
    tag: tuple[str, str] | None
    value: str
    of: str
    statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    title: str
    under: str
    sentence: str
    newer: str
    older: str
    rows: tuple[AssignmentRow, ...]


def assignment(book: Book) -> Assignment | None:
    """Returns the chosen assignment, or else the newest with a score, or else the newest that was due. None if there isn't any work."""
    work = columns(book)
    if not work:
        return None
    asked = [number for number, piece in enumerate(work) if str(piece.line_item_id) == book.asked.work]
    has_score = scored(book)
    done = [number for number, piece in enumerate(work) if piece.line_item_id in has_score]
    due = [number for number, piece in enumerate(work) if piece.due <= book.as_of]
    chosen = (asked or done or due or [len(work) - 1])[0]
    piece = work[chosen]
    results = [(student, book.result(student, piece)) for student in book.students]
    return Assignment(
        title=piece.title,
        under=f"{piece.kind}, {due_and_most(piece)}",
        sentence=spread([result for _student, result in results]),
        newer=link_to(book, work, chosen - 1),
        older=link_to(book, work, chosen + 1),
        rows=tuple(assignment_rows(book, results)),
    )


def link_to(book: Book, work: Sequence[Piece], number: int) -> str:
    return book.link(view="assignment", work=work[number].line_item_id) if 0 <= number < len(work) else ""


def assignment_rows(book: Book, results: Sequence[tuple[GradebookStudent, Piece]]) -> Iterator[AssignmentRow]:
    link = book.links("student", "student")
    for student, result in results:
        yield assignment_row(book, student, link + str(student.uuid), result)


def assignment_row(book: Book, student: GradebookStudent, link: str, piece: Piece) -> AssignmentRow:
    stated = statements_said(piece.statement)
    if piece.is_exempt:
        return AssignmentRow(student.name, link, ("excused", pgettext("of work", "Excused")), "", "", stated)
    missing = book.is_lacking(piece)
    late = ("late", _("Late")) if piece.is_late else None
    tag = ("missing", _("Missing")) if missing else late
    if piece.score is None:
        return AssignmentRow(student.name, link, tag, piece.text_score or ("" if missing else NOTHING), "", stated)
    most = _("of %(most)s") % {"most": points(piece.out_of)} if piece.out_of is not None else ""
    return AssignmentRow(student.name, link, tag, points(piece.score), most, stated)


def spread(results: Sequence[Piece]) -> str:
    """Returns how many have a score, and how the scores are distributed. Only the teacher sees it."""
    scores = [piece.score for piece in results if piece.score is not None and not piece.is_exempt]
    n, everybody = len(scores), len(results)
    said = ngettext("%(n)s of %(all)s has a score.", "%(n)s of %(all)s have a score.", n) % {"n": n, "all": everybody}
    if n < 2:
        return said
    low, middle, high = (points(value) for value in (min(scores), median(scores), max(scores)))
    lies = _("Middle score %(middle)s, lowest %(low)s, highest %(high)s.")
    return said + " " + lies % {"middle": middle, "low": low, "high": high}
