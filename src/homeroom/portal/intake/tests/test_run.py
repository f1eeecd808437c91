"""The intake process as the supervisor starts it: woken, killed, and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from homeroom.portal.intake.run import files_waiting
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from tests.alive import is_alive

PROGRAM = "import sys; from pathlib import Path; from homeroom.portal.intake.run import run; run(Path(sys.argv[1]))"


@contextmanager
def intake_of(portal: Lincoln) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(portal.folder)], stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(told: Callable[[], object], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.05)


def receipts(portal: Lincoln) -> int:
    return len(list((portal.folder / "outbox").glob("*.json")))


def test_files_are_taken_in_the_order_in_which_they_came(portal: Lincoln, export: Export) -> None:
    first, second = (portal.deliver(portal.seal(export.zip())) for _ in range(2))
    os.utime(portal.folder / "inbox" / f"{second}.json", (time.time() + 5,) * 2)
    assert files_waiting(portal.folder) == [first, second]
    with intake_of(portal):
        wait_for(lambda: receipts(portal) == 2)
    assert [portal.ask("SELECT state FROM delivery WHERE digest = %s", digest) for digest in (first, second)] == ["imported"] * 2
    assert portal.ask("SELECT max(id) FROM delivery WHERE digest = %s", first) == 1


def test_a_file_without_its_note_is_not_yet_there(portal: Lincoln, export: Export) -> None:
    digest = portal.deliver(portal.seal(export.zip()))
    (portal.folder / "inbox" / f"{digest}.json").unlink()
    assert files_waiting(portal.folder) == []


def test_a_ring_wakes_it_and_a_killed_one_leaves_no_importer(portal: Lincoln, export: Export) -> None:
    with intake_of(portal) as process:
        bell = portal.folder / "run" / "intake.sock"
        wait_for(bell.exists)
        portal.deliver(portal.seal(export.zip()))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ring:
            ring.sendto(b"file", str(bell))
        wait_for(lambda: psutil.Process(process.pid).children())
        importer = psutil.Process(process.pid).children()[0]
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_for(lambda: not is_alive(importer))
    with intake_of(portal):
        wait_for(lambda: receipts(portal) == 1)
    assert portal.ask("SELECT state FROM delivery") == "imported"


def test_while_the_database_is_away_it_waits_and_says_so_without_a_word_of_the_file(portal: Lincoln, export: Export) -> None:
    right = (portal.folder / "secrets" / "intake").read_text()
    (portal.folder / "secrets" / "intake").write_text("wrong")
    digest = portal.deliver(portal.seal(export.zip()))
    with intake_of(portal) as process:
        assert process.stderr
        said = process.stderr.readline().decode()
        assert "intake waits: OperationalError" in said
        assert "nina" not in said.lower()
        (portal.folder / "secrets" / "intake").write_text(right)
        wait_for(lambda: receipts(portal) == 1)
    assert portal.receipt(digest)["state"] == "imported"
