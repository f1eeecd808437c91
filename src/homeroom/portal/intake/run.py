"""The intake process: looks into the inbox, takes files in the order in which they came, and gives each a process."""

import logging
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from homeroom.portal.intake.importer import AWAY
from homeroom.portal.processes.layout import run_folder

LOOK_EVERY = 1.0  # seconds; the inbox wakes us sooner
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)  # after a failure, longer each time

log = logging.getLogger(__name__)


def run(portal: Path) -> None:
    """Serves until it is ended."""
    with _woken_by(portal) as bell:
        intake = Intake(portal)
        while True:
            pause = intake.work()
            _wait(bell, pause)


class Intake:
    def __init__(self, portal: Path) -> None:
        self.portal = portal
        self.ended: set[str] = set()  # digests that need nothing any more
        self.failures = 0

    def work(self) -> float:
        """Imports what waits; answers after how many seconds to look again."""
        while waiting := [digest for digest in files_waiting(self.portal) if digest not in self.ended]:
            before = len(self.ended)
            code = self._import(waiting)
            if len(self.ended) == before:
                self.failures += 1
                pause = PAUSES[min(self.failures, len(PAUSES)) - 1]
                log.warning("an import ended with %s; once more in %s s", "nobody there" if code == AWAY else code, pause)
                return pause
            self.failures = 0
        return LOOK_EVERY

    def _import(self, waiting: list[str]) -> int:
        """A process of its own, not a fork: this one stays small, and threads of Polars do not outlive a fork."""
        command = [sys.executable, "-m", "homeroom.portal.intake.importer", str(self.portal)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as importer:
            try:
                said, _ = importer.communicate("\n".join(waiting))
            except BaseException:
                importer.kill()
                raise
        self.ended |= {*said.split()} & {*waiting}
        return importer.returncode


def files_waiting(portal: Path) -> list[str]:
    """Digests in the order of arrival. A note is written last: where it is, its file is whole."""
    found = []
    for note in (portal / "inbox").glob("*.json"):
        with suppress(FileNotFoundError):  # removed by age between the two looks
            if note.with_suffix(".pgp").exists():
                found.append((note.stat().st_mtime_ns, note.stem))
    return [digest for _, digest in sorted(found)]


def _woken_by(portal: Path) -> socket.socket:
    """A datagram from the inbox, or from anybody: it says nothing, and only makes us look."""
    path = run_folder(portal) / "intake.sock"
    path.unlink(missing_ok=True)
    bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    bell.bind(str(path))
    path.chmod(0o666)
    return bell


def _wait(bell: socket.socket, seconds: float) -> None:
    until = time.monotonic() + seconds
    bell.settimeout(seconds)
    with suppress(TimeoutError):
        bell.recv(16)
        bell.settimeout(0)
        with suppress(BlockingIOError):
            while bell.recv(16):  # one look serves every ring so far
                pass
        if seconds > LOOK_EVERY:  # a pause after a failure is not cut short for ever by a busy inbox
            time.sleep(min(LOOK_EVERY, max(0.0, until - time.monotonic())))
