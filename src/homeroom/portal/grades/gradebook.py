"""A class's gradebook: what was read of the class, and what the page asks for. Pure, like its three views."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from homeroom.portal.grades import classes
from homeroom.portal.grades.arithmetic import is_missing
from homeroom.portal.grades.gradebook_cells import SCORE, STATEMENT, TEXT_SCORE
from homeroom.portal.grades.gradebook_classes import Class
from homeroom.portal.grades.gradebook_queries import GradebookStudent, Row, with_result
from homeroom.portal.grades.models import Status
from homeroom.portal.grades.work import Piece
from homeroom.portal.wording import dates
from homeroom.portal.wording.numbers import points
from homeroom.portal.wording.statements import statements_said

VIEWS = ("grid", "assignment", "student")
ALL_TERMS = "all"


@dataclass(frozen=True, slots=True)
class GradebookFilter:
    """`view` is one of VIEWS. Empty means the grid, and on a phone one assignment. `term` and `kind` are titles, or empty."""

    view: str = ""
    kind: str = ""
    term: str = ""
    only_missing: bool = False
    work: str = ""
    student: str = ""

    @classmethod
    def of(cls, words: Mapping[str, str]) -> "GradebookFilter":
        """Reads the address. Values without a meaning are left out."""
        view = words.get("view", "")
        return cls(
            view=view if view in VIEWS else "",
            kind=words.get("kind", ""),
            term=words.get("term", ""),
            only_missing=words.get("only") == "missing",
            work=words.get("work", ""),
            student=words.get("student", ""),
        )


@dataclass(frozen=True, slots=True)
class Book:
    """A class as it was read. `results` has rows by student and line item. `as_of` is the day of the export."""

    section: Class
    students: Sequence[GradebookStudent]
    work: Mapping[int, Piece]
    results: Mapping[tuple[int, int], Row]
    asked: GradebookFilter
    today: date
    as_of: date
    has_estimates: bool

    def result(self, student: GradebookStudent, piece: Piece) -> Piece:
        """Returns the student's result, or the assignment without one."""
        row = self.results.get((student.id, piece.line_item_id))
        return with_result(piece, row) if row else piece

    def is_lacking(self, piece: Piece) -> bool:
        may_be = piece.is_said_missing or piece.status == Status.NOT_SUBMITTED
        return bool(may_be) and is_missing(piece.as_score(), self.as_of)

    def link(self, **words: object) -> str:
        """Returns the address of this page with other choices."""
        kept = {"kind": self.asked.kind, "term": self.asked.term, **words}
        return "?" + urlencode({key: value for key, value in kept.items() if value})

    def links(self, view: str, word: str) -> str:
        """Returns the beginning of links that differ in their last word: a number or a UUID."""
        return f"{self.link(view=view)}&{word}="


def columns(book: Book) -> list[Piece]:
    """Returns the shown work, newest first, of the chosen kind and of the chosen term, or else the running one."""
    work = [piece for piece in book.work.values() if not piece.is_grade]
    if book.asked.term != ALL_TERMS:
        named = [piece for piece in work if piece.term == book.asked.term]
        work = named or [piece for piece in work if piece.runs_on(book.today)] or work
    return [piece for piece in work if book.asked.kind in ("", piece.kind)]


def scored(book: Book) -> set[int]:
    """Returns the line items that have a score. The page opens on the newest of them."""
    return {item for (_student, item), row in book.results.items() if row[SCORE] is not None or row[TEXT_SCORE]}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    words: str
    is_chosen: bool


def kinds(book: Book) -> list[Choice]:
    titles = sorted({piece.kind for piece in book.work.values() if not piece.is_grade})
    chosen = book.asked.kind if book.asked.kind in titles else ""
    return [Choice(value, value or _("All kinds of work"), value == chosen) for value in ("", *titles)]


def terms(book: Book) -> list[Choice]:
    """Returns the choices, or none if all the work is of one term."""
    titles = dict.fromkeys(piece.term for piece in book.work.values() if not piece.is_grade)
    if len(titles) < 2:
        return []
    offered = {"": _("This term"), **{title: title for title in titles}, ALL_TERMS: _("All terms")}
    return [Choice(value, words, value == book.asked.term) for value, words in offered.items()]


@dataclass(frozen=True, slots=True)
class Remark:
    """What a family says about one student's score or grade. `work` is its title."""

    name: str
    work: str
    statements: tuple[str, ...]


def remarks(book: Book, items: Collection[int]) -> list[Remark]:
    """Returns the statements about these line items and about the grades, by student."""
    shown = {key: row[STATEMENT] for key, row in book.results.items() if row[STATEMENT] and (key[1] in items or book.work[key[1]].is_grade)}
    return [
        Remark(student.name, book.work[item].title, statements_said(said))
        for student in book.students for (of, item), said in shown.items() if of == student.id
    ]  # fmt: skip


def grades_of(book: Book) -> list[classes.Grade]:
    """Returns each student's grade. Work is judged only if an estimate may come of it, and no sentence is made."""
    asked, items = asked_of(book), [piece for piece in book.work.values() if piece.is_grade]
    found = []
    for student in book.students:
        sent = classes.newest_sent([book.result(student, piece) for piece in items], asked)
        if sent and (not book.has_estimates or sent.runs_on(book.today)):
            found.append(classes.sent_alone(sent, asked))
        else:
            found.append(grade_and_how(book, student)[0] if book.has_estimates else classes.NO_GRADE)
    return found


def grade_and_how(book: Book, student: GradebookStudent) -> tuple[classes.Grade, classes.How]:
    """Returns the grade as the family's page has it: the file's, else an estimate if the district shows them."""
    asked = asked_of(book)
    grades, _work, now = classes.split([book.result(student, piece) for piece in book.work.values()], asked)
    return classes.grade_of(grades, now, asked)


def asked_of(book: Book) -> classes.DrawnFor:
    return classes.DrawnFor(book.today, book.as_of, None, book.has_estimates)


def due_and_most(piece: Piece) -> str:
    """Returns words such as "Nov 20, of 10"."""
    return _due_and_most(dates.plain_day(piece.due), piece.out_of, get_language())


@lru_cache(maxsize=4096)
def _due_and_most(day: str, most: float | None, _language: str | None) -> str:
    return day if most is None else _("%(day)s, of %(most)s") % {"day": day, "most": points(most)}
