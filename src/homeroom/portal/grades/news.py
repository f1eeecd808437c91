"""Work on a family's first page: what is missing, what is due soon, and which scores are new or changed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from homeroom.portal.grades.arithmetic import is_missing
from homeroom.portal.grades.classes import DrawnFor, Missing
from homeroom.portal.grades.work import Piece, changed, is_coming, result_of, said, worth
from homeroom.portal.wording import dates
from homeroom.portal.wording.statements import statements_said

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Lacking:
    of: str  # the class
    title: str
    due: date
    statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    of: str
    title: str
    detail: str
    value: str
    under: str
    statements: tuple[str, ...] = ()


def lacking(pieces: Sequence[tuple[str, Piece]], asked: DrawnFor) -> list[Lacking]:
    found = [
        Lacking(of, p.title, p.due, statements_said(p.statement)) for of, p in pieces if not p.is_grade and is_missing(p.as_score(), asked.as_of)
    ]
    return sorted(found, key=lambda piece: (piece.due, piece.of))


def due_soon(pieces: Sequence[tuple[str, Piece]], asked: DrawnFor) -> list[Missing]:
    """Returns work of the next seven days, today included, the soonest due first."""
    _first, until = soon_of(asked)
    found = [(of, p) for of, p in pieces if p.due < until and is_coming(p, asked.today) and not is_missing(p.as_score(), asked.as_of)]
    found.sort(key=lambda pair: (pair[1].due, pair[0]))
    return [Missing(p.title, of, p.due, worth(p), f"work-{p.line_item_id}") for of, p in found]


def soon_of(asked: DrawnFor) -> tuple[date, date]:
    return asked.today, asked.today + A_WEEK


def news(pieces: Sequence[tuple[str, Piece]], asked: DrawnFor) -> list[News]:
    """Returns scores that came since the last visit, newest first. A first visit gets those of the past week."""
    fresh = [(of, p) for of, p in pieces if p.scored and is_fresh(p, asked) and p.has_score and not p.is_grade]
    fresh.sort(key=lambda pair: pair[1].scored or date.min, reverse=True)
    return [_news(of, piece, asked) for of, piece in fresh]


def is_fresh(piece: Piece, asked: DrawnFor) -> bool:
    if asked.seen is None:
        return piece.scored is not None and piece.scored >= since_of(asked)
    return piece.came_after(asked.seen)


def since_of(asked: DrawnFor) -> date:
    return asked.as_of - A_WEEK


def _news(of: str, piece: Piece, asked: DrawnFor) -> News:
    assert piece.scored is not None
    is_changed = asked.seen is None or (piece.changed_by or 0) > asked.seen
    kind = changed(piece) if is_changed else ""
    value, under = result_of(piece, said())
    return News(of, piece.title, f"{kind or _('New score')}, {dates.day(piece.scored)}", value, under, statements_said(piece.statement))
