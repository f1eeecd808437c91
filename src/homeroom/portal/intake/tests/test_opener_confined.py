"""Limits for an attacker who takes over the opener, and who may ask the opener."""

import os
import pwd
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from homeroom.portal.intake.opening import confinement, opener
from homeroom.portal.intake.opening.frames import OpenerAway, socket_of
from homeroom.portal.intake.tests.opener_portal import KEY, ROWS, delivered, opener_of, portal_folder, read, sealed


@pytest.fixture
def portal() -> Iterator[Path]:
    with portal_folder(KEY) as folder:
        yield folder


@pytest.fixture
def running(portal: Path) -> Iterator[int]:
    with opener_of(portal) as child:
        yield child


def test_the_opener_has_no_way_out(portal: Path, running: int) -> None:
    """The opener gives these up after it starts to listen and before it serves."""
    status = Path(f"/proc/{running}/status")
    until = time.monotonic() + 10
    while "Seccomp:\t2" not in status.read_text() and time.monotonic() < until:
        time.sleep(0.01)
    assert "Seccomp:\t2" in status.read_text()
    assert "NoNewPrivs:\t1" in status.read_text()
    assert psutil.Process(running).rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert psutil.Process(running).rlimit(psutil.RLIMIT_NOFILE) == (64, 64)


def in_child(work: Callable[[], object]) -> str:
    """Runs `work` in a process that is confined like the opener. Returns "done" or the name of the error."""
    answer, out = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.closerange(3, out)  # a long test run has more open files than the opener may have
            os.closerange(out + 1, 4096)
            confinement.confine()
            work()
            os.write(out, b"done")
        except OSError as error:
            os.write(out, type(error).__name__.encode())
        finally:
            os._exit(0)
    os.close(out)
    with os.fdopen(answer, "rb") as stream:
        said = stream.read().decode()
    os.waitpid(child, 0)
    return said


def test_an_attacker_who_takes_over_the_opener_gets_no_socket_and_no_program() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert in_child(lambda: socket.create_connection(("127.0.0.1", port), 2)) == "PermissionError"
    assert in_child(lambda: socket.socket(socket.AF_UNIX)) == "PermissionError"
    assert in_child(socket.socketpair) == "PermissionError"
    assert in_child(lambda: os.posix_spawn("/bin/true", ["true"], {})) == "PermissionError"
    assert in_child(lambda: os.read(os.open("/dev/zero", os.O_RDONLY), 1)) == "done"


def nobody() -> int | None:
    """Returns the user ID of `nobody` if root runs the tests, because some rules don't bind root. Other users can't switch, so they get None."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def test_the_opener_works_as_a_user_of_its_own(portal: Path, tmp_path: Path) -> None:
    digest = delivered(portal, sealed(tmp_path, ROWS))
    user = nobody()
    if user is not None:
        portal.parent.chmod(0o755)
        for path in [portal, *portal.rglob("*")]:
            os.chown(path, user, -1)
    with opener_of(portal, user) as running:
        assert psutil.Process(running).uids().real == (user or os.geteuid())
        allowed = user or os.geteuid()
        assert as_user(allowed, lambda: read(portal, digest)[0] == ROWS)
        if user is not None:
            assert not as_user(user + 1, lambda: bool(read(portal, digest))), "another user is not answered"


def as_user(user: int, work: Callable[[], bool]) -> bool:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0 and user != 0:
                os.setgroups([])
                os.setuid(user)
            code = 0 if work() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_stranger_at_a_shared_socket_is_not_answered(
    portal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opener, "_allowed_users", lambda _: {os.geteuid() + 1, os.geteuid() + 2})
    digest = delivered(portal, sealed(tmp_path, ROWS))
    with opener_of(portal):
        assert socket_of(portal).stat().st_mode & 0o777 == 0o666
        with pytest.raises(OpenerAway):
            read(portal, digest)


def test_the_socket_is_its_users_alone_where_there_is_one_user(portal: Path, running: int) -> None:
    assert socket_of(portal).stat().st_mode & 0o777 == 0o600
