"""Reads a file of the package into its stage (judging.reading): every row, or only rows that are new since last night."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from secrets import randbits

from homeroom.formats.attendance import ATTENDANCE
from homeroom.formats.header import Layout
from homeroom.formats.manifest import Listed
from homeroom.formats.reasons import Note, Reason
from homeroom.formats.spec import Table
from homeroom.judging.cells import read_cells
from homeroom.judging.chunks import Chunk, together
from homeroom.judging.fingerprint import Fingerprint
from homeroom.judging.found import Found
from homeroom.judging.particular import MOST_NEW
from homeroom.judging.reading import (
    chunks_of,
    habits_of,
    note_empty,
    note_rows,
    note_same,
    read_header,
    reasons_of,
    spoken_days,
    take_cells,
)
from homeroom.judging.shape import Shape
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.opening.store import Store
from homeroom.portal.intake.reading import known, sidecar
from homeroom.portal.intake.reading.sidecar import Difference, lines_before, scheme_of, seed_of
from homeroom.portal.intake.reading.stage import filling, write_gone
from homeroom.portal.intake.reading.stale import add_stale, last_stale, stale_marks


@dataclass(frozen=True, kw_only=True)
class Staging(ImportSql):
    """What is known about the export before its files are read, and `findings` about its rows. Only staging adds to these.

    `is_settling` means that the file will be applied, so answers about people are carried out. `declared` are the days for which attendance.csv is
    complete, by manifest.csv. `reads_all_marks` means that the last attendance.csv was not complete for all of them.
    """

    findings: Found
    is_settling: bool
    stems: frozenset[str]  # files that were sent
    has_all_marks: bool  # attendance.csv is in bulk mode
    declared: tuple[date | None, date | None]
    reads_all_marks: bool

    @property
    def spoken_days(self) -> tuple[date, date] | None:
        return spoken_days(self.declared, self.findings.days, self.today) if self.has_all_marks else None


@dataclass(frozen=True, slots=True)
class Staged:
    """A file in its stage, with what was read of it. It vouches for the shape's temporary tables `stage`, `left` and `gone`.

    `difference` is the part that was read. None means all. `is_same` means that no row had to be read. `is_delta` means that it only covers the rows
    it names. `stale` is the last note of stale keys before it was read. `fingerprint` is final once all files are settled.
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
        """Returns whether only some rows were read. The others stay as they are, except those that the file is known to lack."""
        return self.is_delta or self.difference is not None

    @property
    def source(self) -> str:
        """Returns the table in which to look up rows that the file may change. If it was read in part, this is a copy of these (leaving.py)."""
        return self.shape.was if self.is_partial else self.shape.table


def read_file(sql: Staging, listed: Listed, shape: Shape, store: Store, same: int | None = None, *, is_whole: bool = False) -> Staged:
    """Reads a file into its stage. `same` is its number of rows, if all are known to be unchanged. `is_whole` means that each line is read, even an
    unchanged one. Raises PackageRefused."""
    listed, layout = read_header(listed, sql.findings)
    if listed.table.is_delta:
        return _read_delta(sql, listed, layout, shape)
    if same is not None:
        note_same(listed, layout, sql.findings, same)
        return Staged(shape, listed.table, listed.table.file, is_same=True)
    is_whole = is_whole or (sql.reads_all_marks and listed.table.stem == ATTENDANCE.stem)
    seed = seed_of(sql, layout) if shape.is_big and not is_whole else None
    until, difference, habits = last_stale(sql, listed.table.file), None, Counter[Reason]()
    if seed is not None:
        compare = known.compare if lines_before(sql, listed.table.file) <= known.MOST_HELD else sidecar.compare
        tonight = _counted(chunks_of(listed, layout, sql.findings), layout, habits.update)
        difference = compare(sql, listed.table.file, tonight, seed, store, stale_marks(sql, listed.table.file, until))
        if difference.new_count > MOST_NEW * (difference.new_count + difference.same_count):
            difference, habits = None, Counter()
    seed = seed if seed is not None else randbits(63)
    fingerprint = _fill(sql, listed, layout, shape, seed, difference, habits)
    note_empty(sql.findings, listed.table.file)
    if difference:
        write_gone(sql, shape, difference)
        add_stale(sql, shape, listed.table.file, until)
    return Staged(shape, listed.table, listed.table.file, scheme_of(layout, seed), difference, fingerprint, stale=until)


def _read_delta(sql: Staging, listed: Listed, layout: Layout, shape: Shape) -> Staged:
    if sql.is_empty(shape.table):
        sql.findings.note(Note(Reason.DELTA_ALONE, listed.table.file))
    _fill(sql, listed, layout, shape, 0, None, Counter())
    return Staged(shape, listed.table, listed.table.file, is_delta=True)


def _fill(
    sql: Staging, listed: Listed, layout: Layout, shape: Shape, seed: int, difference: Difference | None, habits: Counter[Reason]
) -> Fingerprint:
    """Fills the stage. `habits` has counts for all lines, if only some are read. For these, the reader's own counts replace them."""
    file, fingerprint, ended = listed.table.file, Fingerprint(), 0
    if difference and difference.is_nothing:
        note_rows(sql.findings, layout.table, 0, habits)
        sql.findings.read[file] = sql.findings.unread[file] = difference.same_count
        return fingerprint
    with filling(sql, shape, is_delta=layout.table.is_delta) as stage:
        wanted = _wanted(chunks_of(listed, layout, sql.findings), difference)
        for chunk in _counted(wanted, layout, habits.subtract) if difference else wanted:
            cells = read_cells(chunk, layout, seed)
            fingerprint.add(cells.good["hash"])
            fingerprint.is_whole &= not cells.bad
            ended += stage.add(cells, layout.table)
            take_cells(sql.findings, file, cells)
    note_rows(sql.findings, layout.table, ended, habits + reasons_of(stage.let_pass))
    if difference:
        sql.findings.unread[file] = difference.same_count
        sql.findings.read[file] += difference.same_count
    return fingerprint


def _counted(some: Iterable[Chunk], layout: Layout, count: Callable[[Counter[Reason]], object]) -> Iterator[Chunk]:
    """Counts rows that the district's tolerances accept. The reader counts left-out and blank rows, because it reads these every night."""
    is_lenient = any(column.reads for column in layout.columns)
    for chunk in some:
        if is_lenient:
            count(habits_of(chunk, layout))
        yield chunk


def _wanted(all_of_it: Iterable[Chunk], difference: Difference | None) -> Iterable[Chunk]:
    """Returns all lines, or the new ones. Reads the file again for these only if there were too many to keep."""
    if difference is None:
        return all_of_it
    if difference.kept is not None:
        return together(difference.kept)
    return together(chunk.only(difference.new[chunk.all_numbers]) for chunk in all_of_it)
