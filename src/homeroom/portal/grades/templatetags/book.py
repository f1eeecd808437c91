"""The rows of a gradebook as HTML. Template nodes took half of the page's time (see work.py).

Names, titles and grades come from a file, so each is escaped here. Cells are escaped where they are drawn.
"""

from collections.abc import Sequence
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from homeroom.portal.grades.classes import Grade
from homeroom.portal.grades.gradebook_assignment import NOTHING, AssignmentRow
from homeroom.portal.grades.gradebook_grid import Grid, Head
from homeroom.portal.wording.marks import statements_of, tag

register = template.Library()


@register.simple_tag
def grid_heads(heads: Sequence[Head], own: SafeString) -> SafeString:
    """`own` is the lang attribute for a teacher's words, or nothing."""
    return SafeString("".join(
        f'<th scope="col"><a href="{escape(head.link)}"{own}>{escape(head.title)}</a><span class="small">{escape(head.under)}</span></th>'
        for head in heads
    ))  # fmt: skip


@register.simple_tag
def grid_rows(grid: Grid, own: SafeString) -> SafeString:
    rows = []
    for row in grid.rows:
        grade = grade_of(row.grade, own) if grid.has_grades else ""
        cells = "".join([cell.html for cell in row.cells])
        rows.append(f'<tr><th scope="row"><a href="{escape(row.link)}">{escape(row.name)}</a></th>{grade}{cells}</tr>\n')
    return SafeString("".join(rows))


def grade_of(grade: Grade, own: SafeString) -> str:
    if grade.source == "none":
        return '<td class="book-grade">–</td>'
    term = f' <span class="small"{own}>{escape(grade.term)}</span>' if grade.term else ""
    return f'<td class="book-grade"><span class="letter">{escape(grade.letter)}</span> <span class="share">{escape(grade.number)}</span>{term}</td>'


@register.simple_tag
def assignment_rows(rows: Sequence[AssignmentRow]) -> SafeString:
    nothing = f'<span class="soft" aria-hidden="true">–</span><span class="hidden">{escape(_("No score yet, not counted"))}</span>'
    return SafeString("".join([assignment_row(row, nothing) for row in rows]))


def assignment_row(row: AssignmentRow, nothing: str) -> str:
    """`nothing` is shown in place of a missing score."""
    said = f"{tag(*row.tag)} " if row.tag else ""
    value = nothing if row.value == NOTHING else f"<b>{escape(row.value)}</b>" if row.value else ""
    most = f' <span class="soft">{escape(row.of)}</span>' if row.of else ""
    end = f'<span class="row-value">{said}{value}{most}</span>{statements_of(row.statements)}'
    return f'<li class="row"><a href="{escape(row.link)}">{escape(row.name)}</a>{end}</li>\n'
