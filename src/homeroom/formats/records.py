"""Splits lines into records of cells, by RFC 4180. A quoted cell may have commas, line ends and doubled quotation marks.

A record is complete when its number of quotation marks is even, so each line is counted once. If a record fails over several lines, reading starts again at
the line after its first.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from homeroom.formats.header import Layout
from homeroom.formats.lines import Line, lines_of
from homeroom.formats.reasons import Reason
from homeroom.formats.spec import Kind

LARGEST_CELL = 64 << 10
MARK = '"'


class Record(NamedTuple):
    """`line` is where it begins. `cells` are its cells, or the reason why it has none. `place` is then the cell with the fault (-1 is the row)."""

    line: int
    cells: list[str] | Reason
    place: int = -1


def records_of(blocks: Iterable[bytes], layout: Layout, first_line: int = 1) -> Iterator[Record]:
    source = _Source(blocks, first_line)
    one_line = frozenset(
        place
        for column, place in zip(layout.columns, layout.places, strict=True)
        if place >= 0 and column.kind is not Kind.TEXT
    )
    while line := source.take():
        if not line.content.strip(b"\r\n,"):  # blank, or the commas that a spreadsheet leaves at the end
            continue
        record = _read(source, line, layout.width, one_line)
        yield record


def split_cells(row: str) -> list[str] | Reason:
    """Returns the cells of a whole record without its last line end, or the fault in its quotation marks."""
    if MARK not in row:
        return row.split(",")
    cells: list[str] = []
    at = 0
    while True:
        if row.startswith(MARK, at):
            end = _closing(row, at + 1)
            if end < 0 or row[end + 1 : end + 2] not in ("", ","):
                return Reason.QUOTE_UNCLOSED
            cells.append(row[at + 1 : end].replace('""', MARK))
            end += 1
        else:
            end = row.find(",", at)
            end = len(row) if end < 0 else end
            if MARK in row[at:end]:
                return Reason.QUOTE_STRAY
            cells.append(row[at:end])
        if end >= len(row):
            return cells
        at = end + 1


def _closing(row: str, at: int) -> int:
    while (end := row.find(MARK, at)) >= 0 and row.startswith(MARK, end + 1):
        at = end + 2
    return end


class _Source:
    """Lines that can be put back, to read them again after a failed attempt."""

    def __init__(self, blocks: Iterable[bytes], first_line: int) -> None:
        self._lines = lines_of(blocks, first_line)
        self._again: deque[Line] = deque()

    def take(self) -> Line | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def put_back(self, lines: list[Line]) -> None:
        self._again.extendleft(reversed(lines))


def _read(source: _Source, line: Line, width: int, one_line: frozenset[int]) -> Record:
    if b"\0" in line.content:
        return Record(line.number, Reason.NUL)
    if line.is_cut:
        return _overlong(source, line, width)
    try:
        row = line.content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return Record(line.number, Reason.ENCODING)
    if row.count(MARK) % 2 and _is_open(row):
        return _several(source, line, width, one_line)
    return _measured(line.number, split_cells(row), width)


def _measured(number: int, cells: list[str] | Reason, width: int) -> Record:
    if isinstance(cells, Reason):
        return Record(number, cells)
    if len(cells) != width:
        return Record(number, Reason.ROW_SHORT if len(cells) < width else Reason.ROW_LONG)
    for place, cell in enumerate(cells):
        if len(cell) > LARGEST_CELL // 4 and len(cell.encode()) > LARGEST_CELL:
            return Record(number, Reason.CELL_TOO_LARGE, place)
    return Record(number, cells)


def _is_open(row: str) -> bool:
    """Returns whether the row's last cell is quoted and continues in the next line, and is not just written wrong."""
    return not isinstance(split_cells(row + MARK), Reason)


def _several(source: _Source, line: Line, width: int, one_line: frozenset[int]) -> Record:
    """Reads a cell that continues over several lines, or finds a quotation mark that is never closed."""
    more, size = [], 0
    while size <= LARGEST_CELL and (following := source.take()):
        more.append(following)
        size += len(following.content)
        if following.is_cut or b"\0" in following.content:
            break
        if following.content.count(b'"') % 2:
            record = _joined(line, more, width, one_line)
            if record is None:
                break
            return record
    if size > LARGEST_CELL and not any(_is_row(other, width) for other in more):
        return _overlong(source, line, width)
    source.put_back(more)
    return Record(line.number, Reason.QUOTE_UNCLOSED, _open_place(line))


def _joined(line: Line, more: list[Line], width: int, one_line: frozenset[int]) -> Record | None:
    """Returns the record of these lines. None means that they only look joined because a quotation mark is missing."""
    try:
        row = b"".join((line.content, *(other.content for other in more))).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return Record(line.number, Reason.ENCODING)
    cells = split_cells(row)
    if isinstance(cells, Reason) or len(cells) != width:
        return None
    if any("\n" in cells[place] or "\r" in cells[place] for place in one_line):
        return None
    return _measured(line.number, cells, width)


def _overlong(source: _Source, line: Line, width: int) -> Record:
    """Returns the fault of a cell or row beyond its limit. If its quotation mark is open, its later lines are skipped with it."""
    start = line.content.decode(errors="replace").rstrip("\r\n")
    place = _open_place(line)
    if place >= 0:
        while (following := source.take()) and not _is_row(following, width):
            pass
        if following:
            source.put_back([following])
        return Record(line.number, Reason.CELL_TOO_LARGE, place)
    cells = split_cells(start)
    sizes = [] if isinstance(cells, Reason) else [len(cell.encode()) for cell in cells]
    place = next((place for place, size in enumerate(sizes) if size > LARGEST_CELL), -1)
    return Record(line.number, Reason.CELL_TOO_LARGE if place >= 0 else Reason.ROW_TOO_LARGE, place)


def _open_place(line: Line) -> int:
    """Returns the cell whose quotation mark is open at the line's end, or -1."""
    row = line.content.decode(errors="replace")
    cells = split_cells(row + MARK) if row.count(MARK) % 2 else Reason.QUOTE_STRAY
    return -1 if isinstance(cells, Reason) else len(cells) - 1


def _is_row(line: Line, width: int) -> bool:
    if line.is_cut:
        return False
    cells = split_cells(line.content.decode(errors="replace").rstrip("\r\n"))
    return not isinstance(cells, Reason) and len(cells) == width
