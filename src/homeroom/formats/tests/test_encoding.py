"""Names with accents, from systems old and new."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.formats.encoding import Utf8
from homeroom.formats.reasons import PackageRefused, Reason
from homeroom.formats.table import BadRow, Row, read_layout, strict_rows
from homeroom.formats.tests.exports import CATEGORIES, in_pieces

HEADER = "sourcedId,status,dateLastModified,title,weight\n"
ROWS = "c1,,,Composición,20\nc2,,,Año nuevo,30\n"


def decoded(content: bytes, size: int = 1 << 20) -> tuple[bytes, bool]:
    blocks = Utf8(in_pieces(content, size))
    return b"".join(blocks), blocks.is_legacy


@given(st.text(max_size=60), st.integers(1, 20))
def test_utf_8_comes_through_unchanged_in_any_blocks(text, size):
    text = text.removeprefix("\ufeff")
    assert decoded(text.encode(), size) == (text.encode(), False)


@given(st.text(st.sampled_from("abcñéüß“”€ ,\n"), min_size=1, max_size=60), st.integers(1, 20))
def test_windows_1252_comes_through_as_utf_8_wherever_it_is_cut(text, size):
    """Unless its bytes happen to be UTF-8, which those of Spanish words are not."""
    content = text.encode("cp1252")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        if not content[: error.start].isascii():
            return  # letters that look like UTF-8 came first
        assert decoded(content, size) == (text.encode(), True)


def test_the_byte_order_mark_of_excel_is_taken_off():
    assert decoded(b"\xef\xbb\xbf" + HEADER.encode(), 2) == (HEADER.encode(), False)


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-be"])
def test_utf_16_is_refused(coding):
    content = ("\ufeff" if coding.endswith("be") else "") + HEADER
    with pytest.raises(PackageRefused) as refused:
        decoded(content.encode(coding), 5)
    assert refused.value.reason is Reason.UTF16


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_latin_1_export_is_read_and_said_so(size):
    content, is_legacy = decoded((HEADER + ROWS).encode("latin-1"), size)
    assert is_legacy
    rows = list(strict_rows([content], read_layout([content], CATEGORIES)))
    assert [row.values[2] for row in rows] == ["Composición", "Año nuevo"]


def test_one_broken_row_in_a_utf_8_file_costs_that_row_alone():
    content = (HEADER + ROWS).encode() + b"c3,,,A\xf1o,40\n" + ROWS.replace("c", "d").encode()
    text, is_legacy = decoded(content, 11)
    assert not is_legacy
    rows = list(strict_rows([text], read_layout([text], CATEGORIES)))
    assert [type(row) for row in rows] == [Row, Row, BadRow, Row, Row]
    assert rows[2] == BadRow(4, None, Reason.ENCODING)


def test_a_byte_that_no_encoding_knows_costs_its_row():
    text, is_legacy = decoded(HEADER.encode() + b"c1,,,A\xf1o,1\nc2,,,\x81,2\nc3,,,Mes,3\n", 4)
    assert is_legacy
    rows = list(strict_rows([text], read_layout([text], CATEGORIES)))
    assert [type(row) for row in rows] == [Row, BadRow, Row]


@given(st.binary(max_size=80), st.integers(1, 9))
def test_where_blocks_are_cut_never_matters(content, size):
    try:
        whole = decoded(content)
    except PackageRefused:
        return
    assert decoded(content, size) == whole
