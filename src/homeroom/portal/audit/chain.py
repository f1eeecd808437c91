"""The ledger's chain: each link's hash covers the one before it, an entry, and the students it is about.

Changing, removing, inserting or swapping lines is noticed by verify_chain(). Somebody who owns the database could
write the whole chain anew: only a head kept elsewhere shows that. Lines not yet chained are protected by nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from itertools import groupby
from typing import Any

from psycopg import Connection

BEGINNING = bytes(32)  # what the first link's hash covers in place of the one before
ENTRY = "id, at, event, act, person_id, capacity, section_id, reason, delivery_id, session_key, xid, salt"
STUDENT = "id, student_id, at, kinds, tie_id, counts"


@dataclass(frozen=True, slots=True)
class Head:
    """The last link. Kept elsewhere, it shows later whether the chain up to here was written anew."""

    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """broken: number of the first link that does not hold. unlinked: entries older than a minute without a link."""

    links: int
    head: Head | None
    broken: int | None
    unlinked: int

    @property
    def holds(self) -> bool:
        return self.broken is None and self.unlinked == 0


def hash_of(before: bytes, number: int, entry: dict[str, Any], students: list[dict[str, Any]]) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8; moments in UTC with microseconds."""
    said = json.dumps(
        [number, entry, students], sort_keys=True, separators=(",", ":"), default=_plain, ensure_ascii=False
    )
    return sha256(before + said.encode()).digest()


def _plain(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.astimezone(UTC).isoformat(timespec="microseconds") if hasattr(value, "astimezone") else str(value)


def students_of(connection: Connection[Any], entries: list[int]) -> dict[int, list[dict[str, Any]]]:
    """The rows of ledger_student by entry, in the order of their numbers."""
    rows = connection.execute(
        f"SELECT entry_id, {STUDENT} FROM ledger_student WHERE entry_id = ANY (%s) ORDER BY entry_id, id", [entries]
    )
    names = STUDENT.split(", ")
    return {
        entry: [dict(zip(names, row[1:], strict=True)) for row in own] for entry, own in groupby(rows, lambda r: r[0])
    }


def entry_of(values: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(ENTRY.split(", "), values, strict=True))


def last_link(connection: Connection[Any]) -> Head | None:
    row = connection.execute("SELECT number, hash FROM ledger_link ORDER BY number DESC LIMIT 1").fetchone()
    return Head(row[0], bytes(row[1])) if row else None


def verify_chain(connection: Connection[Any], known: Head | None = None) -> Verdict:
    """Reads the whole chain, in one snapshot, with any login that reads the ledger and its links.

    known: a head kept elsewhere, which must still be in it.
    """
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        head, broken, links = None, None, 0
        for number, kept, expected in _links(connection):
            links += 1
            head = Head(number, kept)
            is_known = known is None or known.number != number or known.hash == kept
            if broken is None and not (number == links and kept == expected and is_known):
                broken = links
        if broken is None and known and known.number > links:
            broken = links + 1
        return Verdict(links, head, broken, _unlinked(connection))


def _links(connection: Connection[Any]) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Number, the hash as kept, and as it should be (None where the entry is gone), a thousand at a time."""
    before, last = BEGINNING, 0
    while rows := _some_links(connection, last):
        students = students_of(connection, [row[2] for row in rows if row[2] is not None])
        for number, kept, *values in rows:
            entry = entry_of(tuple(values))
            expected = hash_of(before, number, entry, students.get(entry["id"], [])) if entry["id"] else None
            before, last = bytes(kept), number
            yield number, before, expected


def _some_links(connection: Connection[Any], after: int) -> list[tuple[Any, ...]]:
    return connection.execute(
        f"SELECT k.number, k.hash, {', '.join(f'l.{name}' for name in ENTRY.split(', '))} FROM ledger_link k"
        " LEFT JOIN ledger l ON l.id = k.entry_id WHERE k.number > %s ORDER BY k.number LIMIT 1000",
        [after],
    ).fetchall()


def _unlinked(connection: Connection[Any]) -> int:
    row = connection.execute(
        "SELECT count(*) FROM ledger l WHERE l.at < now() - interval '1 minute'"
        " AND NOT EXISTS (SELECT FROM ledger_link k WHERE k.entry_id = l.id)"
    ).fetchone()
    return int(row[0]) if row else 0
