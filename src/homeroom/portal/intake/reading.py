"""Reads a file of the package into its stage (judging.reading): every row, or only rows that are new since last night."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from secrets import randbits

from homeroom.formats.attendance import ATTENDANCE
from homeroom.formats.header import Layout
from homeroom.formats.manifest import Listed
from homeroom.formats.reasons import Note, Reason
from homeroom.formats.spec import Table
from homeroom.judging.cells import read_cells
from homeroom.judging.chunks import Chunk, together
from homeroom.judging.fingerprint import Fingerprint
from homeroom.judging.particular import MOST_NEW
from homeroom.judging.reading import (
    chunks_of,
    habits_of,
    note_empty,
    note_rows,
    note_same,
    read_header,
    reasons_of,
    take_cells,
)
from homeroom.judging.shape import Shape
from homeroom.portal.intake import known, sidecar
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.sidecar import Difference, lines_before, scheme_of, seed_of
from homeroom.portal.intake.stage import filling, write_gone
from homeroom.portal.intake.stale import add_stale, last_stale, stale_marks
from homeroom.portal.intake.store import Store


@dataclass(frozen=True, slots=True)
class Read:
    """Holds what was read of a file. `difference` is the part that was read. None means all. `is_same` means that no row had to be read.

    `is_delta` means that it only covers the rows it names. `stale` is the last note of stale keys before it was read.
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


def read_file(night: Night, listed: Listed, shape: Shape, store: Store, same: int | None = None) -> Read:
    """Reads a file into its stage. `same` is its number of rows, if all are known to be unchanged. Raises PackageRefused."""
    listed, layout = read_header(listed, night.found)
    night.stems.add(listed.table.stem)
    if listed.table.is_delta:
        return _read_delta(night, listed, layout, shape)
    night.has_all_marks |= listed.table.stem == ATTENDANCE.stem
    if same is not None:
        note_same(listed, layout, night.found, same)
        return Read(shape, listed.table, listed.table.file, is_same=True)
    is_whole = night.is_whole or (night.reads_all_marks and listed.table.stem == ATTENDANCE.stem)
    seed = seed_of(night, layout) if shape.is_big and not is_whole else None
    until, difference, habits = last_stale(night, listed.table.file), None, Counter[Reason]()
    if seed is not None:
        compare = known.compare if lines_before(night, listed.table.file) <= known.MOST_HELD else sidecar.compare
        tonight = _counted(chunks_of(listed, layout, night.found), layout, habits.update)
        difference = compare(night, listed.table.file, tonight, seed, store, stale_marks(night, listed.table.file, until))
        if difference.new_count > MOST_NEW * (difference.new_count + difference.same_count):
            difference, habits = None, Counter()
    seed = seed if seed is not None else randbits(63)
    fingerprint = _fill(night, listed, layout, shape, seed, difference, habits)
    note_empty(night.found, listed.table.file)
    if difference:
        write_gone(night, shape, difference)
        add_stale(night, shape, listed.table.file, until)
    return Read(shape, listed.table, listed.table.file, scheme_of(layout, seed), difference, fingerprint, stale=until)


def _read_delta(night: Night, listed: Listed, layout: Layout, shape: Shape) -> Read:
    if night.is_empty(shape.table):
        night.found.note(Note(Reason.DELTA_ALONE, listed.table.file))
    _fill(night, listed, layout, shape, 0, None, Counter())
    return Read(shape, listed.table, listed.table.file, is_delta=True)


def _fill(
    night: Night, listed: Listed, layout: Layout, shape: Shape, seed: int, difference: Difference | None, habits: Counter[Reason]
) -> Fingerprint:
    """Fills the stage. `habits` has counts for all lines, if only some are read. For these, the reader's own counts replace them."""
    file, fingerprint, ended = listed.table.file, Fingerprint(), 0
    if difference and difference.is_nothing:
        note_rows(night.found, layout.table, 0, habits)
        night.found.read[file] = night.found.unread[file] = difference.same_count
        return fingerprint
    with filling(night, shape, is_delta=layout.table.is_delta) as stage:
        wanted = _wanted(chunks_of(listed, layout, night.found), difference)
        for chunk in _counted(wanted, layout, habits.subtract) if difference else wanted:
            cells = read_cells(chunk, layout, seed)
            fingerprint.add(cells.good["hash"])
            fingerprint.is_whole &= not cells.bad
            ended += stage.add(cells, layout.table)
            take_cells(night.found, file, cells)
    note_rows(night.found, layout.table, ended, habits + reasons_of(stage.let_pass))
    if difference:
        night.found.unread[file] = difference.same_count
        night.found.read[file] += difference.same_count
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
