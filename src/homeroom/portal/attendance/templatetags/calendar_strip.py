"""The calendar strip as HTML. It is not a template, because a template's nodes took longer than the rest of the page's attendance."""

from functools import lru_cache
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from homeroom.portal.attendance.strip import CELL, Letter, Strip
from homeroom.portal.attendance.words import Attendance

register = template.Library()
BOX = f'width="{CELL}" height="{CELL}" rx="3"'


@register.simple_tag
def calendar_strip(attendance: Attendance) -> SafeString:
    drawn = attendance.strip
    letters = "".join(map(letter_of, drawn.letters))
    today = f'<rect class="today" x="{drawn.today_x}" y="{drawn.today_y}" {BOX}/>' if drawn.today_x is not None else ""
    return SafeString(
        f'<svg class="strip strip-{drawn.rows}" preserveAspectRatio="xMinYMid" viewBox="0 0 {drawn.width} {drawn.height}"'
        f' width="{drawn.width}" height="{drawn.height}" role="img" aria-label="{escape(attendance.label)}">\n{drawn.labels}\n'
        f'<path class="empty" d="{drawn.empty}"/><path class="present" d="{drawn.present}"/><path class="dots" d="{drawn.dots}"/>\n'
        f"{letters}\n{today}</svg>\n{legend_of(drawn)}\n"
    )


def letter_of(of: Letter) -> str:
    at, letter = f'x="{of.x}" y="{of.y}"', escape(of.letter)
    return f'<rect class="{of.kind}" {at} {BOX}/><text class="letter letter-{of.kind}" {at} dx="8.5" dy="12.5">{letter}</text>'


def legend_of(drawn: Strip) -> str:
    return _legend(drawn.kinds, bool(drawn.present), get_language())


@lru_cache(maxsize=128)  # by the kinds that it explains
def _legend(kinds: tuple[tuple[str, str], ...], has_present: bool, _language: str | None) -> str:
    words = {"A": _("Absent"), "E": _("Excused"), "T": _("Late"), "L": _("Left early"), "R": _("Recorded")}
    present = f'<li><span class="key key-present" aria-hidden="true">·</span>{escape(_("Present"))}</li>' if has_present else ""
    of_kinds = "".join(
        f'<li><span class="key{" key-absent" if kind == "A" else ""}" aria-hidden="true">{escape(letter)}</span>{escape(words[kind])}</li>'
        for kind, letter in kinds
    )
    empty = f'<li><span class="key key-empty" aria-hidden="true"></span>{escape(_("Nothing sent"))}</li>'
    return f'<ul class="legend">{present}\n{of_kinds}\n{empty}</ul>'
