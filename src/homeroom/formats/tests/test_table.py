"""The strict reader returns what a district wrote, as written, and each mistake costs only its own row."""

import csv
import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.formats.encoding import Utf8
from homeroom.formats.oneroster import TABLES
from homeroom.formats.reasons import PackageRefused, Reason
from homeroom.formats.table import BadRow, Row, read_layout, strict_rows
from homeroom.formats.tests.exports import CATEGORIES, DEMOGRAPHICS, NINA, USERS, csv_of, in_pieces, nina

HEADER = b"sourcedId,status,dateLastModified,title,weight\r\n"
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
TITLES = CELLS.filter(lambda text: text.strip())


def read(content: bytes, table=CATEGORIES, size: int = 1 << 20) -> list[Row | BadRow]:
    blocks = list(Utf8(in_pieces(content, size), table.file))
    return list(strict_rows(blocks, read_layout(blocks, table)))


def category(row: Row | BadRow) -> str:
    assert isinstance(row, Row)
    return row.values[2]


@given(titles=st.lists(TITLES, max_size=8), end=st.sampled_from(["\r\n", "\n", "\r"]), size=st.integers(1, 300))
def test_the_output_of_any_csv_writer_is_read_back(titles, end, size):
    """Commas, quotation marks, line ends and letters of every script, in blocks that are cut anywhere."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator=end)
    writer.writerow(CATEGORIES.names)
    for number, title in enumerate(titles):
        writer.writerow([f"c{number}", "", "", title, number])
    rows = read(written.getvalue().encode(), size=size)
    assert [category(row) for row in rows] == titles


@given(titles=st.lists(TITLES, min_size=1, max_size=5))
def test_every_row_is_reported_by_the_line_it_starts_on(titles):
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(CATEGORIES.names)
    expected = []
    for number, title in enumerate(titles):
        expected.append(len(written.getvalue().encode().splitlines()) + 1)
        writer.writerow([f"c{number}", "", "", title, ""])
    assert [row.line for row in read(written.getvalue().encode())] == expected


GOOD = "g{n},,,Homework,20"
# A small grammar of mistakes: a line, the column that is named for it, and the reason. None may cost another row.
MISTAKES = {
    "short": ("b{n},,,Homework", None, Reason.ROW_SHORT),
    "long": ("b{n},,,Homework,20,", None, Reason.ROW_LONG),
    "open quote": ('b{n},,,"Homework,20', "title", Reason.QUOTE_UNCLOSED),
    "open quote at the end": ('b{n},,,Homework,"20', "weight", Reason.QUOTE_UNCLOSED),
    "quote closed too early": ('b{n},,,"Home"work,20', None, Reason.QUOTE_UNCLOSED),
    "stray quote": ('b{n},,,5" ruler,20', None, Reason.QUOTE_STRAY),
    "blank title": ("b{n},,,,20", "title", Reason.REQUIRED),
    "title of spaces": ("b{n},,,   ,20", "title", Reason.REQUIRED),
    "no id": (",,,Homework,20", "sourcedId", Reason.REQUIRED),
    "id with comma": ('"b,{n}",,,Homework,20', "sourcedId", Reason.ID_FORM),
    "id of 256": ("b" * 256 + ",,,Homework,20", "sourcedId", Reason.ID_FORM),
    "id on two lines": ('"b\n{n}",,,Homework,20', "sourcedId", Reason.QUOTE_UNCLOSED),
    "not a number": ("b{n},,,Homework,NaN", "weight", Reason.NUMBER_FORM),
    "infinite": ("b{n},,,Homework,inf", "weight", Reason.NUMBER_FORM),
    "decimal comma": ('b{n},,,Homework,"9,5"', "weight", Reason.NUMBER_FORM),
    "beyond floats": ("b{n},,,Homework,1e400", "weight", Reason.NUMBER_RANGE),
    "over a hundred percent": ("b{n},,,Homework,101", "weight", Reason.NUMBER_RANGE),
    "unknown word": ("b{n},gone,,Homework,20", "status", Reason.WORD_UNKNOWN),
    "NUL": ("b{n},,,Home\0work,20", None, Reason.NUL),
    "cell too large": ("b{n},,," + "x" * 65_537 + ",20", "title", Reason.CELL_TOO_LARGE),
}


@given(
    lines=st.lists(st.one_of(st.just(None), st.sampled_from(sorted(MISTAKES))), max_size=12),
    end=st.sampled_from(["\r\n", "\n"]),
    size=st.sampled_from([97, 4096, 1 << 20]),
)
def test_a_mistake_costs_its_own_row_and_no_other(lines, end, size):
    text = HEADER.decode().replace("\r\n", end)
    expected: list[tuple[int, str | None, Reason | None]] = []
    continued = set()
    for number, mistake in enumerate(lines):
        line = text.count("\n") + 1
        if mistake is None:
            text += GOOD.format(n=number) + end
            expected.append((line, None, None))
            continue
        written, column, reason = MISTAKES[mistake]
        text += written.format(n=number) + end
        expected.append((line, column, reason))
        if "\n" in written:  # the text on the second line is read as a separate row, and is not one
            continued.add(line + 1)
    rows = [row for row in read(text.encode(), size=size) if row.line not in continued]
    found = [(row.line, row.column, row.reason) if isinstance(row, BadRow) else (row.line, None, None) for row in rows]
    assert found == expected


def test_a_comment_may_have_several_lines():
    items = TABLES["lineItems"]
    row = {
        "sourcedId": "i1", "title": "Quiz",
        "description": '"Bring:\r\n- a pen\r\n- ""paper"""', "assignDate": "2026-11-02",
        "dueDate": "2026-11-05", "classSourcedId": "c", "categorySourcedId": "k", "academicSessionSourcedId": "t",
    }  # fmt: skip
    rows = read(csv_of(items, row, row | {"sourcedId": "i2"}).encode(), items)
    assert [row.line for row in rows] == [2, 5]
    assert 'Bring:\r\n- a pen\r\n- "paper"' in rows[0].values


def test_ninas_password_and_birthplace_never_come_out_of_the_reader():
    users = csv_of(USERS, nina(password="tulip7", pronouns="she/her", preferredMiddleName="Nini")).encode()
    people = csv_of(DEMOGRAPHICS, {"sourcedId": NINA, "birthDate": "2014-06-02", "cityOfBirth": "Elderwood"}).encode()
    (user,), (person,) = read(users, USERS), read(people, DEMOGRAPHICS)
    assert {"tulip7", "she/her", "Nini", "nina"}.isdisjoint(user.values)
    assert person.values == (NINA, "", "2014-06-02")


def test_a_term_that_ends_before_it_begins_is_left_out():
    sessions = TABLES["academicSessions"]
    row = {"sourcedId": "t", "title": "Fall", "type": "term", "startDate": "2026-08-17", "endDate": "2026-08-16"}
    (bad,) = read(csv_of(sessions, row | {"schoolYear": "2027"}).encode(), sessions)
    assert bad == BadRow(2, "endDate", Reason.DATES_REVERSED)


def test_a_block_from_the_middle_of_a_file_keeps_its_lines():
    layout = read_layout([HEADER], CATEGORIES)
    rows = list(strict_rows([b"c1,,,Homework,20\nc2,,,Tests\n"], layout, first_line=700_001))
    assert [(type(row), row.line) for row in rows] == [(Row, 700_001), (BadRow, 700_002)]


def test_blank_lines_are_no_rows():
    assert [row.line for row in read(HEADER + b"\r\nc1,,,Homework,20\r\n\r\n\r\n")] == [3]


def test_nor_are_the_commas_that_a_spreadsheet_leaves_at_the_end():
    """The reader of whole columns reports Reason.ROW_BLANK for them."""
    assert [row.line for row in read(HEADER + b"c1,,,Homework,20\r\n,,,,\r\n,,,,\r\n")] == [2]


def test_rows_after_an_unclosed_quotation_mark_are_read():
    content = HEADER + b'c0,,,"Homework,20\r\n' + b"c1,,,Tests,50\r\n" * 20_000
    rows = read(content)
    assert rows[0] == BadRow(2, "title", Reason.QUOTE_UNCLOSED)
    assert len(rows) == 20_001
    assert not any(isinstance(row, BadRow) for row in rows[1:])


def ten_megabytes(row: bytes) -> Iterator[bytes]:
    yield HEADER + b"c0,,," + row[:1]
    for _ in range(160):
        yield row[1:-1] * (65_536 // len(row[1:-1]))
    yield row[-1:] + b",20\r\nc1,,,Tests,50\r\n"


@pytest.mark.parametrize("row", [b"xxx", b'"x"', b'"text over, lines\r\n"'])
def test_a_cell_of_ten_megabytes_is_one_bad_row_and_memory_stays_flat(row):
    """The cell may be quoted or not, and in one line or in half a million."""
    layout = read_layout([HEADER], CATEGORIES)
    tracemalloc.start()
    try:
        first, second = strict_rows(ten_megabytes(row), layout)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert first == BadRow(2, "title", Reason.CELL_TOO_LARGE)
    assert isinstance(second, Row)
    assert second.values[0] == "c1"


def test_a_row_of_many_cells_that_are_each_small_enough_is_too_large():
    wide = csv_of(USERS, nina(middleName="x" * 60_000, email="x" * 60_000, sms="x" * 60_000, phone="x" * 60_000))
    long = wide.replace("nina,", "n" * 60_000 + ",")
    (bad,) = read(long.encode(), USERS)
    assert bad == BadRow(2, None, Reason.ROW_TOO_LARGE)


@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_bytes_end_in_rows_or_reasons(content, size):
    lines = 0
    for row in read(HEADER + content, size=size):
        assert row.line > lines
        lines = row.line


@given(
    st.lists(st.sampled_from([b'"', b'""', b",", b"\r", b"\n", b"\r\n", b"a", b"\0", b"\xc3", b"\xa9"]), max_size=60)
)
def test_any_mixture_of_marks_reads_the_same_in_any_blocks(marks):
    content = HEADER + b"".join(marks)
    assert read(content, size=1) == read(content, size=3) == read(content)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n"])
def test_a_file_without_even_a_header_is_refused(content):
    with pytest.raises(PackageRefused) as refused:
        read(content)
    assert refused.value.reason is Reason.FILE_EMPTY
