"""Ports as another computer sees them. Here, that is loopback. tests/ops/test_hardening.py has two computers and a firewall."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.doctor.outside import addresses_of, from_outside, of_ports, tried
from tests.ports import free_port


@contextmanager
def answering(first: bytes) -> Iterator[int]:
    """A server that says `first` to everyone and hangs up when it hears something."""
    with socket.create_server(("127.0.0.1", free_port())) as listener:

        def serve() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                with line:
                    line.sendall(first)
                    if not first:
                        line.recv(1)

        thread = Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_open_and_closed_ports_are_told_apart_and_every_step_is_shown() -> None:
    shut, steps = free_port(), []
    with answering(b"SSH-2.0-x\r\n") as port:
        assert asyncio.run(tried("127.0.0.1", [port, shut], steps.append)) == {port}
    assert steps == [1, 2]


@pytest.mark.parametrize(
    ("found", "wanted", "states"),
    [
        ({443}, [443], {"port 443": "ok", "other ports": "ok"}),
        ({80, 443}, [443], {"port 443": "ok", "other ports": "ok"}),
        ({80, 2222}, [2222], {"port 2222": "ok", "port 80": "bad"}),
        ({443, 5432}, [443], {"port 443": "ok", "port 5432": "bad"}),
        ({443}, [443, 2222], {"port 443": "ok", "port 2222": "bad", "other ports": "ok"}),
        (set(), [443], {"port 443": "bad", "other ports": "unknown"}),
        ({22}, [443], {"port 443": "bad", "port 22": "bad", "other ports": "unknown"}),
    ],
)
def test_closed_ports_prove_something_only_if_the_host_answers(found: set[int], wanted: list[int], states: dict[str, str]) -> None:
    assert {each.what.removeprefix("192.0.2.7: "): each.state for each in of_ports("192.0.2.7", found, wanted)} == states


def test_an_ssh_server_is_not_asked_for_tls_and_a_web_server_is() -> None:
    with answering(b"SSH-2.0-x\r\n") as gateway, answering(b"") as web:
        found = list(from_outside("127.0.0.1", [gateway, web], lambda *_: None, is_every_port=False))
    states = {each.what: each.state for each in found}
    assert states["127.0.0.1: place"] == "warn", "this computer's own firewall doesn't show"
    assert states[f"127.0.0.1: port {gateway}"] == states[f"127.0.0.1: port {web}"] == "ok"
    assert states[f"127.0.0.1:{web}: TLS"] == "bad" and f"127.0.0.1:{gateway}: TLS" not in states


@pytest.mark.parametrize("host", ["no such host", "nowhere.invalid", ""])
def test_a_host_without_an_address_is_refused(host: str) -> None:
    with pytest.raises(NotDone):
        list(from_outside(host, [443], lambda *_: None, is_every_port=False))


def test_a_name_has_each_of_its_addresses() -> None:
    assert addresses_of("127.0.0.1") == ["127.0.0.1"] and addresses_of("::1") == ["::1"]
