"""Sends security events to the district's SIEM: by syslog over TLS, to a file of JSON lines, or both. It is a thread of the jobs process for each, with
the database login `forwarder`, which can call two functions and nothing else.

An event may come twice, and none is lost: the position moves only after the receiver's computer has acknowledged the bytes and the connection has
lasted ten seconds longer. After a broken connection everything since then is sent again.
"""

import logging
import os
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.rows import class_row

from homeroom.portal.events.said import FIELDS, EventRow, line_of, message_of
from homeroom.portal.events.waiting import unacknowledged
from homeroom.portal.place import Place, PlaceOdd

MOST = 500  # events sent together
PAUSE = 1.0  # seconds between two checks
PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)  # after a failure, longer each time
PATIENCE = 15.0  # seconds to connect, and to send
LASTING = 10.0  # seconds that a connection must last after the receiver's computer acknowledged an event
LARGEST = 50_000_000  # bytes of the file, before it is moved to .1
SYSLOG_PORT = 6514  # RFC 5425 4.1
DUE = f"SELECT {', '.join(FIELDS)} FROM events_due(%s, %s, %s, %s)"
_log = logging.getLogger("events")


@dataclass(frozen=True, slots=True)
class Receiver:
    """A syslog server. `ca` is the file of the certificates that its own must lead to. None: those of this computer."""

    host: str
    port: int
    ca: Path | None


type Position = tuple[int, int]  # of an event: its transaction and its number


class Target(Protocol):
    """`last` is the last event that was sent. settled() is the last one that the receiver surely has, if that changed."""

    name: str
    last: Position | None

    def send(self, events: list[EventRow]) -> None: ...
    def settled(self) -> Position | None: ...
    def close(self) -> None: ...


def receiver_of(place: Place) -> Receiver | None:
    """Reads events_syslog of portal.toml, a host or host:port."""
    if not place.events_syslog:
        return None
    host, _, port = place.events_syslog.partition(":")
    ca = place.folder / "cert" / "syslog.pem"
    return Receiver(host, int(port or SYSLOG_PORT), ca if ca.exists() else None)


def start(place: Place) -> list[threading.Thread]:
    """Starts a thread for each target of portal.toml, which ends with the process."""
    makers: list[Callable[[], Target]] = []
    receiver = receiver_of(place)
    if receiver is not None:
        makers.append(lambda: Syslog(place, receiver))
    if place.events_file:
        makers.append(lambda: Lines(place))
    threads = [threading.Thread(target=run, args=(place, maker), daemon=True) for maker in makers]
    for thread in threads:
        thread.start()
    return threads


def run(place: Place, make: Callable[[], Target]) -> None:
    """Forwards until the process ends. A receiver that is away delays events."""
    failures = 0
    while True:
        target: Target | None = None
        try:
            target = make()
            with psycopg.connect(**place.conninfo("forwarder"), autocommit=True) as connection:
                while True:
                    forward(connection, target)
                    failures = 0
                    time.sleep(PAUSE)
        except (OSError, psycopg.Error, PlaceOdd) as away:
            failures += 1
            _log.warning("events wait: %s", type(away).__name__)
        finally:
            if target is not None:
                target.close()
        time.sleep(PAUSES[min(failures, len(PAUSES)) - 1])


def forward(connection: psycopg.Connection[Any], target: Target) -> int:
    """Sends what is due, as far as this target has not sent it yet, and notes what is settled. Returns how many events it sent."""
    sent = 0
    with connection.cursor(row_factory=class_row(EventRow)) as cursor:
        while events := cursor.execute(DUE, [target.name, *(target.last or (None, None)), MOST]).fetchall():
            target.send(events)
            sent += len(events)
            settle(connection, target)
    settle(connection, target)
    return sent


def settle(connection: psycopg.Connection[Any], target: Target) -> None:
    if position := target.settled():
        connection.execute("SELECT events_forwarded(%s, %s, %s)", [target.name, *position])


class Lines:
    """The file events/events.jsonl of the portal's folder, synced before the position moves."""

    name = "file"

    def __init__(self, place: Place) -> None:
        self.path, self.portal = place.folder / "events" / "events.jsonl", place.slug
        self.last: Position | None = None

    def send(self, events: list[EventRow]) -> None:
        with suppress(FileNotFoundError):
            if self.path.stat().st_size > LARGEST:
                self.path.replace(self.path.with_suffix(".jsonl.1"))
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640), "ab") as file:
            file.write(b"".join(line_of(each, self.portal) for each in events))
            file.flush()
            os.fsync(file.fileno())
        self.last = events[-1].xid, events[-1].id

    def settled(self) -> Position | None:
        return self.last

    def close(self) -> None:
        pass


class Syslog:
    """A connection by TLS. `sent` has the positions that are not settled yet, with the time from which their ten seconds count."""

    name = "syslog"

    def __init__(self, place: Place, receiver: Receiver) -> None:
        self.portal, self.host = place.slug, place.host
        self.last: Position | None = None
        self.sent: deque[tuple[float, Position]] = deque()
        context = ssl.create_default_context(cafile=None if receiver.ca is None else str(receiver.ca))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        plain = socket.create_connection((receiver.host, receiver.port), PATIENCE)
        try:
            self.socket = context.wrap_socket(plain, server_hostname=receiver.host)
        except BaseException:
            plain.close()
            raise

    def send(self, events: list[EventRow]) -> None:
        self._check()
        self.socket.sendall(b"".join(message_of(each, self.portal, self.host) for each in events))
        self.last = events[-1].xid, events[-1].id
        self.sent.append((time.monotonic(), self.last))

    def settled(self) -> Position | None:
        """Raises ConnectionError if the receiver has closed the connection."""
        self._check()
        now = time.monotonic()
        position: Position | None = None
        if unacknowledged(self.socket):
            self.sent = deque((now, each) for _since, each in self.sent)
            return None
        while self.sent and now - self.sent[0][0] >= LASTING:
            _since, position = self.sent.popleft()
        return position

    def _check(self) -> None:
        """A receiver says nothing. If there is something to read, it has closed the connection."""
        self.socket.settimeout(0.0)
        try:
            with suppress(ssl.SSLWantReadError, BlockingIOError):
                if not self.socket.recv(1024):
                    raise ConnectionResetError
        finally:
            self.socket.settimeout(PATIENCE)

    def close(self) -> None:
        with suppress(OSError):
            self.socket.close()
