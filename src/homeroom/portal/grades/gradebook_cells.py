"""One cell of the grid: a score, or the letter for it. A class has over five hundred, so equal ones are drawn once."""

from functools import lru_cache
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from homeroom.portal.grades.gradebook_queries import RESULTS, Row
from homeroom.portal.grades.models import Status
from homeroom.portal.wording.numbers import points

NOTHING = "–"
STAR = "*"
EXEMPT, NOT_SUBMITTED = Status.EXEMPT.value, Status.NOT_SUBMITTED.value
NO_RESULT: Row = (None,) * len(RESULTS.columns)
SCORE, TEXT_SCORE, STATUS, IS_LATE, IS_SAID_MISSING, STATEMENT = map(
    RESULTS.columns.index, ("score", "text_score", "status", "is_late", "is_said_missing", "statement")
)


class Cell(NamedTuple):
    """`mark` is missing, late, excused, none, or empty for a plain score."""

    mark: str
    html: SafeString


def cell_of(row: Row, language: str | None, *, missing: bool) -> Cell:
    """`language` is that of the page, read once for all its cells."""
    found = _cell(row[STATUS], row[SCORE], row[TEXT_SCORE], bool(row[IS_LATE]), missing, language)
    return with_star(found) if row[STATEMENT] else found


def with_star(cell: Cell) -> Cell:
    """Returns a cell that leads to the family's statement below the table."""
    star = f'<a href="#statements" aria-label="{escape(_("Statement"))}">{STAR}</a></td>'
    return cell._replace(html=SafeString(cell.html.removesuffix("</td>") + " " + star))


def may_be_missing(row: Row) -> bool:
    return bool(row[IS_SAID_MISSING]) or row[STATUS] == NOT_SUBMITTED


@lru_cache(maxsize=8192)  # by what a cell shows, and not by student
def _cell(status: int | None, score: float | None, text_score: str | None, is_late: bool, missing: bool, _language: str | None) -> Cell:
    mark, text = mark_and_text(status, score, text_score, is_late=is_late, missing=missing)
    return Cell(mark, drawn(mark, text))


def mark_and_text(status: int | None, score: float | None, text_score: str | None, *, is_late: bool, missing: bool) -> tuple[str, str]:
    if status == EXEMPT:
        return "excused", ""
    text = points(score) if score is not None else text_score or ""
    if missing:
        return "missing", text
    if not text:
        return "none", ""
    return "late" if is_late else "", text


def drawn(mark: str, text: str) -> SafeString:
    """Returns a table cell. The letter is for the eye, the word for screen readers. `text` comes from a file, so it is escaped."""
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
    """Returns letter and word. The legend shows both."""
    return {
        "missing": (pgettext("missing, as one letter", "M"), _("Missing")),
        "late": (pgettext("late, as one letter", "L"), _("Late")),
        "excused": (pgettext("excused, as two letters", "Ex"), _("Excused, not counted")),
        "none": (NOTHING, _("No score yet, not counted")),
    }
