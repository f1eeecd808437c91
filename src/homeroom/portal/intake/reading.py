"""A file of the package into its stage: header, habits, then every row, or only those that are new since last night."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from secrets import randbits

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
from homeroom.formats.values import FIRST_DAY, LAST_DAY
from homeroom.portal.intake import known, sidecar
from homeroom.portal.intake.cells import read_cells
from homeroom.portal.intake.chunks import Chunk, chunks, together
from homeroom.portal.intake.fingerprint import Fingerprint
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.shape import Shape
from homeroom.portal.intake.sidecar import MOST_NEW, Difference, lines_before, scheme_of, seed_of
from homeroom.portal.intake.stage import filling, write_gone
from homeroom.portal.intake.stale import add_stale, last_stale, stale_marks
from homeroom.portal.intake.store import Store

BLOCK = 1 << 20
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Read:
    """A file in its stage. difference: what only was read of it; None: all of it. is_same: none of it needed to be.

    is_delta: it speaks only for the rows it names. stale: the last of our rows noted as stale before it was read.
    """

    shape: Shape
    table: Table
    file: str
    scheme: str = ""
    difference: Difference | None = None
    fingerprint: Fingerprint | None = None
    is_same: bool = False
    is_delta: bool = False
    stale: int = 0

    @property
    def is_partial(self) -> bool:
        """Rows that were not read of it stay as they are, but for those it is known to lack."""
        return self.is_delta or self.difference is not None

    @property
    def source(self) -> str:
        """Where rows of ours are looked up that the file may change: few of a large table are set apart (leaving.py)."""
        return self.shape.was if self.is_partial else self.shape.table


def read_file(night: Night, listed: Listed, shape: Shape, store: Store, same: int | None = None) -> Read:
    """same: so many rows, all known to be as last night. Raises PackageRefused."""
    if has_slash_dates(listed.table):
        listed = replace(listed, table=in_order(listed.table, _order(night, listed)))
    layout = read_layout(_text(listed), listed.table)
    night.found.note(*layout.notes, *glance(_text(listed), layout))
    night.stems.add(listed.table.stem)
    if listed.table.is_delta:
        return _read_delta(night, listed, layout, shape)
    night.has_all_marks |= listed.table.stem == ATTENDANCE.stem
    if same is not None:
        night.found.read[listed.table.file] = night.found.unread[listed.table.file] = same
        return Read(shape, listed.table, listed.table.file, is_same=True)
    is_whole = night.is_whole or (night.reads_all_marks and listed.table.stem == ATTENDANCE.stem)
    seed = seed_of(night, layout) if shape.is_big and not is_whole else None
    until, difference = last_stale(night, listed.table.file), None
    if seed is not None:
        compare = known.compare if lines_before(night, listed.table.file) <= known.MOST_HELD else sidecar.compare
        difference = compare(night, listed.table.file, _chunks(night, listed, layout), seed, store, stale_marks(night, listed.table.file, until))
        if difference.new_count > MOST_NEW * (difference.new_count + difference.same_count):
            difference = None
    seed = seed if seed is not None else randbits(63)
    fingerprint = _fill(night, listed, layout, shape, seed, difference)
    if not night.found.read[listed.table.file]:
        night.found.note(Note(Reason.NO_ROWS, listed.table.file))
    if difference:
        write_gone(night, shape, difference)
        add_stale(night, shape, listed.table.file, until)
    return Read(shape, listed.table, listed.table.file, scheme_of(layout, seed), difference, fingerprint, stale=until)


def _read_delta(night: Night, listed: Listed, layout: Layout, shape: Shape) -> Read:
    if night.is_empty(shape.table):
        night.found.note(Note(Reason.DELTA_ALONE, listed.table.file))
    _fill(night, listed, layout, shape, 0, None)
    return Read(shape, listed.table, listed.table.file, is_delta=True)


def _fill(
    night: Night, listed: Listed, layout: Layout, shape: Shape, seed: int, difference: Difference | None
) -> Fingerprint:
    file, fingerprint = listed.table.file, Fingerprint()
    if difference and difference.is_nothing:
        night.found.read[file] = night.found.unread[file] = difference.same_count
        return fingerprint
    ended = 0
    with filling(night, shape, is_delta=layout.table.is_delta) as stage:
        for chunk in _wanted(_chunks(night, listed, layout), difference):
            cells = read_cells(chunk, layout, seed)
            fingerprint.add(cells.good["hash"])
            fingerprint.is_whole &= not cells.bad
            if cells.blank:
                night.found.note(Note(Reason.ROW_BLANK, file), rows=cells.blank)
            ended += stage.add(cells, layout.table)
            night.found.read[file] += cells.count
            for row in cells.bad:
                night.found.refuse(file, row.line, row.column, row.reason, cure=row.cure)
    for tolerance, rows in stage.let_pass.items():
        night.found.note(Note(NOTES[tolerance], file), rows=rows)
    if ended and difference is None and not layout.table.is_delta:
        night.found.note(Note(Reason.STATUS_IN_BULK, file, "status"), rows=ended)
    if difference:
        night.found.unread[file] = difference.same_count
        night.found.read[file] += difference.same_count
    return fingerprint


def _chunks(night: Night, listed: Listed, layout: Layout) -> Iterator[Chunk]:
    text = _text(listed)
    for chunk in chunks(text, layout):
        if listed.table.stem == ATTENDANCE.stem:
            _widen_days(night, chunk, layout)
        yield chunk
    if text.note:
        night.found.note(text.note)


def _text(listed: Listed) -> Utf8:
    return Utf8(listed.member.blocks(BLOCK), listed.table.file)


def _wanted(all_of_it: Iterable[Chunk], difference: Difference | None) -> Iterable[Chunk]:
    """All lines, or those that are new; the file is read again for these only where they were too many to be kept."""
    if difference is None:
        return all_of_it
    if difference.kept is not None:
        return together(difference.kept)
    return together(chunk.only(difference.new[chunk.all_numbers]) for chunk in all_of_it)


def _order(night: Night, listed: Listed) -> Tolerance | None:
    """Returns whether month or day comes first, as the whole file shows it. A file that shows neither is held with that question."""
    layout, shown = read_layout(_text(listed), listed.table), set()
    has_dates = False
    for chunk in chunks(_text(listed), layout):
        dates = chunk.lines.str.extract_all(rf'(?:^|[,"]){SLASHED}').explode().drop_nulls()
        has_dates = has_dates or len(dates) > 0
        for tolerance, place in ((Tolerance.DAY_FIRST, r"([0-9]+)/"), (Tolerance.MONTH_FIRST, r"/([0-9]+)/")):
            if (dates.str.extract(place).cast(pl.Int32) > MONTHS).any():
                shown.add(tolerance)
    if has_dates and not shown:
        night.found.unordered.append(listed.table.file)
        return Tolerance.MONTH_FIRST
    return shown.pop() if len(shown) == 1 else None


def _widen_days(night: Night, chunk: Chunk, layout: Layout) -> None:
    """Over all lines, read or not: which days have marks."""
    place = layout.columns.index(layout.table.column("Attendance_date"))
    of_lines = chunk.lines.str.extract(rf'(?:^|[,"])([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[T ]00:00:00[^,"]*)?|{SLASHED})(?:[,"\r]|$)')
    for tolerance in layout.columns[place].reads:
        for pattern, becomes in REWRITES.get(Tolerance(tolerance), ()):
            of_lines = of_lines.str.replace(pattern, becomes)
    written = pl.concat([of_lines, pl.Series("line", [row.values[place] for row in chunk.rows], pl.String)])
    days = written.str.to_date("%Y-%m-%d", strict=False)
    real = days.filter(days.is_between(FIRST_DAY, LAST_DAY).fill_null(False))
    night.days = _wider(night.days, real.to_list() and [real.min(), real.max()])


def _wider(days: tuple[date, date] | None, more: Iterable[object]) -> tuple[date, date] | None:
    found = [*(days or ()), *(day for day in more if isinstance(day, date))]
    return (min(found), max(found)) if found else None
