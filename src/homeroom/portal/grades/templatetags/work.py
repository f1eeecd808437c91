"""Rows of work as HTML. Not template nodes: a page has over a hundred of them, and they took a third of its time."""

from collections.abc import Sequence
from html import escape

from django import template
from django.utils.safestring import SafeString

from homeroom.portal.grades.work import WorkRow
from homeroom.portal.wording.marks import tag

register = template.Library()


@register.simple_tag
def work_rows(rows: Sequence[WorkRow], own: SafeString) -> SafeString:
    """own: the lang attribute of a teacher's words, or nothing."""
    return SafeString("\n".join(row_of(row, own) for row in rows))


def row_of(row: WorkRow, own: SafeString) -> str:
    """Everything but `own` and the tags comes from a file, so it is escaped here, each value once."""
    tags = "".join(f" {tag(kind, words)}" for kind, words in row.tags)
    comment = f' <span class="small"{own}>“{escape(row.comment)}”</span>' if row.comment else ""
    under = f' <span class="small">{escape(row.under)}</span>' if row.under else ""
    return (
        f'<li class="row" id="{escape(row.anchor)}"><div><span{own}>{escape(row.title)}</span>{tags}'
        f' <span class="small">{escape(row.detail)}</span>{comment}</div>'
        f'<div class="row-value"><b>{escape(row.value)}</b>{under}</div></li>'
    )
