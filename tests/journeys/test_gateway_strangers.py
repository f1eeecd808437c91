"""Strangers connect to the gateway and use it up. Lincoln's office still signs in and delivers."""

import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path

import asyncssh
import psutil
import pytest

from homeroom.gateway.register import add_sender
from tests.journeys.gateway_rig import OFFICE, Rig, sealed
from tests.journeys.kill import is_open, until

ONE = ["127.0.0.1"]  # the office's own address
MANY = [f"127.0.1.{n}" for n in range(1, 31)]
SOON = 5.0  # seconds to sign in, send a file and have it in the portal's inbox


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path).make("lincoln")


def knock(rig: Rig, address: str) -> socket.socket:
    """Connects, and sends nothing."""
    return socket.create_connection(("127.0.0.1", rig.sftp_port), timeout=10, source_address=(address, 0))


@contextmanager
def strangers(rig: Rig, count: int, addresses: Sequence[str]) -> Iterator[list[socket.socket]]:
    held = [knock(rig, address) for address in islice(cycle(addresses), count)]
    try:
        yield held
    finally:
        for each in held:
            each.close()


def is_held(line: socket.socket) -> bool:
    """Returns whether the gateway keeps this connection."""
    line.settimeout(0)
    try:
        while line.recv(4096):
            pass
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    return False


def count_held(held: Sequence[socket.socket]) -> int:
    return sum(is_held(each) for each in held)


def seconds_to_deliver(rig: Rig, number: int = 0) -> float:
    digest = rig.write("export.zip.gpg", sealed(b"grades %d" % number))
    begun = time.monotonic()
    answer = rig.sftp("put export.zip.gpg incoming/")
    assert answer.returncode == 0, answer.stderr + rig.log.read_text()
    assert until(lambda: rig.is_delivered(digest)), rig.log.read_text()
    return time.monotonic() - begun


def with_settings(rig: Rig, text: str) -> Rig:
    rig.settings += text
    rig.write_settings()
    return rig


@pytest.mark.parametrize(("addresses", "least", "most"), [(ONE, 48, 50), (MANY, 100, 200)], ids=["one address", "many addresses"])
def test_the_office_delivers_while_strangers_hold_300_connections(rig: Rig, addresses: list[str], least: int, most: int) -> None:
    with rig.running("lincoln"), strangers(rig, 300, addresses) as held:
        assert seconds_to_deliver(rig) < SOON
        assert least <= count_held(held) <= most


def test_the_office_delivers_while_strangers_connect_as_fast_as_they_can(rig: Rig) -> None:
    """Each connection that the gateway closes is opened again right away, from thirty addresses."""
    ended = threading.Event()
    opened = 0

    def flood(held: list[socket.socket]) -> None:
        nonlocal opened
        for at in cycle(range(len(held))):
            if ended.is_set():
                return
            if not is_held(held[at]):
                held[at].close()
                held[at] = knock(rig, MANY[at % len(MANY)])
                opened += 1

    with rig.running("lincoln"), strangers(rig, 300, MANY) as held:
        flooding = threading.Thread(target=flood, args=[held])
        flooding.start()
        try:
            times = [seconds_to_deliver(rig, number) for number in range(3)]
        finally:
            ended.set()
            flooding.join()
    assert max(times) < SOON
    assert opened > 300  # the control: it was a flood


def test_strangers_use_up_no_session_of_a_sender(rig: Rig) -> None:
    with with_settings(rig, "sessions = 3\n").running("lincoln"), strangers(rig, 20, ONE) as held:
        assert rig.sftp("ls").returncode == 0
        assert count_held(held) == 20


def test_senders_have_a_limit_of_their_own(rig: Rig) -> None:
    add_sender(rig.gateway, "county", [rig.make_key("county")], ["lincoln"])
    with with_settings(rig, "sessions = 1\n").running("lincoln"):
        line = ["ssh", "-p", str(rig.sftp_port), *rig.options("county")[2:], "-s", "county@127.0.0.1", "sftp"]
        with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
            assert until(lambda: bool(rig.events("signed in")))
            assert rig.sftp("ls").returncode != 0
            first.kill()
        assert until(lambda: rig.sftp("ls").returncode == 0)


@pytest.mark.parametrize("sent", [b"", b"SSH-2.0-stranger\r\n", b"\x00" * 100], ids=["nothing", "a version", "zeros"])
def test_a_connection_that_does_not_finish_the_key_exchange_is_closed(rig: Rig, sent: bytes) -> None:
    with with_settings(rig, "handshake_seconds = 0.5\n").running(), closing(knock(rig, ONE[0])) as line:
        line.sendall(sent)
        assert is_held(line)
        assert until(lambda: not is_held(line), 3)
        assert rig.sftp("ls").returncode == 0


def test_a_sign_in_has_an_end(rig: Rig) -> None:
    """ssh asks for the key's passphrase, and no one answers."""
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "tulip", "-f", rig.folder / "id"], check=True)
    asks = rig.folder / "asks"
    asks.write_text("#!/bin/sh\nsleep 30\n")
    asks.chmod(0o700)
    options = [each.replace("BatchMode=yes", "BatchMode=no") for each in rig.options()[2:]]
    line = ["ssh", "-p", str(rig.sftp_port), *options, f"{OFFICE}@127.0.0.1"]
    environment = os.environ | {"SSH_ASKPASS": str(asks), "SSH_ASKPASS_REQUIRE": "force"}
    with (
        with_settings(rig, "sign_in_seconds = 1\n").running(),
        subprocess.Popen(line, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as asking,
    ):
        assert until(lambda: len(rig.events("sign-in refused")) == 1, 5), rig.log.read_text()
        os.killpg(asking.pid, 9)


def allow_files(process: psutil.Process, more: int) -> None:
    hard = process.rlimit(psutil.RLIMIT_NOFILE)[1]
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (process.num_fds() + more, hard))


def test_the_gateway_rests_and_the_office_delivers_without_file_descriptors(rig: Rig) -> None:
    with rig.running("lincoln") as gateway:
        assert seconds_to_deliver(rig) < SOON
        process = psutil.Process(gateway.pid)
        allow_files(process, 24)
        with strangers(rig, 300, MANY) as held:
            assert until(lambda: bool(rig.events("no room for another connection")), 5)
            assert seconds_to_deliver(rig, 1) < SOON
            used, size = sum(process.cpu_times()[:2]), rig.log.stat().st_size
            time.sleep(1.5)
            assert sum(process.cpu_times()[:2]) - used < 0.5
            assert rig.log.stat().st_size - size < 2000
            assert count_held(held) < 24


def test_a_gateway_that_can_accept_no_one_pauses_and_continues_later(rig: Rig) -> None:
    """Something else has all the descriptors, so it can close no connection to get one."""
    with rig.running("lincoln") as gateway:
        assert seconds_to_deliver(rig) < SOON
        process = psutil.Process(gateway.pid)
        allow_files(process, 0)
        with strangers(rig, 20, ONE):
            assert until(lambda: bool(rig.events("no room for another connection")), 5)
            used = sum(process.cpu_times()[:2])
            time.sleep(1.5)
            assert sum(process.cpu_times()[:2]) - used < 0.3
            assert rig.log.stat().st_size < 5000
            allow_files(process, 100)
            assert seconds_to_deliver(rig, 1) < SOON


def test_the_gateway_opens_as_many_files_as_the_system_allows(rig: Rig) -> None:
    code = "import sys; from pathlib import Path; from homeroom.gateway.run import run; run(Path(sys.argv[1]))"
    line = ["prlimit", "--nofile=256:3000", sys.executable, "-c", code, str(rig.folder)]
    with subprocess.Popen(line, stderr=subprocess.DEVNULL) as gateway:
        try:
            assert until(lambda: is_open(rig.sftp_port))
            assert psutil.Process(gateway.pid).rlimit(psutil.RLIMIT_NOFILE) == (3000, 3000)
        finally:
            gateway.kill()


def test_strangers_cannot_fill_the_disk_with_the_log(rig: Rig) -> None:
    rig.make_key("stranger")
    with rig.running() as gateway:
        for _ in range(30):
            with strangers(rig, 100, ONE):
                pass
        tries = [
            subprocess.Popen(["sftp", "-q", "-b", "/dev/null", *rig.options("stranger"), "nina.ruiz@127.0.0.1"], stderr=subprocess.DEVNULL)
            for _ in range(40)
        ]
        assert [each.wait(60) for each in tries] == [255] * 40
        assert gateway.stop() == 0
    assert len(rig.events("sign-in refused")) == 20 and len(rig.events("closed for a newer connection")) <= 20
    assert [(line["sender"], line["lines"]) for line in rig.events("lines left out") if line["of"] == "sign-in refused"] == [("unknown", 20)]
    assert rig.log.stat().st_size < 8000 and "nina" not in rig.log.read_text()


FORGED = '{"at": "2026-12-01T00:00:00.000+00:00", "event": "delivered"}'
ODD = (f"a\n{FORGED}\n", "\x1b[31mred", "a\rb", "\u2028b", "\u202egpg.exe", "\x9b31m", "a\x00b")


def test_no_one_writes_lines_or_colors_into_the_log_by_a_username_or_a_file_name(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncssh.connection, "saslprep", str)  # a client that sends any name

    async def named(user: str, names: Sequence[str]) -> None:
        """Signs in with Lincoln's key, and tries to write files with these names."""
        options = {"port": rig.sftp_port, "username": user, "client_keys": [rig.folder / "id"], "known_hosts": None, "config": None}
        async with asyncssh.connect("127.0.0.1", **options) as line, line.start_sftp_client() as sftp:
            for name in names:
                with suppress(asyncssh.SFTPError):
                    async with sftp.open(f"incoming/{name}".encode(), "wb") as file:
                        await file.write(b"no seal")

    with rig.running("lincoln"):
        asyncio.run(named(OFFICE, ODD))
        for user in (*ODD, "nobody"):
            with pytest.raises((asyncssh.Error, OSError)):
                asyncio.run(named(user, []))
        assert until(lambda: bool(rig.events("sign-in refused")))
    text = rig.log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert not [line for line in lines if line["event"] == "delivered"] and len(lines) == text.count('{"at"')
    assert text.replace("\n", "").isprintable() and text.isascii() and "31m" not in text
