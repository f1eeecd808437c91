"""No cell of a CSV that leaves begins a formula, whichever separator a spreadsheet takes, and its text stays readable."""

import csv
import unicodedata
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.formats.leaving import NBSP, plain, write_table

SIGNS = set("=+-@＝＋－＠﹦﹢﹣﹫")
SPACES = {"Cc", "Cf", "Zl", "Zp", "Zs"}
WITHOUT_WIDTH = "\u034f\u115f\u1160\u2800\u3164\ufe0f\uffa0"  # of other categories
BEFORE = "\t\r\n\x00\x0b\x1c\x85 \xa0\u2009\u2028\u202f\u3000\u200b\u200e\u2060\ufeff\xad" + WITHOUT_WIDTH
CELLS = st.text(st.sampled_from("=+-@＝＋－＠﹦;,|\"'" + BEFORE + "Ana19"), max_size=12) | st.text(st.characters(codec="utf-8"), max_size=12)


def begins_formula(cell: str) -> bool:
    begin = next((c for c in cell if unicodedata.category(c) not in SPACES and c not in WITHOUT_WIDTH), "")
    return begin in SIGNS


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=2))
def test_no_cell_that_leaves_begins_a_formula_whichever_separator_a_spreadsheet_takes(rows: list[list[str]]) -> None:
    """A reader that doesn't know quotation marks splits at each separator."""
    text = StringIO(newline="")
    write_table(text, ["what", "value"], rows)
    for separator in ",;|\t":
        for quoting in (csv.QUOTE_ALL, csv.QUOTE_NONE):
            cells = [cell for row in csv.reader(StringIO(text.getvalue(), newline=""), delimiter=separator, quoting=quoting) for cell in row]
            assert [cell for cell in cells if begins_formula(cell.lstrip('"') if quoting == csv.QUOTE_NONE else cell)] == []


@given(CELLS)
def test_a_cell_that_leaves_has_its_text_and_no_more_than_apostrophes(cell: str) -> None:
    assert plain(cell).replace("'", "") == cell.replace(NBSP, " ").replace("'", "")
    assert SIGNS & set(cell) or plain(cell) == cell.replace(NBSP, " ")


@pytest.mark.parametrize("cell", [
    "^=1+1", "^+1", "^-1", "^@A1", "\t^=1", "\r^=1", "  ^=1", "x;^=1+1", "x; ^@A1", "x\n^=1", "x|^=1", "^＝1+1", "^＠A1", "x;^－1", "B+", "A; B",
    "7 - 2", "x,^=1", "\u200b^=1", "\ufeff ^=1", 'x;"^=1+1;', '\t\t"^=1', "Ana-María", "9 of 10", "ana@mail.example",
])  # fmt: skip
def test_no_cell_is_a_formula_in_any_country(cell: str) -> None:
    """^ is where the apostrophe goes."""
    assert plain(cell.replace("^", "")) == cell.replace("^", "'")
