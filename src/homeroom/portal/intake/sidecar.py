"""Last night's lines against tonight's: which are new, which are gone, without reading a single cell.

Both lists are thrown into buckets by hash and compared bucket by bucket, so memory does not grow with their length.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import polars as pl

from homeroom.formats.header import Layout
from homeroom.portal.intake.cells import hashes
from homeroom.portal.intake.chunks import Chunk
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.scatter import BUCKETS, LINES, PAIRS, Rows, Scatter
from homeroom.portal.intake.shape import Shape
from homeroom.portal.intake.store import Store

MOST_NEW = 0.3  # of a file's lines; beyond, reading all of it is as quick

PAGES = 4000  # 32 MB of the stage
MOST_BESIDE = 0.125  # of a bucket's base, before it is written anew

type Bits = npt.NDArray[np.bool_]


def scheme_of(layout: Layout, seed: int) -> str:
    """Where it differs from last night's, no hash can be compared: another hash function, key, or order of columns."""
    places = sha256(repr((layout.columns, layout.places, layout.width)).encode()).hexdigest()
    return f"polars {pl.__version__} {seed} {places[:16]}"


def seed_of(night: Night, layout: Layout) -> int | None:
    """The key of last night's hashes, where they can be compared with tonight's."""
    row = night.run(f"SELECT scheme FROM row_hashes WHERE file = '{layout.table.file}' LIMIT 1").fetchone()
    seed = int(row[0].split()[2]) if row else None
    return seed if row and seed is not None and row[0] == scheme_of(layout, seed) else None


@dataclass
class Difference:
    """new: for each line of the file, whether it must be read. gone: last night's that no line of tonight matches."""

    new: Bits  # a byte each: a hundred million lines take as much as one block of cells
    new_count: int
    gone: Scatter
    same_count: int
    bad_count: int  # rows that cannot even be hashed: they are read every night

    @property
    def is_nothing(self) -> bool:
        return not self.new_count and not self.bad_count


def compare(night: Night, file: str, tonight: Iterable[Chunk], seed: int, store: Store) -> Difference:
    lines = Scatter(store, LINES)
    last = bad = 0
    for chunk in tonight:
        bad += len(chunk.bad)
        last = max(last, _add(lines, chunk, seed))
    new = np.zeros(last + 1, bool)
    gone = Scatter(store, PAIRS)
    for number in range(BUCKETS):
        now, before = lines.bucket(number), bucket_before(night, file, number).pairs
        is_same, was_same = _matched(now["hash"], before["hash"])
        new[now["line"][~is_same]] = True
        gone.add(before[~was_same])
    count = int(np.count_nonzero(new))
    return Difference(new, count, gone, lines.count - count, bad)


def _add(lines: Scatter, chunk: Chunk, seed: int) -> int:
    of_lines, of_rows = hashes(chunk, seed)
    numbers = np.concatenate([chunk.numbers, np.array([row.line for row in chunk.rows], np.int64)])
    rows = np.empty(len(numbers), LINES)
    rows["hash"], rows["line"] = np.concatenate([of_lines.to_numpy(), of_rows.to_numpy()]), numbers
    lines.add(rows)
    return int(numbers.max(initial=0))


def _matched(now: Rows, before: Rows) -> tuple[Bits, Bits]:
    """Of two sorted lists: as many as are in both, the first ones of equals."""
    if np.array_equal(now, before):
        return np.ones(len(now), bool), np.ones(len(before), bool)
    if _is_single(now) and _is_single(before):
        return _is_among(now, before), _is_among(before, now)
    return _rank(now) < _times(now, before), _rank(before) < _times(before, now)


def _is_single(hashes: Rows) -> bool:
    return not np.any(hashes[1:] == hashes[:-1])


def _is_among(hashes: Rows, others: Rows) -> Bits:
    if not len(others):
        return np.zeros(len(hashes), bool)
    found: Bits = others[np.minimum(np.searchsorted(others, hashes), len(others) - 1)] == hashes
    return found


def _rank(hashes: Rows) -> npt.NDArray[np.int64]:
    return np.arange(len(hashes)) - np.searchsorted(hashes, hashes, side="left")


def _times(hashes: Rows, among: Rows) -> npt.NDArray[np.int64]:
    return np.searchsorted(among, hashes, side="right") - np.searchsorted(among, hashes, side="left")


@dataclass(frozen=True, slots=True)
class Bucket:
    """As it lies there: base, but for those gone since, and those added since."""

    base: Rows
    added: Rows
    gone: Rows

    @property
    def pairs(self) -> Rows:
        if not len(self.added) and not len(self.gone):
            return self.base
        return _by_hash(np.concatenate([self.base[~np.isin(self.base["hash"], self.gone)], self.added]))

    def after(self, added: Rows, left: Rows) -> "Bucket":
        """Few changes are noted beside the base; many make a new one."""
        kept = self.added[~np.isin(self.added["hash"], left["hash"])]
        gone = left["hash"][~np.isin(left["hash"], self.added["hash"])]
        after = Bucket(self.base, np.concatenate([kept, added]), np.concatenate([self.gone, gone]))
        if len(after.added) + len(after.gone) > MOST_BESIDE * len(after.base):
            return Bucket(after.pairs, after.added[:0], after.gone[:0])
        return after


def bucket_before(night: Night, file: str, number: int) -> Bucket:
    with night.connection.cursor(binary=True) as cursor:
        cursor.execute("SELECT pairs, added, gone FROM row_hashes WHERE file = %s AND bucket = %s", [file, number])
        base, added, gone = cursor.fetchone() or (b"", b"", b"")
    return Bucket(np.frombuffer(base, PAIRS), np.frombuffer(added, PAIRS), np.frombuffer(gone, "<u8"))


def write_sidecar(night: Night, shape: Shape, file: str, scheme: str, gone: Scatter | None, store: Store) -> None:
    """After the rows: what was staged and not refused is in the file, what is gone is not. gone None: all anew."""
    fresh = Scatter(store, PAIRS)
    for pairs in _staged(night, shape):
        fresh.add(pairs)
    if gone is None:
        _write_anew(night, file, scheme, fresh)
        return
    for number in range(BUCKETS):
        added, left = fresh.bucket(number), gone.bucket(number)
        if len(added) or len(left):
            before = bucket_before(night, file, number)
            _write_after(night, file, number, before, before.after(added, left))


def _write_anew(night: Night, file: str, scheme: str, fresh: Scatter) -> None:
    night.run(f"DELETE FROM row_hashes WHERE file = '{file}'")
    rows = ((file, number, scheme, fresh.bucket(number).tobytes()) for number in range(BUCKETS))
    with night.connection.cursor() as cursor:
        cursor.executemany("INSERT INTO row_hashes (file, bucket, scheme, pairs) VALUES (%s, %s, %s, %b)", rows)


def _write_after(night: Night, file: str, number: int, before: Bucket, after: Bucket) -> None:
    values: list[object] = [after.added.tobytes(), after.gone.tobytes(), file, number]
    base = ""
    if after.base is not before.base:
        base, values = "pairs = %b, ", [after.base.tobytes(), *values]
    statement = f"UPDATE row_hashes SET {base}added = %b, gone = %b WHERE file = %s AND bucket = %s"
    night.connection.execute(statement.encode(), values)


def _by_hash(pairs: Rows) -> Rows:
    return pairs[np.argsort(pairs["hash"], kind="stable")]


def _staged(night: Night, shape: Shape) -> Iterator[Rows]:
    """Hash and key of every row, thousands of pages at a time: one by one takes seven times as long."""
    pages = night.number(f"SELECT pg_relation_size('{shape.stage}') / current_setting('block_size')::int")
    as_sent = np.dtype([("hash", ">u8"), ("key", "V16")])
    for first in range(0, pages, PAGES):
        with night.connection.cursor(binary=True) as cursor:
            cursor.execute(
                f"""SELECT string_agg(int8send(hash) || uuid_send(key), ''::bytea) FROM {shape.stage}
                    WHERE ctid >= '({first},0)' AND ctid < '({first + PAGES},0)'""".encode()
            )
            row = cursor.fetchone()
        sent = np.frombuffer(row[0] if row and row[0] else b"", as_sent)
        pairs = np.empty(len(sent), PAIRS)
        pairs["hash"], pairs["key"] = sent["hash"], sent["key"]
        yield pairs
