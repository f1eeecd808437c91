"""Writes the hashes that the next file is compared with, after a file's rows are written (sidecar.py, fingerprint.py, stale.py)."""

from collections.abc import Iterator
from secrets import token_bytes

import numpy as np

from homeroom.judging.fingerprint import Fingerprint
from homeroom.judging.particular import MOST_NEW
from homeroom.judging.shape import Shape
from homeroom.judging.shapes import SECTION
from homeroom.portal.intake.applying.images import keep_difference, keep_file
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.opening.store import Store
from homeroom.portal.intake.reading.files import Staged
from homeroom.portal.intake.reading.fingerprint import WHOLE
from homeroom.portal.intake.reading.scatter import BUCKETS, PAIRS, Rows, Scatter
from homeroom.portal.intake.reading.sidecar import Beside, lines_before, of_bucket
from homeroom.portal.intake.staging import Settled

PAGES = 4000  # 32 MB of a stage


def write_hashes(sql: ImportSql, settled: Settled, read: Staged, store: Store) -> None:
    is_left_out = read.file in settled.left_out
    if read.is_delta:
        _note_stale(sql, read.shape, read.file)
    elif read.shape.is_big:
        _write_sidecar(sql, read, store, is_left_out=is_left_out)
        _clear_stale(sql, read.file, read.stale)
    elif read.fingerprint and read.shape is not SECTION:  # classes are read every night
        is_all = not settled.findings.refused[read.file] and not is_left_out
        _write_fingerprint(sql, read.file, read.scheme, read.fingerprint, is_all=is_all)


def _write_fingerprint(sql: ImportSql, file: str, scheme: str, found: Fingerprint, *, is_all: bool) -> None:
    """A file with a refused or left-out row gets no fingerprint, so it is read again every night."""
    keep_file(sql, file)
    sql.run("DELETE FROM row_hashes WHERE file = %(file)s AND bucket = %(whole)s", file=file, whole=WHOLE)
    if found.is_whole and is_all:
        sql.connection.execute(
            "INSERT INTO row_hashes (file, bucket, scheme, pairs) VALUES (%s, %s, %s, %b)",
            [file, WHOLE, scheme, found.written()],
        )


def _note_stale(sql: ImportSql, shape: Shape, file: str) -> None:
    """Notes a delta's rows. A small file is read whole next time instead. So is a large one with too many stale keys."""
    lines = lines_before(sql, file) if shape.is_big else 0
    if lines:
        sql.run(
            f"""INSERT INTO stale_key (file, keys) SELECT %(file)s, array_agg(key)
                FROM (SELECT key, (row_number() OVER () - 1) / 1000 AS part
                      FROM (SELECT key FROM {shape.stage} UNION ALL SELECT key FROM {shape.gone}) AS written) AS parted
                GROUP BY part""",
            file=file,
        )
        counted = ("count(*) * 1000", "sum(cardinality(keys))")  # an upper bound that reads no keys, then the exact count
        if any(sql.number(f"SELECT {number} FROM stale_key WHERE file = %(file)s", file=file) <= MOST_NEW * lines for number in counted):
            return
    keep_file(sql, file)
    sql.run("DELETE FROM row_hashes WHERE file = %(file)s", file=file)
    sql.run("DELETE FROM stale_key WHERE file = %(file)s", file=file)


def _clear_stale(sql: ImportSql, file: str, until: int) -> None:
    """Deletes stale keys after a bulk file whose lines are all known now."""
    if until:
        sql.run("DELETE FROM stale_key WHERE file = %(file)s AND id <= %(until)s", file=file, until=until)


def _write_sidecar(sql: ImportSql, read: Staged, store: Store, *, is_left_out: bool) -> None:
    """Stores the file's lines after its rows are written, without refused rows."""
    shape, file, fresh = read.shape, read.file, Scatter(store, PAIRS)
    gone = read.difference.gone if read.difference else None  # lines to remove. None means that all are written anew
    for pairs in _staged(sql, shape):
        fresh.add(pairs)
    if is_left_out:
        fresh.add(_as_no_line(sql, "SELECT key FROM left_out WHERE file = %(file)s", file))
    fresh.add(_as_no_line(sql, _refused(shape, is_partial=gone is not None), file))
    if gone is None:
        _write_anew(sql, file, read.scheme, fresh)
        return
    for number in range(BUCKETS):
        added, left = fresh.bucket(number), gone.bucket(number)
        if len(added) or len(left):
            keep_difference(sql, file, number, added, left)
            change_bucket(sql, file, number, added, left)


def change_bucket(sql: ImportSql, file: str, number: int, added: Rows, left: Rows) -> None:
    """Notes a few changes next to the base without reading it. Many changes make a new base."""
    size, *beside = of_bucket(sql, "octet_length(pairs), added, gone", file, number) or (0, b"", b"")
    after = Beside.of(*beside).after(added, left)
    noted: dict[str, object] = {"added": after.added.tobytes(), "gone": after.gone.tobytes()}
    if after.is_much(size // PAIRS.itemsize):
        (base,) = of_bucket(sql, "pairs", file, number) or (b"",)
        noted = {"pairs": after.pairs(np.frombuffer(base, PAIRS)).tobytes(), "added": b"", "gone": b""}
    columns = ", ".join(f"{name} = %b" for name in noted)
    sql.connection.execute(f"UPDATE row_hashes SET {columns} WHERE file = %s AND bucket = %s".encode(), [*noted.values(), file, number])


def _refused(shape: Shape, *, is_partial: bool) -> str:
    """Returns SQL for rows that stay although their line was refused. If a file was read in part, these are rows whose last good line is gone."""
    went = f"AND l.key IN (SELECT key FROM {shape.gone})" if is_partial else ""
    return f"""SELECT DISTINCT l.key FROM {shape.left} l JOIN {shape.table} t ON {shape.identity} = l.key
        WHERE t.ended_at IS NULL {went} AND NOT EXISTS (SELECT FROM {shape.stage} s WHERE s.key = l.key)"""


def _as_no_line(sql: ImportSql, keys_of: str, file: str) -> Rows:
    """Returns rows that tonight's file did not write, each with a random hash that no line has. So the next file checks their keys
    again, whether it has them or not."""
    keys = sql.run(keys_of, file=file).fetchall()
    pairs = np.empty(len(keys), PAIRS)
    pairs["hash"] = np.frombuffer(token_bytes(8 * len(keys)), "<u8")
    pairs["key"] = np.array([key.bytes for (key,) in keys], "V16")
    return pairs


def _write_anew(sql: ImportSql, file: str, scheme: str, fresh: Scatter) -> None:
    keep_file(sql, file)
    sql.run(f"DELETE FROM row_hashes WHERE file = '{file}'")
    rows = ((file, number, scheme, fresh.bucket(number).tobytes()) for number in range(BUCKETS))
    with sql.connection.cursor() as cursor:
        cursor.executemany("INSERT INTO row_hashes (file, bucket, scheme, pairs) VALUES (%s, %s, %s, %b)", rows)


def _staged(sql: ImportSql, shape: Shape) -> Iterator[Rows]:
    """Yields hash and key of every row, thousands of pages at a time. Row by row takes seven times as long."""
    pages = sql.number(f"SELECT pg_relation_size('{shape.stage}') / current_setting('block_size')::int")
    as_sent = np.dtype([("hash", ">u8"), ("key", "V16")])
    for first in range(0, pages, PAGES):
        with sql.connection.cursor(binary=True) as cursor:
            cursor.execute(
                f"""SELECT string_agg(int8send(hash) || uuid_send(key), ''::bytea) FROM {shape.stage}
                    WHERE ctid >= '({first},0)' AND ctid < '({first + PAGES},0)'""".encode()
            )
            row = cursor.fetchone()
        sent = np.frombuffer(row[0] if row and row[0] else b"", as_sent)
        pairs = np.empty(len(sent), PAIRS)
        pairs["hash"], pairs["key"] = sent["hash"], sent["key"]
        yield pairs
