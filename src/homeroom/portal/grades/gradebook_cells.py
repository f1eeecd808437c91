"""One cell of the grid: a score, or the letter for it. A class has over five hundred, so each is drawn once."""

from dataclasses import dataclass
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from homeroom.portal.grades.work import Piece
from homeroom.portal.wording.numbers import points

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """mark: missing, late, excused, none, or empty for a plain score."""

    mark: str
    text: str

    @property
    def is_missing(self) -> bool:
        return self.mark == "missing"

    @property
    def is_empty(self) -> bool:
        return self.mark == "none"

    @property
    def html(self) -> SafeString:
        return drawn(self.mark, self.text, get_language())


def cell_of(piece: Piece, *, missing: bool) -> Cell:
    if piece.is_exempt:
        return Cell("excused", "")
    text = points(piece.score) if piece.score is not None else piece.text_score or ""
    if missing:
        return Cell("missing", text)
    if not text:
        return Cell("none", "")
    return Cell("late" if piece.is_late else "", text)


@lru_cache(maxsize=4096)
def drawn(mark: str, text: str, _language: str | None) -> SafeString:
    """A table cell. The letter is for the eye, the word for whoever listens. text comes from a file: escaped."""
    said = escape(text)
    if not mark:
        return SafeString(f"<td>{said}</td>")
    letter, word = marks()[mark]
    if mark == "none":
        return SafeString(
            f'<td><span aria-hidden="true">{NOTHING}</span><span class="hidden">{escape(word)}</span></td>'
        )
    seen = f'<span class="mark mark-{mark}" aria-hidden="true">{escape(letter)}</span>'
    sign = f'{seen}<span class="hidden">{escape(word)}</span>'
    return SafeString(f"<td>{sign} {said}</td>" if said else f"<td>{sign}</td>")


def marks() -> dict[str, tuple[str, str]]:
    """Letter and word; the legend shows both."""
    return {
        "missing": (pgettext("missing, as one letter", "M"), _("Missing")),
        "late": (pgettext("late, as one letter", "L"), _("Late")),
        "excused": (pgettext("excused, as two letters", "Ex"), _("Excused, not counted")),
        "none": (NOTHING, _("No score yet, not counted")),
    }
