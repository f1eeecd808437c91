"""The intake process. It checks the inbox, takes files in the order in which they came, and runs each import in a process."""

import logging
import os
import resource
import socket
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy.ma  # noqa: F401  Polars loads it with its first array, and each import is a new process. Loaded here, it is loaded once
import psycopg

from homeroom.portal.intake import importer
from homeroom.portal.intake.line import NEXT
from homeroom.portal.place import Place, PlaceOdd
from homeroom.portal.processes.child import die_with_parent
from homeroom.portal.processes.layout import run_folder

LOOK_EVERY = 0.2  # seconds. The inbox wakes intake sooner
ASK_EVERY = 1.0  # seconds between two checks for decisions
WAITING = f"SELECT WHERE EXISTS (SELECT FROM decision WHERE done_at IS NULL) OR EXISTS ({NEXT})"
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)  # after a failure, longer each time

log = logging.getLogger(__name__)


def run(portal: Path) -> None:
    """Serves until it is stopped."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core dumps, because an importer's would have the export in it
    with _bell(portal) as bell:
        intake = Intake(portal)
        while True:
            _wait(bell, intake.work())


class Intake:
    def __init__(self, portal: Path) -> None:
        self.portal = portal
        self.ended: set[str] = set()  # digests that need no more work
        self.decisions = Decisions(portal)
        self.failures = 0

    def work(self) -> float:
        """Carries out decisions and imports waiting files. Returns after how many seconds to check again."""
        while (waiting := self._files()) or self.decisions.wait():
            code, ended = import_in_child(self.portal, waiting)
            self.ended |= ended
            if not ended:
                self.failures += 1
                self.ended.clear()  # the import may have been killed before it put out a receipt, so all files are checked again
                pause = PAUSES[min(self.failures, len(PAUSES)) - 1]
                log.warning("an import ended with code %d; the next try is in %d s", code, pause)
                return pause
            self.failures = 0
        return LOOK_EVERY


    def _files(self) -> list[str]:
        return [digest for digest in files_waiting(self.portal) if digest not in self.ended]


class Decisions:
    """Checks every second, on one lasting connection, for decisions and for waiting files that are next in line."""

    def __init__(self, portal: Path) -> None:
        self._portal = portal
        self._connection: psycopg.Connection[Any] | None = None
        self._next = 0.0

    def wait(self) -> bool:
        """Returns whether there is work. Returns False while the database can't be reached."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + ASK_EVERY
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(**Place.read(self._portal).conninfo("intake"), autocommit=True)
            return self._connection.execute(WAITING).fetchone() is not None
        except (psycopg.OperationalError, PlaceOdd) as away:
            log.info("intake cannot ask for decisions: %s", type(away).__name__)
            self._connection = None
            return False


def import_in_child(portal: Path, waiting: list[str]) -> tuple[int, set[str]]:
    """Returns the child's exit code and the digests that have ended. A fork is fast, because slow modules are already loaded.

    This process never uses Polars itself, so that the child starts all of Polars's threads.
    """
    told, tell = os.pipe()
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # Polars keeps a thread for its memory
        child = os.fork()
    if child == 0:
        os.close(told)
        _import_and_exit(portal, waiting, tell)
    os.close(tell)
    with os.fdopen(told) as ended:
        digests = {*ended.read().split()} & {*waiting, importer.DECIDED}
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), digests


def _import_and_exit(portal: Path, waiting: list[str], tell: int) -> None:
    code = importer.FAILED
    try:
        die_with_parent()
        code = importer.main(portal, waiting, lambda digest: os.write(tell, f"{digest}\n".encode()))
    finally:
        os._exit(code)


def files_waiting(portal: Path) -> list[str]:
    """Returns digests in the order of arrival. A note is written last, so a file with a note is complete."""
    found = []
    for note in (portal / "inbox").glob("*.json"):
        with suppress(FileNotFoundError):  # an old note was removed after the folder was listed
            if note.with_suffix(".pgp").exists():
                found.append((note.stat().st_mtime_ns, note.stem))
    return [digest for _, digest in sorted(found)]


def _bell(portal: Path) -> socket.socket:
    """Opens the socket that wakes intake. A datagram from anyone only makes intake check the inbox."""
    path = run_folder(portal) / "intake.sock"
    path.unlink(missing_ok=True)
    bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    bell.bind(str(path))
    path.chmod(0o666)
    return bell


def _wait(bell: socket.socket, seconds: float) -> None:
    """Waits for a datagram. After a failure it waits the whole time, because a busy inbox must not shorten every pause."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        bell.settimeout(left)
        with suppress(TimeoutError):
            bell.recv(16)
            if seconds <= LOOK_EVERY:
                return
