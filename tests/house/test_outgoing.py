"""A day's pages use only the database's Unix socket. They look up, connect to and run nothing else."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from tests.browser import Browser
from tests.house.test_doors import GUARDED, HATS, samples
from tests.school import School

WATCHED = (
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto", "socket.bind",
    "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect", "ssl.wrap_socket",
    "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "pty.spawn", "ctypes.dlopen",
)  # fmt: skip
_watching: list[list[str]] = []


def _heard(event: str, words: tuple[Any, ...]) -> None:
    """Records an event while someone listens. An audit hook stays for the life of the process."""
    if _watching and event in WATCHED:
        _watching[-1].append(f"{event} {words[1:] if event.startswith('socket') else words}")


@contextmanager
def listening() -> Iterator[list[str]]:
    heard: list[str] = []
    _watching.append(heard)
    try:
        yield heard
    finally:
        _watching.pop()


sys.addaudithook(_heard)


@pytest.mark.parametrize("hat", HATS)
def test_the_pages_of_a_day_make_no_outgoing_connection(school: School, hat: str) -> None:
    browser = Browser(*HATS[hat])
    with listening() as heard:
        pages = [browser.open(door.path(**samples(school, door))) for door in GUARDED]
    assert any(page.status == 200 for page in pages)
    assert heard == []


def test_the_database_is_reached_by_a_unix_socket(school: School) -> None:
    """Python's hooks don't see libpq's connections, so the test asks the connection itself."""
    connection.ensure_connection()
    assert connection.connection.info.host.startswith("/")
    assert connection.connection.info.hostaddr == ""


def test_a_page_that_reached_out_would_be_heard() -> None:
    """The control."""
    import socket

    with listening() as heard, socket.socket() as outward:
        outward.settimeout(0.1)
        with pytest.raises(OSError):
            outward.connect(("127.0.0.1", 9))
    assert heard == ["socket.connect (('127.0.0.1', 9),)"]
