"""Restores a backup into an empty database. It gets the data key with the backup's keys, and opens the segments in memory. No other vault module opens backups.

Every segment is checked twice. The sealed bytes must be those that the portal signed for, and each table must have the rows and the sum of the snapshot.
"""

import errno
import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import zstandard
from psycopg import sql

from homeroom.seal.opening.wrapped import WrapBroken, open_with, opened
from homeroom.seal.wrapping import Pair
from homeroom.vault.files import names_in, unpacked
from homeroom.vault.manifest import Manifest, Segment, context_of
from homeroom.vault.store import NotThere, Store
from homeroom.vault.tables import Table, counted, environment, same_text, tables_of

JOBS = 2
PIECE = 1 << 20  # bytes
LARGEST_NOTE = 1 << 20  # bytes
SKEW = timedelta(hours=1)  # the most that a store's clock and a portal's may differ

Tell = Callable[[str, int, int], object]


class RestoreFailed(Exception):
    """The backup did not come back whole. The message names the segment or the table. Do not use what was restored so far."""


@dataclass(frozen=True, slots=True)
class Target:
    """An empty database that has its logins. `database` has libpq's parameters for its superuser."""

    database: Mapping[str, Any]
    pg_restore: Path


def data_key(manifest: Manifest, restore: Pair, erasure: Pair) -> bytes:
    """Raises RestoreFailed, which says which of the two keys does not fit."""
    try:
        inner = open_with(erasure, manifest.wrapped, context_of(manifest.portal, manifest.number, manifest.month))
    except WrapBroken as no:
        raise RestoreFailed(f"The erasure key of {manifest.month} does not open backup {manifest.number}. Name the vault's key file of this portal.") from no
    try:
        return open_with(restore, inner, context_of(manifest.portal, manifest.number, "restore"))
    except WrapBroken as no:
        raise RestoreFailed(f"The restore key does not open backup {manifest.number}: these shares are of another key. Compare the sheets' names.") from no


def is_sealed_for(erasure: Pair, manifest: Manifest) -> bool:
    """Returns whether the outer of the two wraps opens. The data key stays closed without the restore key."""
    try:
        open_with(erasure, manifest.wrapped, context_of(manifest.portal, manifest.number, manifest.month))
    except WrapBroken:
        return False
    return True


def drill_key(wrapped: bytes, drill: Pair, manifest: Manifest) -> bytes:
    """Raises RestoreFailed."""
    try:
        return open_with(drill, wrapped, context_of(manifest.portal, manifest.number, "drill"))
    except WrapBroken as no:
        raise RestoreFailed("The drill's own key does not open this backup: it is not the one that was just made.") from no


def restored(manifest: Manifest, store: Store, key: bytes, target: Target, jobs: int = JOBS, tell: Tell = lambda *_: None) -> None:
    """Restores rows, sequences, indexes and policies, and compares the sums. Raises RestoreFailed, StoreFailed, psycopg.Error."""
    steps, done = len(manifest.tables) + 3, [0]

    def step(told: str) -> None:
        done[0] += 1
        tell(told, done[0], steps)

    schema = b"".join(plain(manifest, store, key, manifest.segment("schema")))
    _pg_restore(target, schema, "pre-data", 1)
    step("tables made")
    _rows(manifest, store, key, target, jobs, step)
    _sequences(target, json.loads(b"".join(plain(manifest, store, key, manifest.segment("sequences")))))
    step("sequences")
    _pg_restore(target, schema, "post-data", jobs)
    step("indexes, keys and policies")


def read_through(manifest: Manifest, store: Store, key: bytes) -> list[str]:
    """Opens everything that is in no table, to the end, and writes nothing, as a drill requires. Returns the names of the stored files. Raises RestoreFailed,
    FilesOdd."""
    json.loads(b"".join(plain(manifest, store, key, manifest.segment("keys"))) or b"{}")
    return names_in(plain(manifest, store, key, manifest.segment("files")))


def plain(manifest: Manifest, store: Store, key: bytes, segment: Segment) -> Iterator[bytes]:
    """Yields the segment in pieces, opened and unpacked. Only the end shows whether it was whole. On RestoreFailed, undo what was done with the pieces."""
    broken = f"Segment {segment.name} of backup {manifest.number} in {store.url}"
    digest, sealed, size = hashlib.sha256(), 0, 0

    def arriving() -> Iterator[bytes]:
        nonlocal sealed
        for piece in store.pieces(manifest.path(segment)):
            sealed += len(piece)
            digest.update(piece)
            yield piece

    unpacker = zstandard.ZstdDecompressor().decompressobj()
    try:
        for piece in opened(key, arriving(), context_of(manifest.portal, manifest.number, segment.name)):
            if unpacked_piece := unpacker.decompress(piece):
                size += len(unpacked_piece)
                yield unpacked_piece
    except WrapBroken as no:
        raise RestoreFailed(f"{broken} does not open: a bit was changed, it was cut off, or it is a part of another backup.") from no
    except zstandard.ZstdError as no:
        raise RestoreFailed(f"{broken} cannot be unpacked.") from no
    except NotThere as no:
        raise RestoreFailed(f"{broken} is not there.") from no
    if (sealed, digest.hexdigest(), size) != (segment.sealed, segment.sha256, segment.plain):
        raise RestoreFailed(f"{broken} is not what the portal signed for.")


def files(manifest: Manifest, store: Store, key: bytes, folder: Path) -> list[str]:
    """Writes the stored files below the folder and returns their names. Raises RestoreFailed, FilesOdd."""
    return unpacked(plain(manifest, store, key, manifest.segment("files")), folder)


def keys(manifest: Manifest, store: Store, key: bytes, restore: Pair) -> dict[str, bytes]:
    """Returns the portal's own secrets by file name. Inside the segment they are sealed to the restore key again. Raises RestoreFailed."""
    packed = b"".join(plain(manifest, store, key, manifest.segment("keys")))
    found = {}
    for name, wrapped in json.loads(packed or b"{}").items():
        try:
            found[name] = open_with(restore, bytes.fromhex(wrapped), key_context(manifest.portal, name))
        except WrapBroken as no:
            raise RestoreFailed(f"The portal's secret {name} does not open with these shares.") from no
    return found


@dataclass(frozen=True, slots=True)
class Notes:
    """`opened` has the plain notes, in no order. `broken` is how many do not open. `left_out` has the names of notes that came after `until`."""

    opened: Sequence[bytes]
    broken: int
    left_out: Sequence[str]


def notes(store: Store, portal: str, restore: Pair, since: datetime, until: datetime | None = None, without: Collection[str] = ()) -> Notes:
    """Returns the notes of access removals in a tier. `since` is the moment of the backup. An older note that does not open was sealed for an earlier key,
    and the backup already has its change. `until` is by the store's own clock. `without` are names that an earlier restore left out. Anyone who may add to
    the store can put anything there. Raises StoreFailed."""
    found, broken, left_out = [], 0, []
    for each in store.names(f"{portal}/notes/"):
        name = each.name.rpartition("/")[2]
        if name in without:
            continue
        if until is not None and each.at > until:
            left_out.append(name)
            continue
        try:
            found.append(open_with(restore, store.read(each.name) if each.size <= LARGEST_NOTE else b"", note_context(portal, name)))
        except WrapBroken:
            broken += each.at > since - SKEW
    return Notes(found, broken, left_out)


def note_context(portal: str, name: str) -> bytes:
    """Returns the context with which the portal seals a note."""
    return f"homeroom note {portal} {name}".encode()


def key_context(portal: str, name: str) -> bytes:
    return f"homeroom key {portal} {name}".encode()


def _rows(manifest: Manifest, store: Store, key: bytes, target: Target, jobs: int, step: Callable[[str], None]) -> None:
    with psycopg.connect(**target.database) as connection:
        tables = {table.full_name: table for table in tables_of(connection)}
    if missing := {each.table for each in manifest.tables} ^ tables.keys():
        raise RestoreFailed(f"The backup's tables and their definitions differ: {', '.join(sorted(missing))}.")
    order = sorted(manifest.tables, key=lambda each: each.sealed, reverse=True)
    with ThreadPoolExecutor(jobs) as pool:
        for told in pool.map(lambda each: _table(manifest, store, key, target, each, tables[each.table]), order):
            step(told)


def _table(manifest: Manifest, store: Store, key: bytes, target: Target, segment: Segment, table: Table) -> str:
    """Empties and fills the table in one transaction, so that it needs no write-ahead log and a failure leaves nothing."""
    with psycopg.connect(**target.database) as connection, connection.transaction():
        connection.execute(sql.SQL("TRUNCATE ONLY {}").format(table.identifier))
        columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        into = sql.SQL("COPY {} ({}) FROM STDIN (FREEZE)").format(table.identifier, columns)
        with connection.cursor().copy(into) as copy:
            for piece in plain(manifest, store, key, segment):
                copy.write(piece)
        same_text(connection)
        if (found := counted(connection, table, segment.sum.partition(" ")[0])) != (segment.rows, segment.sum):
            raise RestoreFailed(f"{table.full_name} came back with {found[0]} rows where the snapshot counted {segment.rows}, or with other content.")
    return table.full_name


def _sequences(target: Target, sequences: Sequence[Sequence[Any]]) -> None:
    with psycopg.connect(**target.database) as connection:
        for schema, name, last, first in sequences:
            identifier = sql.Identifier(schema, name).as_string(connection)
            connection.execute("SELECT setval(%s, %s, %s)", [identifier, first if last is None else last, last is not None])


def _pg_restore(target: Target, archive: bytes, section: str, jobs: int) -> None:
    """Runs pg_restore on an archive in memory: a file that has a descriptor and no name. Raises RestoreFailed, or OSError if the disk is full."""
    known = environment(target.database)
    number = os.memfd_create("schema")
    try:
        os.write(number, archive)
        place = f"/proc/self/fd/{number}"
        command = [str(target.pg_restore), "--exit-on-error", f"--section={section}", f"--jobs={jobs}", f"--dbname={known['PGDATABASE']}", place]
        ended = subprocess.run(command, env=known, pass_fds=[number], capture_output=True, text=True)
    finally:
        os.close(number)
    if ended.returncode:
        if (full := os.strerror(errno.ENOSPC)) in ended.stderr:
            raise OSError(errno.ENOSPC, full, "PostgreSQL")
        said = (ended.stderr.strip().splitlines() or ["no word"])[0]
        raise RestoreFailed(f"pg_restore stopped at {section}: {said}")
