"""The parent of a portal's processes: one that ends is restarted, one that should stop stops, and nothing outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.alive import is_alive
from tests.disk import disk, needs_mount

PARENT = """
import os, sys, time
from pathlib import Path
from homeroom.portal.processes.child import close_all_but, die_with_parent
from homeroom.portal.processes.supervise import Part, supervise
folder = Path(sys.argv[1])
def work(name, stubborn=False):
    def enter():
        die_with_parent()
        if stubborn:
            import signal
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if name == "forks" and os.fork() == 0:
            name_of_file = "grandchild"
        else:
            name_of_file = name
        (folder / f"{name_of_file}.{os.getpid()}").touch()
        time.sleep(600)
    return Part(name, enter)
supervise([work("first"), work("forks"), work("deaf", stubborn=True)], tell=lambda line: print(line, flush=True))
print("stopped in order", flush=True)
"""


def wait_for(found: Callable[[], object], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def started(folder: Path) -> subprocess.Popen[str]:
    line = [sys.executable, "-c", PARENT, str(folder)]
    parent = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, start_new_session=True)
    wait_for(lambda: all(pids(folder, name) for name in ("first", "grandchild", "deaf")))
    return parent


def pids(folder: Path, name: str) -> list[int]:
    return sorted(int(path.suffix[1:]) for path in folder.glob(f"{name}.*"))


def alive(folder: Path) -> list[int]:
    """Returns the running ones among the numbers that files of the folder end with."""
    alive = {each.pid for each in psutil.process_iter() if is_alive(each)}
    return [pid for path in folder.iterdir() if (pid := int(path.suffix[1:])) in alive]


def test_process_killed_at_night_is_started_again(tmp_path: Path) -> None:
    parent = started(tmp_path)
    os.kill(pids(tmp_path, "first")[0], signal.SIGKILL)
    wait_for(lambda: len(pids(tmp_path, "first")) == 2)
    parent.send_signal(signal.SIGTERM)
    told, _ = parent.communicate(timeout=120)
    assert "first ended (-9)" in told and "started again" in told


def test_sigterm_stops_all_within_ten_seconds_even_the_deaf_one(tmp_path: Path) -> None:
    parent = started(tmp_path)
    began = time.monotonic()
    parent.send_signal(signal.SIGTERM)
    told, _ = parent.communicate(timeout=120)
    assert parent.returncode == 0 and "stopped in order" in told
    assert time.monotonic() - began < 10
    assert alive(tmp_path) == []


def test_ctrl_c_reaches_the_parent_alone_and_stops_all(tmp_path: Path) -> None:
    parent = started(tmp_path)
    os.killpg(parent.pid, signal.SIGINT)
    told, _ = parent.communicate(timeout=120)
    assert "stopped in order" in told and "started again" not in told
    assert alive(tmp_path) == []


def test_nothing_outlives_a_killed_parent(tmp_path: Path) -> None:
    parent = started(tmp_path)
    parent.kill()
    parent.wait(timeout=120)
    gone = {*pids(tmp_path, "first"), *pids(tmp_path, "deaf"), *pids(tmp_path, "forks")}
    wait_for(lambda: not gone & set(alive(tmp_path)))
    for grandchild in pids(tmp_path, "grandchild"):  # it did not ask to end with its parent. Ours do: see serve.py
        os.kill(grandchild, signal.SIGKILL)
    parent.communicate(timeout=120)


def test_process_that_keeps_dying_is_not_started_in_a_tight_loop(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom homeroom.portal.processes.supervise import Part, supervise\n"
        "supervise([Part('weak', lambda: sys.exit(3))], tell=lambda line: print(line, flush=True))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    time.sleep(3)
    parent.send_signal(signal.SIGTERM)
    told, _ = parent.communicate(timeout=120)
    assert 2 <= told.count("weak started") <= 6


def test_child_keeps_none_of_its_parents_sockets() -> None:
    code = (
        "import socket\nfrom homeroom.portal.processes.child import close_all_but\n"
        "front, other = socket.socket(), socket.socket()\nclose_all_but([front])\n"
        "front.getsockname()\n"
        "try:\n    other.getsockname()\nexcept OSError:\n    print('only its own')\n"
        "other.detach()\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.stdout == "only its own\n", told.stderr


def test_a_program_gets_its_sockets_and_none_of_its_parents_environment() -> None:
    code = (
        "import socket\nfrom homeroom.portal.processes.child import become_program\n"
        "become_program(['-c', 'import os, socket; print(*sorted(os.environ), socket.socket(fileno=3).family.name)'], [socket.socket(socket.AF_UNIX)])"
    )
    kept = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**kept, "OPERATORS_PASSWORD": "canary"})
    assert set(told.stdout.split()) == {"LC_ALL", "LISTEN_FDS", "LISTEN_PID", "PATH", "TZ", "AF_UNIX", *kept}, told.stderr


GIVES_UP = """
import sys
from homeroom.portal.processes.supervise import Part, supervise
supervise([Part(name, lambda: sys.exit(78)) for name in ("one", "two")], tell=lambda line: print(line, flush=True))
print("ended", flush=True)
"""


def test_process_that_cannot_start_is_not_started_again() -> None:
    said = subprocess.run([sys.executable, "-c", GIVES_UP], capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    assert sorted(line for line in said if line.endswith(" started")) == ["one started", "two started"]
    assert sorted(line.split()[0] for line in said if "can't start" in line) == ["one", "two"] and len(said) == 5
    assert said[-1] == "ended"


FULL = """
import sys, time
from pathlib import Path
from homeroom.portal.processes import supervise
from homeroom.portal.processes.child import die_with_parent
supervise._LARGEST_LOG, supervise._GLANCE = 100_000, 0.1
folder = Path(sys.argv[1])
def enter():
    die_with_parent()
    time.sleep(600)
def tell(line):
    with (folder / "told").open("a") as told:
        told.write(line * 1000)
supervise.supervise([supervise.Part("works", enter, folder / "works.log")], tell)
"""


@needs_mount
def test_a_full_disk_stops_no_process_and_a_log_is_shortened_when_there_is_room(tmp_path: Path) -> None:
    with disk(tmp_path / "log", "600k") as folder:
        log = folder / "works.log"
        log.write_bytes(b"a line\n" * 30_000)
        with (folder / "full").open("wb") as full, pytest.raises(OSError, match="No space left"):
            while full.write(b"x" * 4096):
                full.flush()
        parent = psutil.Popen([sys.executable, "-c", FULL, str(folder)])
        try:
            wait_for(parent.children, 30)
            [first] = parent.children()
            first.kill()  # the line about it finds no room
            wait_for(lambda: [each.pid for each in parent.children() if is_alive(each)] not in ([], [first.pid]), 30)
            assert is_alive(parent) and log.stat().st_size == 210_000
            (folder / "full").unlink()
            wait_for(lambda: log.stat().st_size == 0, 30)
            assert log.with_name("works.log.1").stat().st_size == 210_000
        finally:
            parent.terminate()
            parent.wait(30)
