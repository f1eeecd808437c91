"""A gradebook's rows as HTML equal, character for character, the output of a template that escapes each value."""

from datetime import date
from typing import Any

import pytest
from django.template import engines
from django.utils import translation
from django.utils.safestring import SafeString
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.portal.grades.classes import Grade
from homeroom.portal.grades.gradebook_assignment import AssignmentRow
from homeroom.portal.grades.gradebook_cells import Cell, cell_of, mark_and_text, marks
from homeroom.portal.grades.gradebook_grid import Grid, GridRow, Head
from homeroom.portal.grades.gradebook_queries import END_OF_RESULT, END_OF_WORK
from homeroom.portal.grades.templatetags import book
from homeroom.portal.grades.work import Piece

HEADS = (
    '{% for head in heads %}<th scope="col"><a href="{{ head.link }}"{{ own }}>{{ head.title }}</a><span class="small">{{ head.under }}</span></th>{% endfor %}'
)
ROWS = """{% for row in grid.rows %}<tr><th scope="row"><a href="{{ row.link }}">{{ row.name }}</a></th>{% if grid.has_grades %}<td class="book-grade">\
{% if row.grade.source == "none" %}–{% else %}<span class="letter">{{ row.grade.letter }}</span> <span class="share">{{ row.grade.number }}</span>\
{% if row.grade.term %} <span class="small"{{ own }}>{{ row.grade.term }}</span>{% endif %}{% endif %}</td>{% endif %}\
{% for cell in row.cells %}{{ cell.html }}{% endfor %}</tr>
{% endfor %}"""
ASSIGNMENT = """{% load i18n wording %}{% for row in rows %}<li class="row"><a href="{{ row.link }}">{{ row.name }}</a><span class="row-value">\
{% if row.tag %}{% tag row.tag.0 row.tag.1 %} {% endif %}{% if row.value == "–" %}<span class="soft" aria-hidden="true">–</span>\
<span class="hidden">{% translate "No score yet, not counted" %}</span>{% elif row.value %}<b>{{ row.value }}</b>{% endif %}\
{% if row.of %} <span class="soft">{{ row.of }}</span>{% endif %}</span></li>
{% endfor %}"""
CELL = """<td>{% if mark == "none" %}<span aria-hidden="true">–</span><span class="hidden">{{ word }}</span>{% elif mark %}\
<span class="mark mark-{{ mark }}" aria-hidden="true">{{ letter }}</span><span class="hidden">{{ word }}</span>{% if text %} {{ text }}{% endif %}\
{% else %}{{ text }}{% endif %}</td>"""
OWN = (SafeString(""), SafeString(" lang=en"))
WORDS = st.one_of(st.sampled_from(["", "–", "B+", "<script>alert('x')</script>", '"&amp;" O’Neil & <b>', "&lt;"]), st.text(max_size=8))
GRADES = st.builds(Grade, WORDS, WORDS, st.sampled_from(["file", "estimate", "none"]), WORDS)
WORK = (1, 2, "", "", None, date(2026, 9, 1), None, False, "", date(2026, 8, 1), date(2027, 1, 1))
PIECES = st.builds(
    lambda score, text, status, late: Piece(*WORK, score, text, status, None, late),
    st.one_of(st.none(), st.floats(0, 100)), st.one_of(st.none(), WORDS), st.sampled_from([None, 0, 1, 2, 3]), st.sampled_from([None, True, False]),
)  # fmt: skip
TAGS = st.one_of(st.none(), st.tuples(st.sampled_from(["missing", "late", "excused"]), WORDS))


@pytest.fixture(params=["en", "es"], autouse=True)
def language(request: pytest.FixtureRequest) -> Any:
    with translation.override(request.param):
        yield request.param


def by_template(text: str, /, **values: Any) -> str:
    return engines["django"].from_string(text).render(values)


def cell(piece: Piece, *, missing: bool) -> Cell:
    return cell_of((1, 2, *piece[END_OF_WORK:END_OF_RESULT]), translation.get_language(), missing=missing)


def each_by_itself(**words: Any) -> Any:
    return settings(max_examples=80, deadline=None)(given(**words))


@each_by_itself(heads=st.lists(st.builds(Head, WORDS, WORDS, WORDS), max_size=3), own=st.sampled_from(OWN))
def test_heads(heads: list[Head], own: SafeString) -> None:
    assert book.grid_heads(heads, own) == by_template(HEADS, heads=heads, own=own)


@each_by_itself(rows=st.lists(st.tuples(WORDS, WORDS, GRADES, st.lists(PIECES, max_size=3)), max_size=3), own=st.sampled_from(OWN), has_grades=st.booleans())
def test_rows_of_the_grid(rows: list[tuple[str, str, Grade, list[Piece]]], own: SafeString, has_grades: bool) -> None:
    made = tuple(GridRow(name, link, grade, tuple(cell(piece, missing=False) for piece in pieces)) for name, link, grade, pieces in rows)
    grid = Grid((), made, 0, 0, has_grades, True, ())
    assert book.grid_rows(grid, own) == by_template(ROWS, grid=grid, own=own)


@each_by_itself(rows=st.lists(st.builds(AssignmentRow, WORDS, WORDS, TAGS, WORDS, WORDS), max_size=3))
def test_rows_of_an_assignment(rows: list[AssignmentRow]) -> None:
    assert book.assignment_rows(rows) == by_template(ASSIGNMENT, rows=rows)


@each_by_itself(piece=PIECES, missing=st.booleans())
def test_a_cell(piece: Piece, missing: bool) -> None:
    mark, text = mark_and_text(piece.status, piece.score, piece.text_score, is_late=bool(piece.is_late), missing=missing)
    letter, word = marks().get(mark, ("", ""))
    assert cell(piece, missing=missing) == (mark, by_template(CELL, mark=mark, text=text, letter=letter, word=word))


def test_a_cell_is_kept_for_one_language_alone() -> None:
    piece = Piece(*WORK)
    with translation.override("en"):
        english = cell(piece, missing=True).html
    with translation.override("es"):
        spanish = cell(piece, missing=True).html
    assert "Missing" in english and "Missing" not in spanish
