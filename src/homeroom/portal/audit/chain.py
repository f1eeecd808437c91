"""The chain of the access log. Each link's hash covers the link before it, an entry, and the students it is about.

verify_chain() finds entries that were changed, removed, inserted or swapped. The owner of the database can cut off the chain's end or write the whole
chain again. Only a head that is kept elsewhere shows that, in manifests of backups and emails to the IT contact. Entries without a link are not
protected.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from itertools import groupby
from typing import Any

from psycopg import Connection

BEGINNING = bytes(32)  # the first link's hash covers this instead of a link before it
ENTRY = "id, at, event, act, person_id, capacity, section_id, reason, delivery_id, session_key, xid, salt"
STUDENT = "id, student_id, at, kinds, tie_id, counts"
LINKED = "ledger_student WHERE entry_id = ANY (%s)"
SOME = 1000  # links read together
LOWEST = -(1 << 63) - 1  # below every number, so that a link with a number outside the chain is read too
HEAD = re.compile(r"(0|[1-9][0-9]{0,18}):([0-9a-f]{64})")

Tell = Callable[[int, int], object]


class HeadOdd(Exception):
    """The text is not a head. The message says how one is written."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link. A copy elsewhere shows later whether an entry up to here was changed or removed."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"


EMPTY = Head(0, BEGINNING)  # the head of a chain without links, which every chain contains


def read_head(text: str) -> Head:
    """Raises HeadOdd."""
    found = HEAD.fullmatch(text.strip().lower())
    if found is None:
        raise HeadOdd("The head must be a number, a colon and 64 hex digits, as `homeroom ledger head` prints it.")
    return Head(int(found[1]), bytes.fromhex(found[2]))


def head_of(row: tuple[Any, ...] | None) -> Head:
    """`row` is number and hash. None if the chain has no link."""
    return Head(row[0], bytes(row[1])) if row else EMPTY


@dataclass(frozen=True, slots=True)
class Verdict:
    """`broken` is the number of the first wrong link. `missing` are known heads that are not in the chain. `unlinked` are entries older than a minute
    without a link."""

    links: int
    head: Head
    broken: int | None
    missing: frozenset[Head]
    unlinked: int

    @property
    def holds(self) -> bool:
        return self.broken is None and not self.missing and self.unlinked == 0


def hash_of(before: bytes, number: int, entry: dict[str, Any], students: list[dict[str, Any]]) -> bytes:
    """Hashes canonical JSON: sorted keys, no spaces, UTF-8, and times in UTC with microseconds."""
    said = json.dumps(
        [number, entry, students], sort_keys=True, separators=(",", ":"), default=_plain, ensure_ascii=False
    )
    return sha256(before + said.encode()).digest()


def _plain(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.astimezone(UTC).isoformat(timespec="microseconds") if hasattr(value, "astimezone") else str(value)


def students_of(connection: Connection[Any], entries: list[int], rows_of: str = LINKED) -> dict[int, list[dict[str, Any]]]:
    """Returns the rows of ledger_student by entry, in the order of their numbers."""
    rows = connection.execute(f"SELECT entry_id, {STUDENT} FROM {rows_of} ORDER BY entry_id, id".encode(), [entries])
    names = STUDENT.split(", ")
    return {
        entry: [dict(zip(names, row[1:], strict=True)) for row in own] for entry, own in groupby(rows, lambda r: r[0])
    }


def entry_of(values: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(ENTRY.split(", "), values, strict=True))


def last_link(connection: Connection[Any]) -> Head:
    return head_of(connection.execute("SELECT number, hash FROM ledger_link ORDER BY number DESC LIMIT 1").fetchone())


def verify_chain(connection: Connection[Any], known: Collection[Head] = (), tell: Tell = lambda *_: None) -> Verdict:
    """Reads the whole chain in one snapshot, with any login that can read the ledger and its links.

    `known` are heads kept elsewhere, which must still be in it. `tell` gets links read and links in all.
    """
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        last, head, broken, links, missing = last_link(connection).number, EMPTY, None, 0, set(known) - {EMPTY}
        for links, (number, kept, expected) in enumerate(_links(connection), 1):
            head = Head(number, kept)
            missing.discard(head)
            if broken is None and not (number == links and kept == expected):
                broken = links
            if links % SOME == 0:
                tell(links, last)
        return Verdict(links, head, broken, frozenset(missing), _unlinked(connection))


def _links(connection: Connection[Any]) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Yields number, the stored hash, and the expected one (None if the entry is gone), a thousand at a time."""
    before, last = BEGINNING, LOWEST
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
        " LEFT JOIN ledger l ON l.id = k.entry_id WHERE k.number > %s ORDER BY k.number LIMIT %s",
        [after, SOME],
    ).fetchall()


def _unlinked(connection: Connection[Any]) -> int:
    row = connection.execute(
        "SELECT count(*) FROM ledger l WHERE l.at < now() - interval '1 minute'"
        " AND NOT EXISTS (SELECT FROM ledger_link k WHERE k.entry_id = l.id)"
    ).fetchone()
    return int(row[0]) if row else 0
