"""Names with accents, from old and new systems."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.formats.encoding import Utf8
from homeroom.formats.reasons import PackageRefused, Reason
from homeroom.formats.records import LARGEST_CELL
from homeroom.formats.table import Row, read_layout, strict_rows
from homeroom.formats.tests.exports import CATEGORIES, in_pieces

HEADER = "sourcedId,status,dateLastModified,title,weight\n"
ROWS = "c1,,,Composición,20\nc2,,,Año nuevo,30\n"


def decoded(content: bytes, size: int = 1 << 20) -> tuple[bytes, Reason | None]:
    blocks = Utf8(in_pieces(content, size), "categories.csv")
    text = b"".join(blocks)
    if blocks.note:
        assert blocks.note.file == "categories.csv"
    return text, blocks.note.reason if blocks.note else None


def titles(content: bytes, size: int = 1 << 20) -> list[str | Reason]:
    """Returns each row's title, or the reason why it has none."""
    text, _ = decoded(content, size)
    rows = strict_rows([text], read_layout([text], CATEGORIES))
    return [row.values[2] if isinstance(row, Row) else row.reason for row in rows]


@given(st.text(max_size=60), st.integers(1, 20))
def test_utf_8_comes_through_unchanged_in_any_blocks(text, size):
    text = text.removeprefix("\ufeff")
    if "\0" not in text[:2]:
        assert decoded(text.encode(), size) == (text.encode(), None)


@given(st.text(st.sampled_from("abcñéüßÉ“”’€ ,\n"), min_size=1, max_size=60), st.integers(1, 20))
def test_windows_1252_comes_through_as_utf_8_wherever_it_is_cut(text, size):
    """The exception is a letter right before a sign, because in capitals this is how UTF-8 writes another letter."""
    if not re.search("[ñéüßÉ][“”’€]", text):
        expected = None if text.isascii() else Reason.LEGACY_ENCODING
        assert decoded(text.encode("cp1252"), size) == (text.encode(), expected)


WORDS = st.text(st.sampled_from("abcñéüÉ"), min_size=1, max_size=8)


@given(st.lists(st.tuples(WORDS, st.booleans()), min_size=1, max_size=9), st.integers(1, 20))
def test_each_cell_of_a_mixed_file_is_read_in_its_own_encoding(words, size):
    """The order doesn't matter. The first letter that is not ASCII decides nothing about the rest."""
    rows = [f"c{n},,,".encode() + word.encode("cp1252" if is_old else "utf-8") + b",1" for n, (word, is_old) in enumerate(words)]
    assert titles(HEADER.encode() + b"\n".join(rows) + b"\n", size) == [word for word, _ in words]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_mixed_file_is_said_so(size):
    old, new = "c1,,,Composición,20\n".encode("cp1252"), "c2,,,Año nuevo,30\n".encode()
    for rows in (old + new, new + old):
        assert decoded(HEADER.encode() + rows, size)[1] is Reason.MIXED_ENCODING


@pytest.mark.parametrize("title", [b"Jos\xc3\xa9 Mu\xf1oz", b"\xe2\x80\x9cA\xf1o\xe2\x80\x9d", "Иван".encode() + b"\xff"])
def test_a_cell_that_is_both_costs_its_row_and_is_never_guessed(title):
    content = HEADER.encode() + b"c1,,," + title + b",1\n" + "c2,,,Año nuevo,30\n".encode()
    assert titles(content) == [Reason.ENCODING, "Año nuevo"]


def test_capitals_before_a_quotation_mark_of_windows_are_no_utf_8():
    assert titles(HEADER.encode() + "c1,,,“CAFÉ”,1\n".encode("cp1252")) == ["“CAFÉ”"]


@pytest.mark.parametrize("letter", ["ñ", "€", "𝄞"])
def test_a_cell_beyond_every_bound_is_cut_after_a_letter(letter):
    """It costs its row, and does not count as another encoding."""
    content = (HEADER + "c1,,," + letter * LARGEST_CELL + ",1\n").encode()
    assert decoded(content, 4099) == (content, None)
    assert titles(content, 4099) == [Reason.CELL_TOO_LARGE]


def test_the_byte_order_mark_of_excel_is_taken_off():
    assert decoded(b"\xef\xbb\xbf" + HEADER.encode(), 2) == (HEADER.encode(), None)


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf_16_is_refused_by_the_name_of_its_file(coding, mark):
    with pytest.raises(PackageRefused) as refused:
        decoded((mark + HEADER).encode(coding), 5)
    assert (refused.value.reason, refused.value.file) == (Reason.UTF16, "categories.csv")


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_latin_1_export_is_read_and_said_so(size):
    content = (HEADER + ROWS).encode("latin-1")
    assert decoded(content, size)[1] is Reason.LEGACY_ENCODING
    assert titles(content, size) == ["Composición", "Año nuevo"]


def test_a_byte_that_no_encoding_knows_costs_its_row():
    content = HEADER.encode() + b"c1,,,A\xf1o,1\nc2,,,\x81,2\nc3,,,Mes,3\n"
    assert titles(content, 4) == ["Año", Reason.ENCODING, "Mes"]


@given(st.binary(max_size=80), st.integers(1, 9))
def test_block_boundaries_never_matter(content, size):
    try:
        whole = decoded(content)
    except PackageRefused:
        return
    assert decoded(content, size) == whole
