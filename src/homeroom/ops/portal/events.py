"""Reads a portal's security events as owner, and changes where they go and how long they are kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from homeroom.ops.answers import NotDone
from homeroom.ops.portal.moving import write_words
from homeroom.portal.addresses import mark_of
from homeroom.portal.events.said import FIELDS, EventRow
from homeroom.portal.place import Place, is_host
from homeroom.seal.whole import write_whole

READ = f"""SELECT {", ".join(FIELDS)} FROM security_event
    WHERE at >= %(since)s AND (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(account)s::bigint IS NULL OR account_id = %(account)s)
      AND (%(address)s::bytea IS NULL OR address = %(address)s) ORDER BY at, id"""
AT_ONCE = 2000  # rows read together
KEPT = "SELECT event_days FROM district"
KEEP = "UPDATE district SET event_days = %s"
TOLD = "SELECT ledger_setting('event days', jsonb_build_object('was', %s::integer, 'now', %s::integer)::text, NULL, 'operator')"
LEAST_DAYS, MOST_DAYS = 90, 3660
WAITING = """SELECT (SELECT min(e.at) FROM security_event e WHERE (e.xid, e.id) > (coalesce(f.xid, 0), coalesce(f.event, 0)))
    FROM (SELECT %s AS target) t LEFT JOIN event_forwarded f ON f.target = t.target"""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Conditions. None leaves one out. `address` is an internet address, as its visitor has it."""

    since: datetime
    kind: str | None = None
    account: int | None = None
    address: str | None = None


def read(connection: Connection[Any], portal: Path, wanted: EventFilter) -> Iterator[EventRow]:
    """Yields the oldest first, as they come from the server, so that millions of them need no memory."""
    values = {"since": wanted.since, "kind": wanted.kind, "account": wanted.account, "address": _hash_of(portal, wanted.address)}
    with connection.cursor("events", row_factory=class_row(EventRow)) as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(READ, values)
        for event in cursor:
            yield replace(event, at=event.at.astimezone(UTC))


def _hash_of(portal: Path, address: str | None) -> bytes | None:
    if address is None:
        return None
    key = Place.read(portal).addresses_key()
    if key is None:
        raise NotDone(f"This portal has no key for addresses yet. Run `homeroom portal upgrade {portal.name}`.")
    return bytes.fromhex(mark_of(address, key))


@dataclass(frozen=True, slots=True)
class Going:
    """Where events go. `syslog` is a host, or host:port. `own_ca`: its certificate must lead to the portal's own file, cert/syslog.pem."""

    syslog: str
    own_ca: bool
    file: bool
    days: int

    def told(self, slug: str) -> str:
        to = [f"by syslog to {self.syslog}"] if self.syslog else []
        to += ["to the file events/events.jsonl"] if self.file else []
        return f"{slug} keeps security events for {self.days} days, and sends them {' and '.join(to) or 'nowhere'}."


def going(connection: Connection[Any], portal: Path) -> Going:
    place = Place.read(portal)
    (days,) = connection.execute(KEPT).fetchone() or (0,)
    return Going(place.events_syslog, (portal / "cert" / "syslog.pem").exists(), place.events_file, days)


def check(syslog: str | None, ca: Path | None, days: int | None) -> None:
    """Raises NotDone before anything is written."""
    if syslog and not is_host(syslog):
        raise NotDone("Write the syslog server as a host, or as a host, a colon and a port: siem.example.org:6514.")
    if ca is not None and (not ca.is_file() or "BEGIN CERTIFICATE" not in ca.read_text(errors="replace")):
        raise NotDone(f"{ca} is not a file with certificates in PEM. Nothing was changed.")
    if days is not None and not LEAST_DAYS <= days <= MOST_DAYS:
        raise NotDone(f"Events are kept for {LEAST_DAYS} to {MOST_DAYS} days. Nothing was changed.")


def change(connection: Connection[Any], portal: Path, *, syslog: str | None, ca: Path | None, file: bool | None, days: int | None) -> None:
    """None leaves a value as it is. Runs in the caller's transaction. Raises NotDone."""
    check(syslog, ca, days)
    if days is not None:
        (was,) = connection.execute(KEPT).fetchone() or (None,)
        connection.execute(KEEP, [days])
        connection.execute(TOLD, [was, days])
    own = portal / "cert" / "syslog.pem"
    if ca is not None:
        write_whole(own, ca.read_bytes(), 0o644)
    elif syslog is not None:
        own.unlink(missing_ok=True)  # the certificates of this computer count again
    words = {name: value for name, value in (("events_syslog", syslog), ("events_file", file)) if value is not None}
    if words:
        write_words(portal, words)


def waits_since(connection: Connection[Any], target: str) -> datetime | None:
    """Returns the time of the oldest event that this receiver does not have. None if it has all of them."""
    row = connection.execute(WAITING, [target]).fetchone()
    return row[0] if row else None
