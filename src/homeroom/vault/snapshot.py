"""Takes one consistent snapshot of a portal. It packs and seals in memory, one segment per table, and writes straight to a store.

Everything is read in one repeatable-read transaction: rows, counts, sums, and which stored files the database needs. No plain data touches a disk. The
manifest is written last. A backup without one was never finished and does not count.
"""

import json
import secrets
import subprocess
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import Connection, sql

from homeroom.seal.wrapping import new_data_key, seal_for, sealed
from homeroom.vault import manifest as manifests
from homeroom.vault.files import archive
from homeroom.vault.manifest import Manifest, Segment, context_of
from homeroom.vault.store import Store, Written
from homeroom.vault.tables import Table, counts, environment, sequences_of, tables_of

LEVEL = 3
PACKERS = 1  # extra threads, which pack the next piece while this one is sealed
PIECE = 1 << 20  # bytes of a table that are packed together
LARGE = 1 << 20  # bytes of a table above which a separate process reads it

Tell = Callable[[str, int, int], object]
Keep = Callable[[bytes], object]


class SnapshotFailed(Exception):
    """This run made no backup. The message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """`database` has libpq's parameters for the login dump. `files` yields the name in the archive and the path. `needed` is a query for the names of the
    files that the database needs. `head` reads the head of the access log. `keys` are the portal's secrets, each already sealed to the restore key."""

    portal: str
    database: Mapping[str, Any]
    pg_dump: Path
    psql: Path
    release: str
    time_zone: str
    files: Callable[[], Iterable[tuple[str, Path]]]
    needed: str = ""
    head: Callable[[Connection[Any]], object] = lambda _: ""
    keys: bytes = b""


@dataclass(frozen=True, slots=True)
class Recipients:
    """Public halves. `drill` is for this run only. Its secret half exists only in the memory of the process that tests the restore."""

    restore: bytes
    erasure: bytes
    month: str
    drill: bytes | None = None


@dataclass(frozen=True, slots=True)
class ChainPlace:
    """The backup's place in the chain."""

    number: int
    night: int
    previous: str


@dataclass(frozen=True, slots=True)
class Taken:
    """`content` is the manifest as it was written. `drill` is the data key, sealed for the drill's pair."""

    manifest: Manifest
    content: bytes
    drill: bytes


@dataclass(slots=True)
class _Work:
    """Holds what the segments of one run need."""

    source: Source
    store: Store
    place: ChainPlace
    data_key: bytes
    folder: str
    tell: Tell
    segments: list[Segment] = field(default_factory=list)


def take(
    source: Source, store: Store, to: Recipients, place: ChainPlace, key: Ed25519PrivateKey, tell: Tell = lambda *_: None, keep: Keep = bytes
) -> Taken:
    """`tell` gets what is done, the steps done and all steps. `keep` gets the manifest before the store does. After a kill between the two, the manifest can
    be written again and the chain continues. Raises SnapshotFailed, StoreFailed, psycopg.Error."""
    folder = f"{manifests.place_of(source.portal, place.number)}/{secrets.token_hex(6)}"  # never mixed with another run's leftovers
    work = _Work(source, store, place, new_data_key(), folder, tell)
    with psycopg.connect(**source.database) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        snapshot, at, postgres = connection.execute("SELECT pg_export_snapshot(), now(), current_setting('server_version')").fetchone() or ("", None, "")
        if not isinstance(at, datetime):
            raise SnapshotFailed("The database gave no snapshot.")
        ledger_head = str(source.head(connection))
        _segments(work, connection, snapshot)
    made = Manifest(
        portal=source.portal, number=place.number, night=place.night, at=at.astimezone(UTC), previous=place.previous, release=source.release,
        postgres=postgres, time_zone=source.time_zone, restore_key=to.restore, month=to.month, wrapped=wrapped(work.data_key, to, source.portal, place.number),
        folder=folder, segments=tuple(work.segments), ledger_head=ledger_head,
    )  # fmt: skip
    content = manifests.written(made, key)
    keep(content)
    store.add_once(manifests.manifest_name(source.portal, place.number), content)
    context = context_of(source.portal, place.number, "drill")
    return Taken(made, content, seal_for(to.drill, work.data_key, context) if to.drill else b"")


def wrapped(data_key: bytes, to: Recipients, portal: str, number: int) -> bytes:
    """Seals the data key for the restore key, and the result for the month's erasure key. Opening it needs both."""
    inner = seal_for(to.restore, data_key, context_of(portal, number, "restore"))
    return seal_for(to.erasure, inner, context_of(portal, number, to.month))


def _segments(work: _Work, connection: Connection[Any], snapshot: str) -> None:
    tables = tables_of(connection)
    steps, done = 2 * len(tables) + 4, 0

    def step(told: str) -> None:
        nonlocal done
        done += 1
        work.tell(told, done, steps)

    _add(work, "schema", "schema", _schema(work.source, snapshot))
    step("schema")
    copied = {}
    for table in tables:
        copied[table.full_name] = _copied(work, connection, snapshot, table)
        step(table.full_name)
    for table, rows, total in counts(connection, tables):
        segment, sent = copied[table.full_name]
        if sent != rows:
            raise SnapshotFailed(f"{table.full_name} was read with {sent} rows and counted with {rows}: the two were not of one moment. Run it again.")
        work.segments.append(_with(segment, rows, total))
        step(f"{table.full_name} counted")
    sequences = json.dumps(sequences_of(connection)).encode()
    _add(work, "sequences", "sequences", [sequences])
    _add(work, "files", "files", _files(work.source, connection))
    _add(work, "keys", "keys", [work.source.keys])
    step("stored files")


def _with(segment: Segment, rows: int, total: str) -> Segment:
    return Segment(segment.name, segment.kind, segment.plain, segment.sealed, segment.sha256, segment.table, rows, total)


def _add(work: _Work, name: str, kind: str, plain: Iterable[bytes], table: str = "") -> Segment:
    counter = [0]
    packed = _packed(_counted(plain, counter))
    there = f"{work.folder}/{name}"
    with ending(plain):
        written: Written = work.store.add(there, sealed(work.data_key, packed, context_of(work.source.portal, work.place.number, name)))
    segment = Segment(name, kind, counter[0], written.size, written.digest, table)
    if kind != "table":
        work.segments.append(segment)
    return segment


@contextmanager
def ending(pieces: Iterable[bytes]) -> Iterator[None]:
    """Closes the pieces right away if the store failed. Otherwise a process would read the database until the error is freed."""
    try:
        yield
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


def _counted(pieces: Iterable[bytes], counter: list[int]) -> Iterator[bytes]:
    for piece in pieces:
        counter[0] += len(piece)
        yield piece


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True, threads=PACKERS).compressobj()
    for piece in pieces:
        if done := packer.compress(piece):
            yield done
    yield packer.flush()


def _copied(work: _Work, connection: Connection[Any], snapshot: str, table: Table) -> tuple[Segment, int]:
    """Returns the segment and the number of rows. COPY ends each row with the only newline that it doesn't escape."""
    rows = 0

    def lines() -> Iterator[bytes]:
        nonlocal rows
        for piece in _by_psql(work.source, snapshot, table) if table.size > LARGE else _by_us(connection, table):
            rows += piece.count(b"\n")
            yield piece

    return _add(work, f"table-{table.schema}-{table.name}", "table", lines(), table.full_name), rows


def _by_us(connection: Connection[Any], table: Table) -> Iterator[bytes]:
    if not table.columns:
        return
    with connection.cursor().copy(_copy_out(table)) as copy:
        yield b"".join(map(bytes, copy))


def _by_psql(source: Source, snapshot: str, table: Table) -> Iterator[bytes]:
    """Does the same in a separate process. Row by row in Python, seven million rows take twice as long."""
    begin = sql.SQL("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot))
    words = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", begin.as_string(None), "--command", _copy_out(table).as_string(None)]
    yield from _output(source, source.psql, words, f"{table.full_name} could not be read")


def _copy_out(table: Table) -> sql.Composed:
    return sql.SQL("COPY {} ({}) TO STDOUT").format(table.identifier, sql.SQL(", ").join(map(sql.Identifier, table.columns)))


def _output(source: Source, program: Path, words: Sequence[str], trouble: str) -> Iterator[bytes]:
    """Yields the program's output in pieces. Its messages may quote a value, so only its exit code is reported. Raises SnapshotFailed."""
    with subprocess.Popen(
        [str(program), *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(source.database), pipesize=PIECE, bufsize=0
    ) as process:
        try:
            while process.stdout and (piece := process.stdout.read(PIECE)):
                yield piece
        except GeneratorExit:  # the store failed, nothing reads on, and the program would wait forever
            process.kill()
            raise
    if process.returncode:
        raise SnapshotFailed(f"{trouble} (exit code {process.returncode}). Look after the database, then run this again.")


def _schema(source: Source, snapshot: str) -> Iterator[bytes]:
    """Yields pg_dump's archive of everything but rows, from the same moment."""
    words = ["--schema-only", "--format=custom", "--compress=none", f"--snapshot={snapshot}"]
    yield from _output(source, source.pg_dump, words, "The tables' definitions could not be read")


def _files(source: Source, connection: Connection[Any]) -> Iterator[bytes]:
    """Yields the archive of the stored files. A missing file that the database needs fails the run. Any other that is gone by now is left out."""
    missing = {str(name) for (name,) in connection.execute(source.needed.encode())} if source.needed else set()
    yield from archive(source.files(), missing.discard)
    if missing:
        raise SnapshotFailed(
            f"{len(missing)} stored files that the database needs are missing, {min(missing)} among them. Run it again; then see `homeroom doctor`."
        )
