"""Sends reports by email. Each thing to report gets one row, and the relay gets it once. Only the jobs process runs this.

A row is marked before the relay gets the text. If the process is killed before the mark, the report is tried again. If it is killed
between the mark and the relay's answer, the report is never sent again. The page and the receipt have the same facts.
"""

import logging
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from psycopg import Connection

from homeroom.portal.access.reading import Reading
from homeroom.portal.audit.chain import EMPTY, Head
from homeroom.portal.intake.reports.message import File, Letterhead, of_file, of_missed_night
from homeroom.portal.intake.reports.nightly import Nightly
from homeroom.portal.place import Place
from homeroom.portal.relay import Relay, Unknown, Unsent, hand_over

YOUNG = timedelta(days=2)  # older reports are not tried any more
KEPT = timedelta(days=60)
LONGEST_PAUSE = timedelta(hours=1)

FILES = """INSERT INTO report (delivery_id, state, made_at, next_at) SELECT id, state, %(now)s, %(now)s FROM deliveries_told(%(young)s)
    ON CONFLICT DO NOTHING"""
EXPECTED = "SELECT nightly_by, nightly_weekends FROM district WHERE nightly_by IS NOT NULL"
MISSED = "INSERT INTO report (due_at, made_at, next_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING id"
WAITING = """SELECT id, delivery_id, state, due_at, made_at, tries FROM report
    WHERE handed_at IS NULL AND next_at <= %s AND made_at > %s ORDER BY id"""


class Last(NamedTuple):
    """`came` is when the last file came that was not refused. `signed` is when the last imported one was signed."""

    came: datetime | None
    signed: datetime | None


class Told(NamedTuple):
    id: int
    sender: str
    digest: str
    received_at: datetime
    state: str
    reason: str
    numbers: dict[str, Any]
    reasons: list[tuple[str, dict[str, Any]]]
    counts: dict[str, dict[str, int]]
    notes: list[str]


FILE = Reading(Told, "delivery_told", which="integer")
LEDGER = Reading(Head, "ledger_head")
LAST = Reading(Last, "last_files")

log = logging.getLogger("jobs")


def missed(connection: Connection[Any], zone: str, now: datetime) -> datetime | None:
    """Returns the deadline of a file that has not come, if there is one."""
    row = connection.execute(EXPECTED).fetchone()
    return Nightly(row[0], ZoneInfo(zone), row[1]).missed(now, LAST.on(connection)[0].came) if row else None


def note_missed(connection: Connection[Any], zone: str, now: datetime) -> datetime | None:
    """Notes that last night's file is missing. Returns its deadline, but only the first time. Commits."""
    due = missed(connection, zone, now)
    is_new = due is not None and connection.execute(MISSED, [due, now, now]).fetchone() is not None
    connection.commit()
    return due if is_new else None


def note_files(connection: Connection[Any], now: datetime) -> None:
    """Makes a row for each file to report. Commits."""
    connection.execute(FILES, {"now": now, "young": now - YOUNG})
    connection.commit()


def forget(connection: Connection[Any], now: datetime) -> None:
    """Deletes old reports in the caller's transaction."""
    connection.execute("DELETE FROM report WHERE made_at < %s", [now - KEPT])


def send_waiting(connection: Connection[Any], place: Place, relay: Relay, now: datetime) -> int:
    """Returns how many reports the relay took: 0 if another process is sending or no address is set. Commits."""
    row = connection.execute("SELECT it_mail, begin_reports() FROM district").fetchone()
    connection.commit()
    if row is None or not row[1]:
        return 0
    try:
        waiting = connection.execute(WAITING, [now, now - YOUNG]).fetchall() if row[0] else []
        connection.commit()
        return sum(_send(connection, place, relay, row[0], report, now) for report in waiting)
    finally:
        connection.execute("SELECT end_reports()")
        connection.commit()


def _send(connection: Connection[Any], place: Place, relay: Relay, to: str, report: tuple[Any, ...], now: datetime) -> bool:
    number, tries = report[0], report[5]
    mail = _written(connection, place, relay, to, report)
    if mail is None:  # the file's state has changed, and another row reports that
        _change(connection, "handed_at = %s, answer = 'overtaken'", now, number)
        return False
    try:
        hand_over(relay, to, mail, lambda: _change(connection, "handed_at = %s", now, number))
    except Unsent as no:
        pause = min(timedelta(minutes=2**tries), LONGEST_PAUSE) if tries < 8 else LONGEST_PAUSE
        _change(connection, "handed_at = NULL, answer = %s, tries = tries + 1, next_at = %s", str(no), now + pause, number)
        log.warning("the relay did not take report %d: %s; it is tried again", number, no)
        return False
    except Unknown as silent:
        _change(connection, "answer = %s", f"unknown: {silent}", number)
        log.warning("the relay did not say whether it took report %d; it is not sent again", number)
        return False
    _change(connection, "sent_at = %s, answer = ''", now, number)
    return True


def _change(connection: Connection[Any], what: str, *values: Any) -> None:
    connection.execute(f"UPDATE report SET {what} WHERE id = %s".encode(), values)
    connection.commit()


def _written(connection: Connection[Any], place: Place, relay: Relay, to: str, report: tuple[Any, ...]) -> EmailMessage | None:
    """Returns None if the file's state is no longer the one to report."""
    number, delivery, state, due, made, _tries = report
    zone = ZoneInfo(place.time_zone)
    head = Letterhead(place.name, place.slug, place.address, relay.sender, number, made, str(next(iter(LEDGER.on(connection)), EMPTY)))
    if due is not None:
        last = LAST.on(connection)[0].signed
        connection.commit()
        return of_missed_night(head, to, due.astimezone(zone), last.astimezone(zone) if last else None)
    (row,) = FILE.on(connection, which=delivery) or (None,)
    connection.commit()
    if row is None or row.state != state:
        return None
    file_id, sender, digest, came, _state, reason, numbers, reasons, counts, notes = row
    held_by = tuple((code, said) for code, said in reasons)
    return of_file(head, to, File(file_id, sender, digest, came.astimezone(zone), state, reason, numbers, held_by, counts, notes))
