"""Connections of strangers: how many one address has, how long they may wait, and who is served meanwhile."""

import asyncio
import logging
import resource
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector

from homeroom.gateway.pins import make_pair
from homeroom.portal.processes import bodies, crowd, front
from homeroom.portal.processes.tests.fronting import TOML, ask, head_sent


class Callers:
    """Opens connections from a loopback address. The front may close each right away."""

    def __init__(self) -> None:
        self.all: list[socket.socket] = []

    async def call(self, url: str, many: int, *, address: str = "127.0.0.1", sent: bytes = b"") -> list[socket.socket]:
        host, _, port = url.removeprefix("http://").partition(":")
        called = []
        for _ in range(many):
            connection = socket.create_connection((host, int(port)), source_address=(address, 0))
            connection.setblocking(False)
            self.all.append(connection)
            called.append(connection)
            connection.sendall(sent)
            await asyncio.sleep(0)
        await asyncio.sleep(0.3)
        return called

    def close(self) -> None:
        for each in self.all:
            each.close()


@pytest.fixture
def callers() -> Iterator[Callers]:
    calling = Callers()
    yield calling
    calling.close()


def still_open(connections: list[socket.socket]) -> int:
    def is_open(connection: socket.socket) -> bool:
        try:
            return connection.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False

    return sum(is_open(each) for each in connections)


async def status_from(url: str, address: str) -> int:
    async with ClientSession(connector=TCPConnector(local_addr=(address, 0))) as session, session.get(url) as answer:
        return answer.status


@contextmanager
def open_files(soft: int) -> Iterator[None]:
    before, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, hard))


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nslow"])
def test_an_address_has_its_number_of_connections_and_the_oldest_that_waits_gives_way(portal: Path, callers: Callers, sent: bytes) -> None:
    async def use(_session: ClientSession, url: str) -> None:
        streams = await callers.call(url, crowd.AN_ADDRESS + 40, sent=sent)
        assert still_open(streams) == crowd.AN_ADDRESS
        assert still_open(streams[-40:]) == 40, "the newest stay"
        assert await status_from(url, "127.0.0.1") == 200, "someone else at the same address is served"
        assert await status_from(url, "127.0.0.2") == 200

    ask(portal, use)


def test_a_schools_address_has_more(portal: Path, callers: Callers) -> None:
    (portal / "portal.toml").write_text(TOML + 'school_networks = ["127.0.0.8/30"]\n')

    async def use(_session: ClientSession, url: str) -> None:
        assert still_open(await callers.call(url, crowd.AN_ADDRESS + 40, address="127.0.0.9")) == crowd.AN_ADDRESS + 40

    ask(portal, use)


def test_a_proxy_that_speaks_for_others_is_not_counted_as_an_address(portal: Path, callers: Callers) -> None:
    (portal / "portal.toml").write_text(TOML + 'trusted_proxy = ["127.0.0.1"]\n')

    async def use(_session: ClientSession, url: str) -> None:
        assert still_open(await callers.call(url, crowd.AN_ADDRESS + 40)) == crowd.AN_ADDRESS + 40

    ask(portal, use)


def test_when_all_places_are_taken_a_person_is_served_and_the_oldest_that_waits_gives_way(portal: Path, callers: Callers) -> None:
    async def use(_session: ClientSession, url: str) -> None:
        streams = [each for last in range(2, 6) for each in await callers.call(url, 120, address=f"127.0.0.{last}")]
        assert still_open(streams) == crowd.room_for() == 400
        assert await status_from(url, "127.0.0.1") == 200

    with open_files(1000 if resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 1000 else 0):
        ask(portal, use)


def test_a_request_that_does_not_arrive_is_closed(portal: Path, callers: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "HEAD_PATIENCE", 1)

    async def use(_session: ClientSession, url: str) -> None:
        streams = await callers.call(url, 3) + await callers.call(url, 3, sent=b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        for _ in range(4):  # one more byte each time doesn't help
            await asyncio.sleep(0.4)
            for each in streams:
                with suppress(OSError):
                    each.send(b"G")
        assert still_open(streams) == 0

    ask(portal, use)


def test_tls_that_is_half_begun_is_closed_and_gives_way(portal: Path, callers: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    make_pair(portal / "secrets" / "front-tls.pem", "127.0.0.1", "server")
    monkeypatch.setattr(crowd, "HANDSHAKE", 3)
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # the first bytes of a client's hello

    async def use(_session: ClientSession, url: str) -> None:
        streams = await callers.call(url, crowd.AN_ADDRESS + 20, sent=hello)
        assert still_open(streams) == crowd.AN_ADDRESS
        async with (
            ClientSession(connector=TCPConnector(local_addr=("127.0.0.1", 0), ssl=False)) as session,
            session.get(url.replace("http:", "https:")) as answer,
        ):
            assert answer.status == 200, "someone else at the same address is served"
        await asyncio.sleep(3.3)
        assert still_open(streams) == 0

    ask(portal, use)


def test_first_lines_without_end_are_cut_off(portal: Path, callers: Callers) -> None:
    async def use(_session: ClientSession, url: str) -> None:
        lines = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 8000) for number in range(50))
        async with asyncio.timeout(front.HEAD_PATIENCE / 2):
            assert await head_sent(url, b"GET / HTTP/1.1\r\nHost: a\r\n" + lines, patience=60) == ""
        assert await status_from(url, "127.0.0.1") == 200

    ask(portal, use)


def test_a_body_that_trickles_is_dropped_after_its_time(portal: Path, callers: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.5)

    async def use(_session: ClientSession, url: str) -> None:
        assert " 408 " in await head_sent(url, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nslow")

    ask(portal, use)


def test_large_bodies_of_an_address_have_one_limit_together_and_small_forms_pass(portal: Path, callers: Callers) -> None:
    """60 connections that each send most of a megabyte hold 4 MB, and not 60."""
    start = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + b"x" * 600_000

    async def use(session: ClientSession, url: str) -> None:
        streams = await callers.call(url, 60, sent=start)
        await asyncio.sleep(0.5)
        answers = [each.recv(12) for each in streams if select.select([each], [], [], 0)[0]]
        assert len(streams) - len(answers) <= bodies.OF_AN_ADDRESS // (600_000 - bodies.SMALL)
        assert set(answers) == {b"HTTP/1.1 503"}
        async with session.post(url, data=b"x" * bodies.SMALL) as answer:
            assert answer.status == 200

    ask(portal, use)


def test_the_front_process_waits_and_logs_it_once_per_pause_when_no_files_are_left(portal: Path, callers: Callers, caplog: pytest.LogCaptureFixture) -> None:
    async def use(_session: ClientSession, url: str) -> None:
        used = len(list(Path("/proc/self/fd").iterdir()))
        with caplog.at_level(logging.WARNING), open_files(used + 20):
            with pytest.raises(OSError, match="Too many open files"):
                await callers.call(url, 100)
            await asyncio.sleep(1.2)
        assert 0 < len(caplog.records) <= 6
        callers.close()
        await asyncio.sleep(crowd.PAUSE + 0.2)
        assert await status_from(url, "127.0.0.1") == 200

    ask(portal, use)
