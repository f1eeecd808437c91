"""Finds new lines by holding last night's hashes in memory, if there are few enough. The file is read only once, because new lines are
kept. For more lines, sidecar.compare does the same in pieces.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from homeroom.judging.chunks import Chunk
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.opening.store import Store
from homeroom.portal.intake.reading.scatter import BUCKETS, PAIRS, Rows, Scatter
from homeroom.portal.intake.reading.sidecar import (
    Bits,
    Difference,
    bucket_before,
    buckets_before,
    hashed,
    is_among,
    marks_of,
)

MOST_HELD = 8 << 20  # lines of last night: 64 MB of hashes, and 16 MB to find one
MOST_KEPT = 24 << 20  # bytes of new lines. With more, the file is read again for them
MOST_BITS = 14  # so a bucket has at most 16,384 places where a search can begin. With seven million lines, two are in each

type Places = npt.NDArray[np.int64]


def compare(sql: ImportSql, file: str, tonight: Iterable[Chunk], seed: int, store: Store, stale: Rows) -> Difference:
    """Returns the same as sidecar.compare, for any files."""
    gone = Scatter(store, PAIRS)
    known, kept = Known(sql, file, stale, gone), Kept()
    numbers, count, last, bad = [np.empty(0, np.uint32)], 0, 0, 0
    for chunk in tonight:
        lines = hashed(chunk, seed)
        is_new = known.new_among(np.ascontiguousarray(lines["hash"]))
        kept.add(chunk.only(is_new))
        numbers.append(lines["line"][is_new])
        count, bad = count + len(lines), bad + len(chunk.bad)
        last = max(last, int(lines["line"].max(initial=0)))
    known.add_gone()
    new, found = np.zeros(last + 1, bool), np.concatenate(numbers)
    new[found] = True
    return Difference(new, len(found), gone, count - len(found), bad, kept.chunks)


class Known:
    """Holds all hashes in order, except those of stale keys, which something else wrote since. These go to `gone`."""

    def __init__(self, sql: ImportSql, file: str, stale: Rows, gone: Scatter) -> None:
        self._sql, self._file, self._stale, self._gone = sql, file, stale, gone
        self._edges = [0]
        end = np.array([2**64 - 1], "<u8")  # where every search ends
        self._hashes = np.concatenate([*map(self._held, buckets_before(sql, file)), end])
        self._is_seen = np.zeros(len(self._hashes), bool)
        bits = bits_for(len(self._hashes))
        self._shift = np.uint64(64 - 8 - bits)
        self._starts = self._begun(1 << bits)

    def _held(self, pairs: Rows) -> Rows:
        held: Rows = pairs["hash"]
        if len(self._stale):
            is_stale = is_among(marks_of(pairs["key"]), self._stale)
            self._gone.add(pairs[is_stale])
            held = held[~is_stale]
        self._edges.append(self._edges[-1] + len(held))
        return held

    def _begun(self, cells: int) -> npt.NDArray[np.uint32]:
        """Returns, for each cell of each bucket, where a search begins."""
        starts = np.repeat(np.array(self._edges[:-1], np.uint32), cells)
        for number, (first, last) in enumerate(pairwise(self._edges)):
            if first < last:  # a small file leaves most buckets empty
                sizes = np.bincount((self._hashes[first:last] >> self._shift).astype(np.int64) % cells, minlength=cells)
                starts[number * cells : (number + 1) * cells] += (np.cumsum(sizes) - sizes).astype(np.uint32)
        return starts

    def new_among(self, lines: Rows) -> Bits:
        """Returns which lines are new. If a line is there more often than before, the first ones count as known."""
        at: Places = self._starts[(lines >> self._shift).astype(np.int64)].astype(np.int64)
        left = np.flatnonzero(self._is_passed(at, lines))
        while len(left):
            at[left] += 1
            left = left[self._is_passed(at[left], lines[left])]
        is_new: Bits = (self._hashes[at] != lines) | (at == len(self._hashes) - 1)
        places = at[~is_new]
        self._is_seen[places] = True
        if np.any(np.diff(np.sort(places)) == 0):
            again = np.ones(len(places), bool)
            again[np.unique(places, return_index=True)[1]] = False
            again = np.flatnonzero(~is_new)[again]
            is_new[again] = self.new_among(lines[again])
        return is_new

    def _is_passed(self, at: Places, lines: Rows) -> Bits:
        held = self._hashes[at]
        is_passed: Bits = (held < lines) | ((held == lines) & self._is_seen[at])
        return is_passed

    def add_gone(self) -> None:
        """Adds to `gone` the keys of lines that no line of tonight matched."""
        for number in range(BUCKETS):
            is_seen = self._is_seen[self._edges[number] : self._edges[number + 1]]
            if not is_seen.all():
                pairs = bucket_before(self._sql, self._file, number)
                self._gone.add(pairs[~is_among(marks_of(pairs["key"]), self._stale)][~is_seen])


def bits_for(lines: int) -> int:
    """Returns how many bits name a bucket's cells, so that a line or two are in each."""
    return min(MOST_BITS, (lines // BUCKETS).bit_length())


class Kept:
    """Keeps new lines in `chunks`, which becomes None when there is no more room."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] | None = []
        self._room = MOST_KEPT

    def add(self, chunk: Chunk) -> None:
        cells = sum(len(cell) for row in chunk.rows for cell in row.values)
        broken = sum(map(len, chunk.broken)) + 100 * len(chunk.bad)
        self._room -= int(chunk.lines.str.len_bytes().sum()) + cells + broken
        if self.chunks is not None and self._room >= 0:
            self.chunks.append(chunk)
        else:
            self.chunks = None
