"""A class and its rows of work as HTML. A page has hundreds of rows, and template nodes for them took a third of its time.

Everything except `own`, icons and tags comes from a file or a catalog of words, so it is escaped here, each value once.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from itertools import batched, chain

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from homeroom.portal.grades.classes import ClassRow, Grade, How, Missing, Trend
from homeroom.portal.grades.work import Tags, WorkRow
from homeroom.portal.wording import dates
from homeroom.portal.wording.marks import icon, statements_of, tag

register = template.Library()
WORDS = 5  # per row


@register.simple_tag
def work_rows(rows: Sequence[WorkRow], own: SafeString) -> SafeString:
    """`own` is the lang attribute for a teacher's words, or nothing."""
    return SafeString("\n".join(row_of(row, words, own) for row, words in zip(rows, escaped(rows), strict=True)))


def escaped(rows: Sequence[WorkRow]) -> Iterator[tuple[str, ...]]:
    """Yields each row's words, all escaped together. Escaping them one by one took a third of a list's time. No text in a database has a NUL."""
    whole = escape("\0".join(chain.from_iterable(row.words for row in rows)))
    return batched(whole.split("\0") if rows else (), WORDS)


def row_of(row: WorkRow, words: tuple[str, ...], own: SafeString) -> str:
    title, detail, value, under, comment = words
    tags = tags_of(row.tags) if row.tags else ""
    remark = f' <span class="small"{own}>“{comment}”</span>' if comment else ""
    stated = statements_of(row.statements) if row.statements else ""
    beside = f' <span class="small">{under}</span>' if under else ""
    return (
        f'<li class="row" id="{row.anchor}"><div><span{own}>{title}</span>{tags}'
        f' <span class="small">{detail}</span>{remark}{stated}</div>'
        f'<div class="row-value"><b>{value}</b>{beside}</div></li>'
    )


@lru_cache(maxsize=256)
def tags_of(tags: Tags) -> str:
    return "".join(f" {tag(kind, said)}" for kind, said in tags)


@register.simple_tag
def missing_rows(pieces: Sequence[Missing], own: SafeString) -> SafeString:
    """Returns the list at the top of a child's page."""
    return dated_rows(pieces, own, _("was due %(day)s"))


@register.simple_tag
def coming_rows(pieces: Sequence[Missing], own: SafeString, page: str = "") -> SafeString:
    """Returns the list of what is due soon, below it. `page` is the address of the child's page, from another page."""
    return dated_rows(pieces, own, _("due %(day)s"), page)


def dated_rows(pieces: Sequence[Missing], own: SafeString, was_due: str, page: str = "") -> SafeString:
    return SafeString("".join(
        f'<li class="row"><div><a href="{page}#{piece.anchor}"{own}>{escape(piece.title)}</a> <span class="small"><span{own}>{escape(piece.of)}</span>,'
        f' {escape(was_due % {"day": dates.day(piece.due)})}</span></div><b class="row-value soft">{escape(piece.worth)}</b></li>\n'
        for piece in pieces
    ))  # fmt: skip


@register.simple_tag
def class_card(row: ClassRow, own: SafeString, query: str = "") -> SafeString:
    """Returns a class, folded or open. `query` is the part of the address that a link to all of its work keeps."""
    name = f"class-{row.uuid}"
    return SafeString(
        f'<details class="class" id="{name}"{" open" if row.is_open else ""}><summary>{class_summary(row, own)}{icon("chevron", "chevron")}</summary>\n'
        f'<div class="class-body">\n<div class="card how">{how_worked_out(row, own)}</div>\n'
        f'{coming_work(row, own)}{all_work(row, own, query)}</div></details>\n'
    )


def coming_work(row: ClassRow, own: SafeString) -> str:
    if not row.coming:
        return ""
    return f'<div class="card card-long work"><h4>{escape(_("Coming up"))}</h4>\n<ul>{work_rows(row.coming, own)}</ul></div>\n'


def all_work(row: ClassRow, own: SafeString, query: str) -> str:
    if row.coming and not row.work:
        return ""
    return f'<div class="card card-long work"><h4>{escape(_("Work, newest first"))}</h4>\n{work_so_far(row, own, query)}</div>\n'


def work_so_far(row: ClassRow, own: SafeString, query: str) -> str:
    if not row.work:
        return f'<p class="card-text small">{escape(_("No work has been sent for this class yet."))}</p>'
    rows = f"<ul>{work_rows(row.work, own)}</ul>"
    if row.is_whole:
        return f"{rows}\n"
    words = _("Show all %(n)s assignments") % {"n": row.in_all}
    return f'{rows}<p class="card-foot"><a href="?{escape(query)}all={row.uuid}#class-{row.uuid}">{escape(words)}</a></p>\n'


def class_summary(row: ClassRow, own: SafeString) -> SafeString:
    """Returns a folded class: name, teachers, tags, trend, grade."""
    comma = ", " if row.teachers else ""
    period = f'<span class="period">{comma}{escape(row.period)}</span>' if row.period else ""
    tags = "".join(tag(kind, words) for kind, words in row.tags)
    return SafeString(
        f"<h3{own}>{escape(row.title)}</h3>\n"
        f'<span class="who">{escape(row.teachers)}{period}</span>\n'
        f'<span class="tags">{tags}</span>\n'
        f"{trend_of(row.trend) if row.trend else ''}\n"
        f'<span class="grade">{grade_of(row.grade)}</span>'
    )


def trend_of(trend: Trend) -> str:
    drawn = trend.drawing
    return (
        f'<span class="trend"><svg class="trend-line" viewBox="0 0 72 32" role="img" aria-label="{escape(trend.label)}">'
        f'<path d="{drawn.foot}"/><line x1="2" y1="31.5" x2="70" y2="31.5"/><polyline points="{drawn.line}"/>'
        f'<circle cx="{drawn.end_x}" cy="{drawn.end_y}" r="3"/></svg>'
        f'<span aria-hidden="true">{icon(trend.direction)} {escape(trend.words)}</span></span>'
    )


def grade_of(grade: Grade) -> str:
    if grade.source == "none":
        return f'<span class="none">{escape(_("No grade yet"))}</span>'
    said = f"<b>{escape(grade.letter)}</b> {escape(grade.number)}" if grade.letter else f"<b>{escape(grade.number)}</b>"
    return f'{said} <span class="small">{escape(grade.term)}</span>' if grade.term else said


def how_worked_out(row: ClassRow, own: SafeString) -> SafeString:
    """Returns where the grade comes from, with the sum of an estimate."""
    how = row.how
    sentences = "".join(f"{escape(sentence)} " for sentence in how.sentences)
    table = table_of(how, row.title, own) if how.parts else ""
    return SafeString(f"<h4>{escape(how.title)}</h4>\n{table}\n<p>{sentences}{statements_of(how.statements)}</p>")


def table_of(how: How, title: str, own: SafeString) -> str:
    head = "".join(
        f'<th scope="col"{kind}>{escape(words)}</th>'
        for kind, words in (
            ("", _("Kind of work")),
            (' class="number"', _("Average")),
            (' class="number"', _("Counts for")),
        )
    )
    body = "".join(
        f'<tr><th scope="row"{own}>{escape(kind)}</th><td class="number">{escape(average)}</td><td class="number">{escape(share)}</td></tr>'
        for kind, average, share in how.parts
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(how.title)}: {escape(title)}"><table><thead><tr>{head}</tr></thead>\n'
        f'<tbody>{body}</tbody>\n<tfoot><tr><th scope="row">{escape(_("All together"))}</th>'
        f'<td class="number">{escape(how.total)}</td><td class="number">100%</td></tr></tfoot></table></div>'
    )
