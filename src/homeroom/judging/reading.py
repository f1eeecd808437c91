"""Reads a file of the package row by row: the order of its dates, its header and habits, its rows in columns, and the notes about them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from homeroom.formats.attendance import ATTENDANCE
from homeroom.formats.encoding import Utf8
from homeroom.formats.glance import glance
from homeroom.formats.header import Layout
from homeroom.formats.manifest import Listed
from homeroom.formats.reasons import Note, Reason
from homeroom.formats.spec import Table
from homeroom.formats.table import read_layout
from homeroom.formats.tolerances import NOTES, REWRITES, SLASHED, Tolerance, has_slash_dates, in_order
from homeroom.formats.values import FIRST_DAY, LAST_DAY, says_ended
from homeroom.judging.cells import Cells, each_once, part_of
from homeroom.judging.chunks import Chunk, chunks
from homeroom.judging.found import Found
from homeroom.judging.shape import Shape, as_newest, identifiers_of_row, in_standard_columns

BLOCK = 1 << 20
MONTHS = 12

type Days = tuple[date, date]


def read_header(listed: Listed, found: Found) -> tuple[Listed, Layout]:
    """Returns the file with the order of its dates, and where its columns are. Notes its habits. Raises PackageRefused."""
    if has_slash_dates(listed.table):
        listed = replace(listed, table=in_order(listed.table, _order(listed, found)))
    layout = read_layout(text_of(listed), listed.table)
    found.note(*layout.notes, *glance(text_of(listed), layout))
    return listed, layout


def chunks_of(listed: Listed, layout: Layout, found: Found) -> Iterator[Chunk]:
    """Yields all lines, read or not. Raises PackageRefused."""
    text = text_of(listed)
    for chunk in chunks(text, layout):
        if listed.table.stem == ATTENDANCE.stem:
            found.days = _wider(found.days, _days(chunk, layout))
        yield chunk
    if text.note:
        found.note(text.note)


def take_cells(found: Found, file: str, cells: Cells) -> None:
    """Counts the rows, and records which are bad."""
    if cells.blank:
        found.note(Note(Reason.ROW_BLANK, file), rows=cells.blank)
    found.read[file] += cells.count
    for row in cells.bad:
        found.refuse(file, row.line, row.column, row.reason, cure=row.cure)


@dataclass(frozen=True, slots=True)
class Rows:
    """`ready` has line, hash, key and the shape's columns, and is_ended for a delta. `ended` is the number of rows that say they are deleted. `left` are the
    keys of bad rows, as far as known. `let_pass` is the number of rows for each tolerance."""

    ready: pl.DataFrame
    ended: int
    left: list[str]
    let_pass: Counter[Tolerance]


def rows_of(shape: Shape, cells: Cells, table: Table) -> Rows:
    """Leaves out rows that say they are deleted, because in a bulk file they are the same as absent. For a delta, only their key is ready."""
    rows, let_pass = in_standard_columns(cells.good, table)
    rows, ended = as_newest(rows, table), None
    if "status" in rows.columns and (is_ended := rows.select(each_once(pl.col("status"), says_ended)).to_series()).any():
        rows, ended = rows.filter(~is_ended), rows.filter(is_ended)
    named = [pl.col("line"), pl.col("hash").reinterpret(signed=True), shape.key(table).alias("key")]
    said = [pl.lit(False).alias("is_ended")] if table.is_delta else []
    ready = rows.select(*named, *(each.cell(table).alias(each.name) for each in shape.columns), *said)
    if table.is_delta and ended is not None:
        ready = pl.concat([ready, ended.select(*named, is_ended=True)], how="diagonal")
    return Rows(ready, 0 if ended is None else ended.height, identifiers_of_row(shape, cells.left, table), let_pass + cells.let_pass)


def habits_of(chunk: Chunk, layout: Layout) -> Counter[Reason]:
    """Counts rows that are worth a note, among lines that are known to be right. It counts like take_cells() and rows_of()."""
    table = layout.table
    lenient = {column.name for column in layout.columns if column.reads}
    cells = part_of(chunk, layout, {table.key[0], "status", *lenient, *(["assignDate"] if "dueDate" in lenient else [])})
    rows, let_pass = in_standard_columns(cells.good, table)
    ended = rows.select(each_once(pl.col("status"), says_ended)).to_series().sum() if "status" in rows.columns else 0
    return +(Counter({Reason.ROW_BLANK: cells.blank, Reason.STATUS_IN_BULK: ended}) + reasons_of(cells.let_pass + let_pass))


def reasons_of(let_pass: Counter[Tolerance]) -> Counter[Reason]:
    return Counter({NOTES[tolerance]: rows for tolerance, rows in let_pass.items()})


def note_rows(found: Found, table: Table, ended: int, let_pass: Counter[Reason]) -> None:
    """Notes rows after the whole file was read. `ended` is the number of rows that were left out of a bulk file."""
    for reason, rows in sorted(let_pass.items()):
        found.note(Note(reason, table.file), rows=rows)
    if ended and not table.is_delta:
        found.note(Note(Reason.STATUS_IN_BULK, table.file, "status"), rows=ended)


def note_same(listed: Listed, layout: Layout, found: Found, rows: int) -> None:
    """Notes a file that is unchanged and is not read again."""
    file = listed.table.file
    found.read[file] = found.unread[file] = rows
    habits = sum((habits_of(chunk, layout) for chunk in chunks_of(listed, layout, found)), Counter[Reason]())
    note_rows(found, listed.table, habits.pop(Reason.STATUS_IN_BULK, 0), habits)
    note_empty(found, file)


def note_empty(found: Found, file: str) -> None:
    if not found.read[file]:
        found.note(Note(Reason.NO_ROWS, file))


def spoken_days(declared: tuple[date | None, date | None], days: Days | None, today: date) -> Days | None:
    """Returns the days for which a bulk attendance.csv is complete. Its manifest says them, or else they run from its first mark to the day of the export."""
    first, last = declared
    first = first or (days[0] if days else None)
    last = last or (max(days[1], today) if days else today)
    return (first, last) if first and first <= last else None


def has_more_days(first: date | None, before: tuple[date, date, date] | None) -> bool:
    """Returns whether a mark that the last file already lacked is only withdrawn now. `first` is the first day, if the manifest says it. `before` has the
    days for which the last file was complete, and the day of that file."""
    if before is None:
        return first is not None
    was_first, was_last, day = before
    return (first or was_first) < was_first or was_last < day


def text_of(listed: Listed) -> Utf8:
    return Utf8(listed.member.blocks(BLOCK), listed.table.file)


def _order(listed: Listed, found: Found) -> Tolerance | None:
    """Returns whether month or day comes first, as the whole file shows it. A file that shows neither is put on hold with that question."""
    layout, shown = read_layout(text_of(listed), listed.table), set()
    has_dates = False
    for chunk in chunks(text_of(listed), layout):
        dates = chunk.lines.str.extract_all(rf'(?:^|[,"]){SLASHED}').explode().drop_nulls()
        has_dates = has_dates or len(dates) > 0
        for tolerance, place in ((Tolerance.DAY_FIRST, r"([0-9]+)/"), (Tolerance.MONTH_FIRST, r"/([0-9]+)/")):
            if (dates.str.extract(place).cast(pl.Int32) > MONTHS).any():
                shown.add(tolerance)
    if has_dates and not shown:
        found.unordered.append(listed.table.file)
        return Tolerance.MONTH_FIRST
    return shown.pop() if len(shown) == 1 else None


def _days(chunk: Chunk, layout: Layout) -> list[object]:
    """Returns the first and the last day with marks, over all lines."""
    place = layout.columns.index(layout.table.column("Attendance_date"))
    of_lines = chunk.lines.str.extract(rf'(?:^|[,"])([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[T ]00:00:00[^,"]*)?|{SLASHED})(?:[,"\r]|$)')
    for tolerance in layout.columns[place].reads:
        for pattern, becomes in REWRITES.get(Tolerance(tolerance), ()):
            of_lines = of_lines.str.replace(pattern, becomes)
    written = pl.concat([of_lines, pl.Series("line", [row.values[place] for row in chunk.rows], pl.String)])
    days = written.str.to_date("%Y-%m-%d", strict=False)
    real = days.filter(days.is_between(FIRST_DAY, LAST_DAY).fill_null(False))
    return real.to_list() and [real.min(), real.max()]


def _wider(days: Days | None, more: Iterable[object]) -> Days | None:
    found = [*(days or ()), *(day for day in more if isinstance(day, date))]
    return (min(found), max(found)) if found else None
