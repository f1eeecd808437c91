"""The fast reader and the strict one must always agree, whatever a file contains and however it is cut into chunks."""

import csv
import io

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from homeroom.formats.encoding import Utf8
from homeroom.formats.oneroster import TABLES
from homeroom.formats.spec import Table
from homeroom.formats.table import BadRow, Row, read_layout, strict_rows
from homeroom.judging import chunks as chunking
from homeroom.judging.cells import read_cells
from homeroom.judging.chunks import chunks

RESULTS = TABLES["results"]
HEADER = ",".join(RESULTS.names).encode()
PLAIN = "r{0},,,i1,nina,fully graded,{0},2026-10-06,,,,false,false,true,false"

cell = st.sampled_from(
    ["", "9", "9.5", "+5", ".5", "5.", "1e400", "NaN", "inf", "-1e9", "1e9", "x", " ", "nina", "Fully Graded", "exempt", "TRUE"]
    + ["2026-10-06", "2026-02-30", "1899-12-31", "a,b", 'say "hi"', "two\nlines", "cr\rhere", "é", "日本", "PS:12", "a b", "ext:x"]
)  # fmt: skip
row = st.lists(cell, min_size=13, max_size=16)
written = st.builds(
    lambda cells, all_quoted: _written(cells, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL), row, st.booleans()
)
spoilt = st.sampled_from(
    [b'"', b'""', b'r1,"open\n', b"\0\n", b"\xff\n", b"\n", b"\r\n", b"\r", b" \n", b'a"b,c\n', b'"x" ,y\n', b"\xc3\xa9\n", b",,,\n"]
)  # fmt: skip
plain = st.integers(0, 99).map(lambda number: PLAIN.format(number).encode() + b"\r\n")
content = st.lists(st.one_of(plain, plain, written, spoilt), max_size=25).map(b"".join)


def _written(cells: list[str], quoting: int) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting, lineterminator="\n").writerow(cells)  # type: ignore[arg-type]
    return out.getvalue().encode()


def by_strict(body: bytes, table: Table = RESULTS) -> tuple[list[tuple[object, ...]], list[BadRow]]:
    layout = read_layout(Utf8([body], table.file), table)
    rows = list(strict_rows(Utf8([body], table.file), layout))
    good = [(*row.values, row.line) for row in rows if isinstance(row, Row)]
    return sorted(good, key=lambda values: values[-1]), sorted(row for row in rows if isinstance(row, BadRow))


def by_fast(body: bytes, table: Table = RESULTS) -> tuple[list[tuple[object, ...]], list[BadRow]]:
    layout = read_layout(Utf8([body], table.file), table)
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    read = [read_cells(chunk, layout, 1) for chunk in chunks(Utf8(pieces, table.file), layout)]
    good = [values for cells in read for values in cells.good.drop("hash").iter_rows()]
    return sorted(good, key=lambda values: values[-1]), sorted(bad for cells in read for bad in cells.bad)


@pytest.mark.parametrize("size", [30, 200, 4 << 20])
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=content)
@example(body=b'r1,,,i1,nina,exempt,,2026-10-06,"open,,,,,\r\n' + PLAIN.format(2).encode())
@example(body=b',,,,,,,,,,"two\nlines","cr\rhere",\xc3\xa9\n\xff\n\n')
@example(body=b'r1,,,i1,nina,exempt,,2026-10-06,"two\nlines",,,,,,\n' + PLAIN.format(2).encode())
def test_fast_and_strict_agree_on_any_file(monkeypatch: pytest.MonkeyPatch, size: int, body: bytes) -> None:
    monkeypatch.setattr(chunking, "SIZE", size)
    assert by_fast(HEADER + b"\r\n" + body) == by_strict(HEADER + b"\r\n" + body)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), stem=st.sampled_from([stem for stem, table in TABLES.items() if table.into]))
def test_fast_and_strict_agree_on_every_kind_of_cell(data: st.DataObject, stem: str) -> None:
    table = TABLES[stem]
    some = st.lists(cell, min_size=len(table.names), max_size=len(table.names))
    rows = data.draw(st.lists(some, max_size=6))
    body = (",".join(table.names) + "\n").encode() + b"".join(_written(cells, csv.QUOTE_MINIMAL) for cells in rows)
    assert by_fast(body, table) == by_strict(body, table)


def test_a_line_hashes_the_same_whatever_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for end in (b"\n", b"\r\n"):
        body = HEADER + end + end.join(PLAIN.format(number).encode() for number in range(9)) + end
        layout = read_layout(Utf8([body], RESULTS.file), RESULTS)
        found.append(pl.concat([read_cells(chunk, layout, 5).good["hash"] for chunk in chunks(Utf8([body], RESULTS.file), layout)]))
    assert found[0].to_list() == found[1].to_list()
    assert found[0].n_unique() == 9


def test_a_row_of_ten_megabytes_is_one_bad_row_and_the_next_is_read() -> None:
    body = HEADER + b"\n" + PLAIN.format(1).encode() + b"\n" + b"x" * (10 << 20) + b",y\n" + PLAIN.format(2).encode() + b"\n"
    good, bad = by_fast(body)
    assert [values[0] for values in good] == ["r1", "r2"]
    assert [row.line for row in bad] == [3]
