"""Compares last night's lines with tonight's, to find which are new and which are gone, without reading cells.

Both lists are divided into buckets by hash and compared bucket by bucket, so memory does not grow with their length.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from homeroom.formats.header import Layout
from homeroom.judging.cells import hashes
from homeroom.judging.chunks import Chunk
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.opening.store import Store
from homeroom.portal.intake.reading.scatter import BUCKETS, LINES, PAIRS, Rows, Scatter

MOST_BESIDE = 0.125  # of a bucket's base. With more changes the base is written anew

type Bits = npt.NDArray[np.bool_]


def scheme_of(layout: Layout, seed: int) -> str:
    """Returns what hashes depend on: hash function, key and order of columns. If it differs from last night's, no hash can be compared."""
    places = sha256(repr((layout.columns, layout.places, layout.width)).encode()).hexdigest()
    return f"polars {pl.__version__} {seed} {places[:16]}"


def seed_of(sql: ImportSql, layout: Layout) -> int | None:
    """Returns the key of last night's hashes, if they can be compared with tonight's, otherwise None."""
    row = sql.run(f"SELECT scheme FROM row_hashes WHERE file = '{layout.table.file}' LIMIT 1").fetchone()
    seed = int(row[0].split()[2]) if row else None
    return seed if row and seed is not None and row[0] == scheme_of(layout, seed) else None


@dataclass
class Difference:
    """`new` says for each line of the file whether it must be read. `gone` has last night's lines that no line of tonight matches.

    `kept` has the lines that must be read, if they are in memory.
    """

    new: Bits  # one byte each. 100 million lines take as much memory as one block of cells
    new_count: int
    gone: Scatter
    same_count: int
    bad_count: int  # rows that can't be hashed, and are read every night
    kept: Sequence[Chunk] | None = None

    @property
    def is_nothing(self) -> bool:
        return not self.new_count and not self.bad_count


def compare(sql: ImportSql, file: str, tonight: Iterable[Chunk], seed: int, store: Store, stale: Rows) -> Difference:
    """Compares tonight's lines with last night's. `stale` has marks of keys whose rows last night's line did not write last."""
    lines = Scatter(store, LINES)
    last = bad = 0
    for chunk in tonight:
        bad += len(chunk.bad)
        told = hashed(chunk, seed)
        lines.add(told)
        last = max(last, int(told["line"].max(initial=0)))
    new = np.zeros(last + 1, bool)
    gone = Scatter(store, PAIRS)
    for number, before in enumerate(buckets_before(sql, file)):
        now = lines.bucket(number, is_sorted=False)
        if len(stale):
            is_stale = np.isin(marks_of(before["key"]), stale)
            gone.add(before[is_stale])
            before = before[~is_stale]
        is_same, was_same = _matched(now["hash"], before["hash"])
        new[now["line"][~is_same]] = True
        gone.add(before[~was_same])
    count = int(np.count_nonzero(new))
    return Difference(new, count, gone, lines.count - count, bad)


def hashed(chunk: Chunk, seed: int) -> Rows:
    """Returns hash and line of each row, in the order of all_numbers."""
    of_lines, of_rows = hashes(chunk, seed)
    rows = np.empty(len(of_lines) + len(of_rows), LINES)
    rows["hash"], rows["line"] = np.concatenate([of_lines.to_numpy(), of_rows.to_numpy()]), chunk.all_numbers
    return rows


def _matched(now: Rows, before: Rows) -> tuple[Bits, Bits]:
    """Returns which hashes of each list are in the other one. Among equal hashes, the first ones match. `before` is sorted."""
    places = np.minimum(np.searchsorted(before, now), len(before) - 1) if len(before) else np.zeros(len(now), np.int64)
    is_same: Bits = before[places] == now if len(before) else np.zeros(len(now), bool)
    was_same = np.zeros(len(before), bool)
    was_same[places[is_same]] = True
    if np.count_nonzero(was_same) == np.count_nonzero(is_same) and not np.any(before[1:] == before[:-1]):
        return is_same, was_same
    return _matched_one_by_one(now, before)


def _matched_one_by_one(now: Rows, before: Rows) -> tuple[Bits, Bits]:
    """Does the same if a line is in a file more than once."""
    left = Counter(before.tolist())
    is_same = np.zeros(len(now), bool)
    for place, hash_ in enumerate(now.tolist()):
        if left[hash_]:
            left[hash_] -= 1
            is_same[place] = True
    found = Counter(now[is_same].tolist())
    was_same = np.zeros(len(before), bool)
    for place, hash_ in enumerate(before.tolist()):
        if found[hash_]:
            found[hash_] -= 1
            was_same[place] = True
    return is_same, was_same


@dataclass(frozen=True, slots=True)
class Beside:
    """Holds what was added to and removed from a bucket since its base was written."""

    added: Rows
    gone: Rows

    @classmethod
    def of(cls, added: bytes, gone: bytes) -> "Beside":
        return cls(np.frombuffer(added, PAIRS), np.frombuffer(gone, "<u8"))

    def after(self, added: Rows, left: Rows) -> "Beside":
        kept = self.added[~is_among(self.added["hash"], left["hash"])]
        gone = left["hash"][~is_among(left["hash"], self.added["hash"])]
        return Beside(np.concatenate([kept, added]), np.concatenate([self.gone, gone]))

    def pairs(self, base: Rows) -> Rows:
        """Returns the bucket, sorted by hash."""
        if not len(self.added) and not len(self.gone):
            return base
        return _by_hash(np.concatenate([base[~is_among(base["hash"], self.gone)], self.added]))

    def is_much(self, lines: int) -> bool:
        """Returns whether a base with this many lines should be written anew."""
        return len(self.added) + len(self.gone) > MOST_BESIDE * lines


def is_among(many: Rows, few: Rows) -> Bits:
    """Returns which of many numbers are among a few. This is fastest if the many are sorted."""
    if not len(few):
        return np.zeros(len(many), bool)
    few = np.sort(few)
    found: Bits = few[np.minimum(np.searchsorted(few, many), len(few) - 1)] == many
    return found


def marks_of(keys: Rows) -> Rows:
    """Mixes each 16-byte key into an 8-byte mark, for fast searches. If two keys have the same mark, a line is read unnecessarily."""
    halves = np.ascontiguousarray(keys).view("<u8").reshape(-1, 2)
    mixed: Rows = halves[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ halves[:, 1]
    return mixed


def bucket_before(sql: ImportSql, file: str, number: int) -> Rows:
    """Returns the bucket, sorted by hash."""
    return _pairs(*of_bucket(sql, "pairs, added, gone", file, number) or (b"", b"", b""))


def buckets_before(sql: ImportSql, file: str) -> Iterator[Rows]:
    """Yields all buckets in order, as bucket_before() does. One query streams them. No other query can run until all are read or
    the loop ends."""
    query = "SELECT bucket, pairs, added, gone FROM row_hashes WHERE file = %s AND bucket >= 0 ORDER BY bucket"
    number = 0
    with sql.connection.cursor() as cursor:
        for bucket, *kept in cursor.stream(query.encode(), [file], binary=True):
            yield from (np.empty(0, PAIRS) for _ in range(number, bucket))
            yield _pairs(*kept)
            number = bucket + 1
    yield from (np.empty(0, PAIRS) for _ in range(number, BUCKETS))


def _pairs(base: bytes, added: bytes, gone: bytes) -> Rows:
    return Beside.of(added, gone).pairs(np.frombuffer(base, PAIRS))


def of_bucket(sql: ImportSql, columns: str, file: str, number: int) -> tuple[Any, ...] | None:
    with sql.connection.cursor(binary=True) as cursor:
        return cursor.execute(f"SELECT {columns} FROM row_hashes WHERE file = %s AND bucket = %s".encode(), [file, number]).fetchone()


def lines_before(sql: ImportSql, file: str) -> int:
    """Returns how many lines the last bulk file had. It uses the lengths of the lists and reads no line."""
    lists = f"(octet_length(pairs) + octet_length(added)) / {PAIRS.itemsize} - octet_length(gone) / 8"
    return sql.number(f"SELECT sum({lists}) FROM row_hashes WHERE file = %(file)s AND bucket >= 0", file=file)


def _by_hash(pairs: Rows) -> Rows:
    return pairs[np.argsort(pairs["hash"], kind="stable")]
