"""Keeps a delivery's row, from arrived to imported, refused or on hold, so that every file counts once.

The row ends in the transaction that writes the data, and includes the signed receipt. If a process is killed, the next
run may find an ended row, and at most puts out its receipt. If the row is still open, the import begins again.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from homeroom.formats.attendance import ATTENDANCE
from homeroom.judging.decide import Limits
from homeroom.judging.receipt import Outcome
from homeroom.judging.refusals import Late, Refused
from homeroom.portal.intake.inbox import receipt_box

MOST_ATTEMPTS = 12  # imports that failed without an outside cause. With the pauses between them, about ten minutes


@dataclass(frozen=True, slots=True)
class Delivery:
    """`sender` is "" if the file came from the browser. `is_allowed` then says whether an administrator had permission to send it."""

    id: int
    digest: str
    sender: str
    received_at: datetime
    state: str
    attempts: int
    receipt: str
    is_allowed: bool = True


def begin(connection: Connection[Any], inbox: Path, digest: str) -> Delivery:
    """Returns the delivery's row, made if the file is new, and links the administrator's upload. Commits."""
    note = json.loads((inbox / f"{digest}.json").read_text())
    size = (inbox / f"{digest}.pgp").stat().st_size
    connection.execute(
        "INSERT INTO delivery (digest, sender, received_at, state, size) VALUES (%s, %s, %s, 'arrived', %s)"
        " ON CONFLICT (digest) DO NOTHING",
        [digest, note["sender"], note["received"], size],
    )
    delivery = delivery_of(connection, digest)
    if delivery.state == "arrived" and not delivery.sender:
        delivery = replace(delivery, is_allowed=_is_claimed(connection, delivery, note.get("upload")))
    connection.commit()
    return delivery


def _is_claimed(connection: Connection[Any], delivery: Delivery, leave: str | None) -> bool:
    row = connection.execute("SELECT claim_upload(%s, %s::uuid)", [delivery.id, leave]).fetchone()
    return bool(row and row[0])


def try_again(connection: Connection[Any], delivery: Delivery) -> None:
    """Counts an attempt before anything can go wrong. Raises Refused after too many attempts. Commits."""
    connection.execute("UPDATE delivery SET attempts = %s WHERE id = %s", [delivery.attempts + 1, delivery.id])
    connection.commit()
    if delivery.attempts >= MOST_ATTEMPTS:
        raise Refused(Late.FAILED)


def take_back(connection: Connection[Any], delivery: Delivery) -> None:
    """Takes an attempt back if the failure was not the file's. If the connection was lost, the attempt stays counted. Commits."""
    if not connection.closed:
        connection.rollback()
        connection.execute("UPDATE delivery SET attempts = %s WHERE id = %s", [delivery.attempts, delivery.id])
        connection.commit()


def limits_of(connection: Connection[Any]) -> Limits:
    """Returns the district's limits. Read before a file is opened, because an invalid limit is not the file's fault. Raises LimitsOdd."""
    row = connection.execute("SELECT limits FROM district").fetchone()
    connection.commit()
    return Limits.of(row[0] if row else {})


def say_why_it_waits(connection: Connection[Any], delivery: Delivery, why: Late) -> None:
    """Notes why a file waits. It has not ended, and its result later replaces the reason. Commits."""
    connection.rollback()
    connection.execute("UPDATE delivery SET reason = %s WHERE id = %s AND state = 'arrived'", [why, delivery.id])
    connection.commit()


def end(connection: Connection[Any], delivery: Delivery, outcome: Outcome, receipt: str) -> None:
    """Writes the outcome in the caller's transaction. A file on hold has not ended, because it waits for a decision."""
    connection.execute(
        "UPDATE delivery SET state = %s, reason = %s, numbers = %s, reasons = %s, counts = %s, days = %s, groups = %s,"
        " notes = %s, receipt = %s, signer_id = coalesce(%s, signer_id), signed_at = coalesce(%s, signed_at),"
        " ended_at = CASE WHEN %s <> 'held' THEN now() END WHERE id = %s AND state IN ('arrived', 'held')",
        [outcome.state, outcome.reason or "", Jsonb(outcome.numbers), Jsonb(list(outcome.reasons)), Jsonb(outcome.counts),
         Jsonb(outcome.days), Jsonb(list(outcome.groups)), list(outcome.notes), receipt, outcome.signer, outcome.signed_at, outcome.state, delivery.id],
    )  # fmt: skip
    connection.execute("DELETE FROM refused_row WHERE delivery_id = %s", [delivery.id])  # rows of the run that put it on hold
    with connection.cursor().copy('COPY refused_row (delivery_id, file, line, "column", reason) FROM STDIN') as copy:
        for row in outcome.rows:
            copy.write_row([delivery.id, *row])


def conclude(connection: Connection[Any], delivery: Delivery, outcome: Outcome, receipt: str) -> None:
    """Ends a delivery as rejected or undone, in the caller's transaction. Its counts and left-out rows stay readable."""
    connection.execute(
        "UPDATE delivery SET state = %s, reason = %s, numbers = '{}', receipt = %s, ended_at = now() WHERE id = %s",
        [outcome.state, outcome.reason, receipt, delivery.id],
    )


def put_receipt(portal: Path, connection: Connection[Any], digest: str) -> None:
    """Puts the receipt into the outbox for the gateway, once. It may be there already if an earlier run was killed. Also called before
    a decision, whose receipt replaces this one. A file from the browser has its receipt only on its page, since no sender at the
    gateway waits for it."""
    delivery = delivery_of(connection, digest)
    if not delivery.receipt or not delivery.sender:
        return
    number = 0
    while page := receipt_box.after(portal, number):
        if any(entry["digest"] == digest and entry["receipt"] == delivery.receipt for entry in page):
            return
        number = page[-1]["number"]
    receipt_box.put(portal, digest, delivery.sender, delivery.receipt)


def is_first(connection: Connection[Any]) -> bool:
    return connection.execute("SELECT FROM delivery WHERE state = 'imported' LIMIT 1").fetchone() is None


def days_before(connection: Connection[Any]) -> tuple[date, date, datetime] | None:
    """Returns the first and the last day for which the last import's attendance was complete, and when that import was signed."""
    return connection.execute(
        """SELECT (days->%(file)s->>0)::date, (days->%(file)s->>1)::date, signed_at FROM delivery
            WHERE state = 'imported' AND days ? %(file)s ORDER BY signed_at DESC LIMIT 1""",
        {"file": ATTENDANCE.file},
    ).fetchone()


def delivery_of(connection: Connection[Any], digest: str) -> Delivery:
    row = connection.execute(
        "SELECT id, digest, sender, received_at, state, attempts, receipt FROM delivery WHERE digest = %s", [digest]
    ).fetchone()
    if row is None:
        raise LookupError("The delivery's row is not there although it was just made.")
    return Delivery(*row)
