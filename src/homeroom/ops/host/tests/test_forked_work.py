"""Work in its own process: what it inherits, what it may answer, and that it never outlives its command."""

import gc
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.host.forked_work import Apart, Line


def open_files(line: Line) -> list[str]:
    found = []
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the descriptor of this listing
            found.append((int(each.name), str(each.readlink())))
    return [name for number, name in found if number > 2 and not name.startswith("/proc/")]


def test_it_inherits_no_connection_of_its_parents(tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as held, Apart("first", None, [], lambda line: line.recv()), Apart("second", None, [], open_files) as second:
        os.set_inheritable(held.fileno(), True)
        found = second.hear("done")
    assert len([each for each in found if each.startswith("socket:")]) == 1, f"its own line and no other: {found}"
    assert not [each for each in found if each.startswith(str(tmp_path))]


class Ring:
    """Only the garbage collector frees it."""

    def __init__(self, held: socket.socket) -> None:
        self.itself, self.held = self, held


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_socket_that_the_parent_forgot_closes_no_file_of_its_child() -> None:
    """A database connection was closed in the middle of a backup."""

    def opens(number: int) -> tuple[bool, list[int]]:
        mine = [os.open("/dev/null", os.O_RDONLY) for _ in range(number + 8)]
        gc.collect()
        return number in mine, [each for each in mine if not Path(f"/proc/self/fd/{each}").exists()]

    gc.disable()
    try:
        held, other = socket.socketpair()
        number = held.fileno()
        Ring(held)
        del held
        with Apart("forgetful", None, [], lambda _: opens(number)) as child:
            assert child.hear("done") == (True, [])
        other.close()
    finally:
        gc.enable()
        gc.collect()


def test_a_secret_from_one_process_is_not_in_anothers_memory(tmp_path: Path) -> None:
    """Likewise, the drill's key isn't in the snapshot's memory. It was made after the fork, in the other process."""

    def drill(line: Line) -> str:
        canary = os.urandom(16).hex()
        line.send(("public", canary[:8]))
        line.recv()
        return canary

    known = os.urandom(16).hex().encode()

    def memory(line: Line) -> str:
        line.send(("ready", os.getpid()))
        return str(line.recv())

    with Apart("drill", None, [], drill) as first:
        first.hear("public")
        with Apart("snapshot", None, [], memory) as second:
            pid = second.hear("ready")
            seen = read_memory(pid)
            second.say("enough")
            second.hear("done")
        first.say("enough")
        secret = first.hear("done")
    assert known in seen, "its memory was read"
    assert secret.encode() not in seen


def read_memory(pid: int) -> bytes:
    """Reads all memory that the process may write to. There is no upper limit, because children inherit what a long suite left in its process."""
    parts = []
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for where, may, *_ in (line.split() for line in Path(f"/proc/{pid}/maps").read_text().splitlines()):
            first, last = (int(each, 16) for each in where.split("-"))
            if may.startswith("rw"):
                memory.seek(first)
                parts.append(memory.read(last - first))
    return b"".join(parts)


def test_it_may_answer_words_and_nothing_that_its_parent_would_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return os.system, (f"touch {tmp_path / 'ran'}",)

    with Apart("evil", None, [], lambda _: Evil()) as child, pytest.raises(NotDone, match="Nothing of it was believed"):
        child.hear("done")
    assert not (tmp_path / "ran").exists()


def test_its_trouble_is_its_parents_in_one_sentence() -> None:
    def fail(_: Line) -> None:
        raise NotDone("The store is full.")

    def stumble(_: Line) -> None:
        raise KeyError("Nina Canary")

    with Apart("fails", None, [], fail) as child, pytest.raises(NotDone, match=r"^The store is full\.$"):
        child.hear("done")
    with Apart("stumbles", None, [], stumble) as child, pytest.raises(NotDone) as told:
        child.hear("done")
    assert "Canary" not in str(told.value)


def test_one_that_is_killed_is_one_sentence() -> None:
    with Apart("one", None, [], lambda _: os.kill(os.getpid(), signal.SIGKILL)) as child, pytest.raises(NotDone, match="one was ended from outside"):
        child.hear("done")


def test_a_process_that_still_runs_at_the_end_is_ended() -> None:
    with Apart("sleeps", None, [], lambda _: time.sleep(600)) as child:
        pid = child.pid
    assert not psutil.pid_exists(pid)
