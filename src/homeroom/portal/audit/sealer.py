"""The sealer: a process that chains new entries of the access log every two seconds. It can add links and change nothing."""

import logging
import threading
import time
from pathlib import Path
from typing import Any

import psycopg

from homeroom.portal.audit import watcher
from homeroom.portal.audit.chain import ENTRY, Head, entry_of, hash_of, last_link, students_of
from homeroom.portal.place import Place

PAUSE = 2.0  # seconds
BATCH = 500  # entries per transaction
UNLINKED = "students_unlinked(%s::bigint[])"
ONE_AT_A_TIME = 0x5EA1E4  # advisory lock: two sealers would both write the same number
_log = logging.getLogger("sealer")


def run(portal: Path) -> None:
    """Runs until it is killed. Waits for a server that restarts."""
    threading.Thread(target=watcher.run, args=(portal,), daemon=True).start()
    while True:
        try:
            with psycopg.connect(**Place.read(portal).conninfo("sealer"), autocommit=True) as connection:
                keep_chaining(connection)
        except psycopg.OperationalError as away:
            _log.warning("database away: %s", type(away).__name__)
        time.sleep(PAUSE)


def keep_chaining(connection: psycopg.Connection[Any]) -> None:
    floor = 0  # the first pass checks every entry
    while True:
        floor = chain_new(connection, floor)
        time.sleep(PAUSE)


def chain_new(connection: psycopg.Connection[Any], floor: int) -> int:
    """Chains every committed entry without a link. Returns the floor of the next pass.

    An entry appears when its transaction commits, so a lower number can appear after a higher one. So a pass checks every entry of a transaction that
    may have been running in the pass before (xid at or over its xmin).
    """
    next_floor = _oldest_running(connection)  # asked first: what commits in between is seen twice, never missed
    last: int | None = 0
    while last is not None:
        last = _chain_some(connection, floor, last)
    return next_floor


def _oldest_running(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetchone()
    assert row is not None
    return int(row[0])


def _chain_some(connection: psycopg.Connection[Any], floor: int, after: int) -> int | None:
    """Chains entries with numbers higher than `after`, in one transaction. Returns the last one's number, or None at the end."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        rows = connection.execute(
            f"SELECT {ENTRY} FROM entries_unlinked(%s, %s, %s)",
            [floor, after, BATCH],
        ).fetchall()
        if rows:
            links = links_after(last_link(connection), [entry_of(row) for row in rows], connection)
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO ledger_link (number, entry_id, hash) VALUES (%s, %s, %s)", links)
        return rows[-1][0] if len(rows) == BATCH else None


def links_after(last: Head, entries: list[dict[str, Any]], connection: psycopg.Connection[Any]) -> list[tuple[int, int, bytes]]:
    """Returns number, entry and hash of each new link."""
    students = students_of(connection, [entry["id"] for entry in entries], UNLINKED)
    number, before = last.number, last.hash
    links = []
    for entry in entries:
        number += 1
        before = hash_of(before, number, entry, students.get(entry["id"], []))
        links.append((number, entry["id"], before))
    return links
