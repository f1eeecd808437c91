"""A piece of work with one student's result, and what a family reads about it. Pure."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from homeroom.portal.grades.arithmetic import HUNDRED, Score
from homeroom.portal.grades.models import Status
from homeroom.portal.wording import dates
from homeroom.portal.wording.numbers import exact, percent, points


class Piece(NamedTuple):
    """One line item; what is None of the result is not there. A tuple: rows of a query become hundreds of them a page."""

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
    delivery_id: int | None = None  # that last wrote the result
    changed_by: int | None = None  # the delivery that last changed its score
    old_score: float | None = None
    old_text_score: str | None = None

    def came_after(self, seen: int | None) -> bool:
        """Whether a delivery after the last one seen brought or changed it. seen: None on a first visit, when nothing is new."""
        return seen is not None and self.delivery_id is not None and self.delivery_id > seen

    def runs_on(self, today: date) -> bool:
        return self.term_starts <= today < self.term_ends

    @property
    def is_exempt(self) -> bool:
        return self.status == Status.EXEMPT

    @property
    def has_score(self) -> bool:
        return self.score is not None or bool(self.text_score)

    @property
    def is_being_marked(self) -> bool:
        return bool(self.in_progress) or self.status == Status.PARTIALLY_GRADED

    def as_score(self) -> Score:
        return Score(
            kind=self.kind,
            weight=None if self.weight is None else exact(self.weight),
            due=self.due,
            points=None if self.score is None else exact(self.score),
            out_of=None if self.out_of is None else exact(self.out_of),
            is_exempt=self.is_exempt,
            is_not_submitted=self.status == Status.NOT_SUBMITTED,
            is_missing=bool(self.is_said_missing),
            is_being_marked=self.is_being_marked,
        )


@dataclass(frozen=True, slots=True)
class WorkRow:
    """What a row of a list of work says. value and under stand at its end."""

    title: str
    detail: str
    value: str
    under: str
    tags: tuple[tuple[str, str], ...]
    comment: str
    anchor: str


def row(piece: Piece, *, missing: bool, is_new: bool = False) -> WorkRow:
    value, under = result_of(piece)
    return WorkRow(
        title=piece.title,
        detail=told(when(piece, missing), remark(piece), changed(piece)),
        value=value,
        under=under,
        tags=tags(piece, missing=missing, is_new=is_new),
        comment=piece.comment or "",
        anchor=f"work-{piece.line_item_id}",
    )


def told(*facts: str) -> str:
    """Facts one after another; one that ends with an abbreviation ("20 de nov.") has its full stop already."""
    words = ""
    for fact in filter(None, facts):
        words += f"{'' if words.endswith('.') else '.'} {fact}" if words else fact
    return words


def tags(piece: Piece, *, missing: bool, is_new: bool) -> tuple[tuple[str, str], ...]:
    said = [
        ("missing", _("Missing")) if missing else None,
        ("late", _("Late")) if piece.is_late and not missing else None,
        ("new", _("New")) if is_new else None,
    ]
    return tuple(filter(None, said))


def result_of(piece: Piece) -> tuple[str, str]:
    """9 of 10, 90%; Excused, not counted; 3 of 4, Meeting; no score, and what that means."""
    if piece.is_exempt:
        return pgettext("of work", "Excused"), _("not counted")
    if piece.score is None:
        return piece.text_score or _("no score"), ""
    if piece.out_of is None:
        return points(piece.score), piece.text_score or ""
    value = out_of(piece.score, piece.out_of)
    share = percent(HUNDRED * exact(piece.score) / exact(piece.out_of)) if piece.out_of else ""
    return value, piece.text_score or share


def out_of(score: float, most: float) -> str:
    return _out_of(score, most, get_language())


@lru_cache(maxsize=4096)
def _out_of(score: float, most: float, _language: str | None) -> str:
    return _("%(points)s of %(most)s") % {"points": points(score), "most": points(most)}


def when(piece: Piece, missing: bool) -> str:
    return _when(piece.kind, dates.plain_day(piece.due), missing, get_language())


@lru_cache(maxsize=4096)
def _when(kind: str, day: str, missing: bool, _language: str | None) -> str:
    if missing:
        return _("%(kind)s, was due %(day)s") % {"kind": kind, "day": day}
    return _("%(kind)s, %(day)s") % {"kind": kind, "day": day}


def remark(piece: Piece) -> str:
    """What a score, or its absence, means for the grade."""
    if piece.is_exempt:
        return ""
    if piece.is_being_marked:
        return _("Still being graded, so not counted yet")
    if piece.score is None:
        return "" if piece.text_score else _("No score yet, so not counted")
    if piece.is_incomplete:
        return _("Marked incomplete")
    return _("A zero that was entered, so it counts") if piece.score == 0 else ""


def changed(piece: Piece) -> str:
    if piece.changed_by is None or piece.is_exempt:
        return ""
    old = points(piece.old_score) if piece.old_score is not None else piece.old_text_score
    new = points(piece.score) if piece.score is not None else piece.text_score
    if not old or not new or old == new:
        return ""
    return _("Changed from %(old)s to %(new)s") % {"old": old, "new": new}


def worth(piece: Piece) -> str:
    """20 points: what missing work could still bring."""
    return _("%(points)s points") % {"points": points(piece.out_of)} if piece.out_of else ""
