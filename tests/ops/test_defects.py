"""What stopped a portal of the release before limits were made: the same attacks on a portal that runs. docs/attacks.md has both outcomes."""

import re
import resource
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import psycopg
import pytest

from homeroom.ops.host.installation import Installation
from homeroom.portal.place import Place
from tests.alive import writer_of
from tests.journeys.documented import nginx
from tests.ops.portal import installation, running
from tests.ports import free_port

TOKEN = "x" * 32
STATUS = re.compile(r"HTTP/1\.[01] (\d{3})")
SLOW = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
FILES = 1024  # systemd's usual limit of open files


@pytest.fixture(scope="module")
def lincoln() -> Iterator[Installation]:
    with installation() as made:
        toml = made.portal("lincoln") / "portal.toml"
        toml.write_text(toml.read_text() + 'trusted_proxy = ["127.0.0.1"]\n')
        before, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))  # the portal inherits it
        try:
            with running(made):
                resource.setrlimit(resource.RLIMIT_NOFILE, (before, hard))
                yield made
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (before, hard))


@pytest.fixture(scope="module")
def port(lincoln: Installation) -> int:
    return Place.read(lincoln.portal("lincoln")).port


def connected(port: int, by: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 10, (by, 0))


def status(line: socket.socket, data: bytes) -> int:
    """Sends a request, and returns the status. 0 if no answer came within ten seconds."""
    line.settimeout(10)
    try:
        line.sendall(data)
        found = STATUS.match(line.recv(4096).decode("latin-1"))
    except OSError:
        return 0
    return int(found[1]) if found else 0


def page(port: int, by: str = "127.0.0.9") -> int:
    with connected(port, by) as line:
        return status(line, b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")


def sign_in(line: socket.socket, name: str, password: str) -> int:
    form = f"csrfmiddlewaretoken={TOKEN}&sign_in_name={name}&password={password}"
    head = f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: homeroom-lincoln-csrf={TOKEN}\r\n"
    return status(line, f"{head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n{form}".encode())


def front(lincoln: Installation) -> psutil.Process:
    found = writer_of(lincoln.portal("lincoln") / "log" / "front.log")
    assert found is not None
    return found


def test_101_wrong_sign_ins_of_one_visitor_lock_no_other_out(port: int, tmp_path: Path) -> None:
    """Both come through nginx on the portal's computer."""
    with nginx(tmp_path / "nginx", "127.0.0.1", at := free_port(), port):

        def tried(number: int, by: str) -> int:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the certificate was just made on this computer
            with context.wrap_socket(connected(at, by)) as line:
                return sign_in(line, f"guess-{number}", "wrong")

        answers = [tried(number, "127.0.0.7") for number in range(101)]
        assert 429 in answers, "the control: it was a flood"
        assert tried(0, "127.0.0.8") == 403, "a wrong password, and not a wait"


def test_1100_half_sent_requests_stop_no_page_and_fill_no_log(lincoln: Installation, port: int) -> None:
    log = lincoln.portal("lincoln") / "log" / "front.log"
    lines = log.read_bytes().count(b"\n")
    with ExitStack() as held:
        for number in range(1_100):
            line = held.enter_context(connected(port, f"127.0.1.{number % 20 + 1}"))
            line.sendall(SLOW)
        began = time.monotonic()
        answers = [page(port) for _ in range(3)]
        took = time.monotonic() - began
        time.sleep(2)
    written = log.read_bytes().count(b"\n") - lines
    assert answers == [200] * 3 and took < 10 and written < 1_000, f"{answers} in {took:.0f} s, {written} lines of the log"


def test_60_connections_that_send_10_mb_hold_little_memory(lincoln: Installation, port: int) -> None:
    process = front(lincoln)
    before = process.memory_info().rss
    head = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 10485760\r\n\r\n"
    with ExitStack() as held:
        for number in range(60):
            line = held.enter_context(connected(port, f"127.0.3.{number + 1}"))
            line.settimeout(5)
            try:
                line.sendall(head + b"x" * (9 << 20))
            except OSError:  # refused, and closed
                continue
        grown = (process.memory_info().rss - before) >> 20
    assert grown < 100, f"{grown} MB more"
    assert page(port) == 200


def test_44_connections_of_one_login_keep_no_other_out(lincoln: Installation) -> None:
    words, opened = Place.read(lincoln.portal("lincoln")).conninfo("app"), list[psycopg.Connection[object]]()
    with ExitStack() as held:
        for _ in range(60):
            try:
                opened.append(held.enter_context(closing(psycopg.connect(**words))))  # type: ignore[arg-type]
            except psycopg.OperationalError:
                break
        for login in ("door", "intake", "jobs", "sealer"):
            psycopg.connect(**Place.read(lincoln.portal("lincoln")).conninfo(login)).close()
    assert 0 < len(opened) < 44


def test_no_login_fills_the_disk_with_messages(lincoln: Installation) -> None:
    for login in ("app", "door", "intake", "jobs", "sealer"):
        words = Place.read(lincoln.portal("lincoln")).conninfo(login)
        with psycopg.connect(**words) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT pg_logical_emit_message(false, '', repeat('x', 1000))")

