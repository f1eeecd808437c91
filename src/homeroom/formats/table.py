"""The strict reader returns every row of a CSV file, or the exact line, column and reason for which it was left out.

It is slow and sees everything. The fast path passes it the blocks that look irregular. A quotation mark that is never closed costs only its own row, and
reading continues at the next line. Memory does not grow with a cell or with the file.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from homeroom.formats.header import Layout, is_separated_otherwise, match_header
from homeroom.formats.lines import lines_of
from homeroom.formats.reasons import PackageRefused, Reason
from homeroom.formats.records import Record, records_of, split_cells
from homeroom.formats.spec import Table
from homeroom.formats.tolerances import Tolerance, cure_of, read_as
from homeroom.formats.values import fault_of, says_ended

MOST_COLUMNS = 500  # each unknown name is compared with each missing one


class Row(NamedTuple):
    """`values` match layout.columns. A column that the file lacks is ''. `let_pass` is what the district accepts in it."""

    line: int
    values: tuple[str, ...]
    let_pass: tuple[Tolerance, ...] = ()


class BadRow(NamedTuple):
    """`column` is one of Homeroom's names, or None if the whole row is at fault. `cure` is what would let it pass."""

    line: int
    column: str | None
    reason: Reason
    cure: Tolerance | None = None


def read_layout(blocks: Iterable[bytes], table: Table) -> Layout:
    """Reads the first row of UTF-8 blocks (see encoding.Utf8). Raises PackageRefused."""
    line = next(lines_of(blocks), None)
    if line is None or not line.content.strip():
        raise PackageRefused(Reason.FILE_EMPTY, table.file)
    row = line.content.decode(errors="replace").rstrip("\r\n")
    if is_separated_otherwise(row, table):
        raise PackageRefused(Reason.SEPARATOR, table.file)
    try:
        cells = split_cells(line.content.decode().rstrip("\r\n"))
    except UnicodeDecodeError:
        cells = Reason.ENCODING
    if line.is_cut or isinstance(cells, Reason) or len(cells) > MOST_COLUMNS or b"\0" in line.content:
        raise PackageRefused(Reason.HEADER_UNREADABLE, table.file)
    return match_header(cells, table)


def strict_rows(blocks: Iterable[bytes], layout: Layout, first_line: int = 1) -> Iterator[Row | BadRow]:
    """Reads UTF-8 blocks (see encoding.Utf8) that begin at a row's start, at line `first_line` of the file.

    At line 1 the header is skipped. Blank lines are not rows, and neither are those with only commas.
    """
    judge = _judge(layout)
    for record in records_of(blocks, layout, first_line):
        if record.line == 1 and first_line == 1:
            continue
        if isinstance(record.cells, Reason):
            yield BadRow(record.line, _label(layout, record), record.cells)
        else:
            yield judge(record.line, record.cells)


def _label(layout: Layout, record: Record) -> str | None:
    """Returns the name of the column with the fault in the row, if it is known."""
    return next((name for name, place in layout.all_places.items() if place == record.place), None)


def _judge(layout: Layout) -> Callable[[int, list[str]], Row | BadRow]:
    there = [(column, place) for column, place in zip(layout.columns, layout.places, strict=True) if place >= 0]
    tests = [(column.name, place, partial(fault_of, column)) for column, place in there]
    lenient = [(column, place) for column, place in there if column.reads]
    spans = _spans(layout)
    of_ended = [test for test in tests if test[0] in layout.table.of_ended]
    status = layout.place("status") if layout.table.is_delta else -1

    def judge(line: int, cells: list[str]) -> Row | BadRow:
        let_pass: set[Tolerance] = set()
        for column, place in lenient:
            cells[place], used = read_as(column, cells[place])
            let_pass.update([used] if used else [])
        is_ended = status >= 0 and says_ended(cells[status])
        for name, place, test in of_ended if is_ended else tests:
            reason = test(cells[place])
            if reason:
                return BadRow(line, name, reason, cure_of(layout.table, layout.table.column(name), cells[place]))
        for name, begin, end in () if is_ended else spans:
            if cells[begin] and cells[end] and cells[end] < cells[begin]:  # ISO dates sort as text
                return BadRow(line, name, Reason.DATES_REVERSED)
        return Row(line, tuple(cells[place] if place >= 0 else "" for place in layout.places), tuple(let_pass))

    return judge


def _spans(layout: Layout) -> list[tuple[str, int, int]]:
    spans = [(end, layout.place(begin), layout.place(end)) for begin, end in layout.table.spans]
    return [span for span in spans if min(span[1:]) >= 0]
