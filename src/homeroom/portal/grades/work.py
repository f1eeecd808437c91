"""An assignment with one student's result, and what a family reads about it. Pure."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from homeroom.portal.grades.arithmetic import HUNDRED, Score
from homeroom.portal.grades.models import Status
from homeroom.portal.wording import dates
from homeroom.portal.wording.numbers import exact, percent, points
from homeroom.portal.wording.statements import Statements, statements_said

type Tags = tuple[tuple[str, str], ...]  # kind and words of each
# Numbers, because a page compares hundreds and a member of an enumeration takes longer.
EXEMPT, NOT_SUBMITTED, PARTIALLY_GRADED, SUBMITTED = (
    status.value for status in (Status.EXEMPT, Status.NOT_SUBMITTED, Status.PARTIALLY_GRADED, Status.SUBMITTED)
)


class Piece(NamedTuple):
    """One line item. A result's fields are None if they were not sent. It is a tuple, because a page makes hundreds from a query's rows."""

    section_id: int
    line_item_id: int
    title: str
    kind: str
    weight: float | None
    due: date
    out_of: float | None
    is_grade: bool
    term: str
    term_starts: date
    term_ends: date  # exclusive
    score: float | None = None
    text_score: str | None = None
    status: int | None = None
    scored: date | None = None
    is_late: bool | None = None
    is_said_missing: bool | None = None
    is_incomplete: bool | None = None
    in_progress: bool | None = None
    comment: str | None = None
    statement: Statements = None  # the family's, about this result
    delivery_id: int | None = None  # the delivery that last wrote the result
    changed_by: int | None = None  # the delivery that last changed its score, or that wrote it if a later one changed only other fields
    old_score: float | None = None
    old_text_score: str | None = None

    def came_after(self, seen: int | None) -> bool:
        """Returns whether a delivery after the last one seen wrote the score, not a comment. On a first visit `seen` is None, and nothing is new."""
        wrote = self.delivery_id if self.changed_by is None else self.changed_by
        return seen is not None and wrote is not None and wrote > seen

    def runs_on(self, today: date) -> bool:
        return self.term_starts <= today < self.term_ends

    @property
    def is_exempt(self) -> bool:
        return self.status == EXEMPT

    @property
    def has_score(self) -> bool:
        return self.score is not None or bool(self.text_score)

    @property
    def is_being_marked(self) -> bool:
        return bool(self.in_progress) or self.status == PARTIALLY_GRADED

    def as_score(self) -> Score:
        return Score(  # by position: names took half of its time, and a page makes hundreds
            self.kind,
            None if self.weight is None else exact(self.weight),
            self.due,
            None if self.score is None else exact(self.score),
            None if self.out_of is None else exact(self.out_of),
            self.status == EXEMPT,
            self.status == NOT_SUBMITTED,
            bool(self.is_said_missing),
            self.is_being_marked,
        )


class WorkRow(NamedTuple):
    """One row of a list of work. `value` and `under` are at its end. `detail` says kind, due day and note in one text."""

    title: str
    detail: str
    value: str
    under: str
    comment: str
    tags: Tags
    anchor: str
    kind: str
    due: date
    note: str
    statements: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, str, str, str, str]:
        """Returns the words that come from a file or from a catalog of words."""
        return self[:5]


class Said(NamedTuple):
    """Words for rows in one language, found once. A page of 140 rows asked the catalog six hundred times."""

    language: str | None
    year: int  # the current school year
    missing: str
    late: str
    new: str
    excused: str
    not_counted: str
    no_score: str
    being_graded: str
    unscored: str
    incomplete: str
    zero: str


@lru_cache(maxsize=8)
def _said(language: str | None, year: int) -> Said:
    return Said(
        language=language,
        year=year,
        missing=_("Missing"),
        late=_("Late"),
        new=_("New"),
        excused=pgettext("of work", "Excused"),
        not_counted=_("not counted"),
        no_score=_("no score"),
        being_graded=_("Still being graded, so not counted yet"),
        unscored=_("No score yet, so not counted"),
        incomplete=_("Marked incomplete"),
        zero=_("A zero that was entered, so it counts"),
    )


def said() -> Said:
    return _said(get_language(), dates.this_school_year())


def row(piece: Piece, say: Said, *, missing: bool, is_new: bool = False) -> WorkRow:
    value, under = result_of(piece, say)
    facts = [fact for fact in (remark(piece, say), changed(piece)) if fact]
    detail = told(_when(piece.kind, piece.due, missing, say.year, say.language), *facts)
    found = tags(piece, say, missing=missing, is_new=is_new)
    return WorkRow(
        piece.title, detail, value, under, piece.comment or "", found, f"work-{piece.line_item_id}", piece.kind, piece.due, ". ".join(facts),
        statements_said(piece.statement),
    )  # fmt: skip


def is_coming(piece: Piece, today: date) -> bool:
    """Returns whether it is still to hand in: not due before today, not handed in, not scored and not excused."""
    return piece.due >= today and not (piece.has_score or piece.is_exempt or piece.is_being_marked or piece.is_grade or piece.status == SUBMITTED)


def coming_row(piece: Piece, say: Said) -> WorkRow:
    detail = _coming(piece.kind, piece.due, say.year, say.language)
    said = statements_said(piece.statement)
    return WorkRow(piece.title, detail, worth(piece), "", piece.comment or "", (), f"work-{piece.line_item_id}", piece.kind, piece.due, "", said)


@lru_cache(maxsize=1024)
def _coming(kind: str, due: date, _year: int, _language: str | None) -> str:
    return _("%(kind)s, due %(day)s") % {"kind": kind, "day": dates.day(due)}


def told(first: str, *more: str) -> str:
    """Joins facts into sentences. A fact that ends with an abbreviation ("20 de nov.") already has its period."""
    words = first
    for fact in more:
        if fact:
            words += f"{'' if words.endswith('.') else '.'} {fact}"
    return words


def tags(piece: Piece, say: Said, *, missing: bool, is_new: bool) -> Tags:
    found = (("missing", say.missing),) if missing else (("late", say.late),) if piece.is_late else ()
    return (*found, ("new", say.new)) if is_new else found


def result_of(piece: Piece, say: Said) -> tuple[str, str]:
    """Returns two parts: "9 of 10" and "90%", "Excused" and "not counted", "3 of 4" and "Meeting", or "No score" and nothing."""
    if piece.is_exempt:
        return say.excused, say.not_counted
    if piece.score is None:
        return piece.text_score or say.no_score, ""
    if piece.out_of is None:
        return points(piece.score), piece.text_score or ""
    value, share = _out_of(piece.score, piece.out_of, say.language)
    return value, piece.text_score or share


def out_of(score: float, most: float) -> str:
    return _out_of(score, most, get_language())[0]


@lru_cache(maxsize=4096)
def _out_of(score: float, most: float, _language: str | None) -> tuple[str, str]:
    """Returns "9 of 10" and "90%"."""
    value = _("%(points)s of %(most)s") % {"points": points(score), "most": points(most)}
    return value, percent(HUNDRED * exact(score) / exact(most)) if most else ""


@lru_cache(maxsize=4096)
def _when(kind: str, due: date, missing: bool, _year: int, _language: str | None) -> str:
    words = _("%(kind)s, was due %(day)s") if missing else _("%(kind)s, %(day)s")
    return words % {"kind": kind, "day": dates.plain_day(due)}


def remark(piece: Piece, say: Said) -> str:
    """Returns what a score, or its absence, means for the grade."""
    if piece.is_exempt:
        return ""
    if piece.is_being_marked:
        return say.being_graded
    if piece.score is None:
        return "" if piece.text_score else say.unscored
    if piece.is_incomplete:
        return say.incomplete
    return say.zero if piece.score == 0 else ""


def changed(piece: Piece) -> str:
    if piece.changed_by is None or piece.is_exempt:
        return ""
    old = points(piece.old_score) if piece.old_score is not None else piece.old_text_score
    new = points(piece.score) if piece.score is not None else piece.text_score
    if not old or not new or old == new:
        return ""
    return _("Changed from %(old)s to %(new)s") % {"old": old, "new": new}


def worth(piece: Piece) -> str:
    """Returns words such as "20 points", which missing work could still bring."""
    return _("%(points)s points") % {"points": points(piece.out_of)} if piece.out_of else ""
