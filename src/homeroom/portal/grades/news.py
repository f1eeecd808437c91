"""What a family's first page says of work: what is missing, and which scores came or changed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from homeroom.portal.grades.arithmetic import is_missing
from homeroom.portal.grades.classes import Asked
from homeroom.portal.grades.work import Before, Piece, changed, result_of
from homeroom.portal.wording import dates


@dataclass(frozen=True, slots=True)
class Lacking:
    of: str  # the class
    title: str
    due: date


@dataclass(frozen=True, slots=True)
class News:
    of: str
    title: str
    detail: str
    value: str
    under: str


def lacking(pieces: Sequence[tuple[str, Piece]], asked: Asked) -> list[Lacking]:
    found = [
        Lacking(of, p.title, p.due) for of, p in pieces if not p.is_grade and is_missing(p.as_score(), asked.as_of)
    ]
    return sorted(found, key=lambda piece: (piece.due, piece.of))


def news(pieces: Sequence[tuple[str, Piece]], changes: Mapping[int, Before], since: date) -> list[News]:
    """Newest first."""
    fresh = [(of, p) for of, p in pieces if p.scored and p.scored >= since and p.has_score and not p.is_grade]
    fresh.sort(key=lambda pair: pair[1].scored or since, reverse=True)
    return [_news(of, piece, changes.get(piece.line_item_id)) for of, piece in fresh]


def _news(of: str, piece: Piece, before: Before | None) -> News:
    assert piece.scored is not None
    kind = changed(piece, before) or _("New score")
    value, under = result_of(piece)
    return News(of, piece.title, f"{kind}, {dates.day(piece.scored)}", value, under)
