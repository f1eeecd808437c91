"""Writes the long lists of a change set's page as HTML, without template nodes. These took a third of the page's time, because a
district has hundreds of lines. The values come from files and translations, so each one is escaped here, once.
"""

from collections.abc import Sequence
from html import escape

from django import template
from django.utils.safestring import SafeString

from homeroom.portal.intake.office.change_pages import CountLine, Listed, Option
from homeroom.portal.wording.marks import tag

register = template.Library()


@register.simple_tag
def count_rows(lines: Sequence[CountLine]) -> SafeString:
    return SafeString("".join(f'<tr><th scope="row">{escape(line.title)}</th>{_cells(line.numbers)}</tr>' for line in lines))


def _cells(numbers: Sequence[str]) -> str:
    return "".join(f'<td class="number">{escape(each)}</td>' for each in numbers)


@register.simple_tag
def options(several: Sequence[Option]) -> SafeString:
    return SafeString("".join(f'<option value="{escape(each.value)}"{_selected(each)}>{escape(each.title)}</option>' for each in several))


def _selected(option: Option) -> str:
    return " selected" if option.is_chosen else ""


@register.simple_tag
def changed_people(people: Sequence[Listed]) -> SafeString:
    return SafeString("\n".join(map(_changed_one, people)))


def _changed_one(one: Listed) -> str:
    tags = "".join(tag(kind, words) for kind, words in one.tags)
    return (
        f'<li class="row"><div class="row-main"><a href="{escape(one.path)}"><b>{escape(one.name)}</b></a>'
        f'<span class="small">{escape(one.where)}</span><span class="what">{escape(one.what)}</span></div>'
        f'<div class="row-value tags">{tags}</div></li>'
    )
