"""Faults between the district's computer and the portal. Each file is delivered once, or visibly refused."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncssh
import pysequoia
import pytest

from homeroom.gateway.register import add_sender, revoke_sender
from tests.journeys.gateway_rig import OFFICE, Rig, keys, sealed, signer
from tests.journeys.kill import until


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path).make("lincoln", "harbor")
    with made.running("lincoln", "harbor"):
        yield made


@pytest.fixture
def quiet_rig(tmp_path: Path) -> Rig:
    """Nothing runs yet."""
    return Rig(tmp_path).make("lincoln", "harbor")


def _two_portals(content: bytes) -> bytes:
    both = [keys(slug)[0].extract_certificate() for slug in ("lincoln", "harbor")]
    return pysequoia.encrypt(content, recipients=both, signer=signer().signer(), armor=False)


REFUSED: dict[str, Callable[[], bytes]] = {
    "plain": lambda: b"sourcedId,givenName\n1,Nina\n",
    "empty": lambda: b"",
    "wrong-recipient": lambda: sealed(b"grades", "harbor"),
    "two-portals": lambda: _two_portals(b"grades"),
    "plain-after": lambda: sealed(b"grades") + b"\nNina Ruiz\n",
    "truncated": lambda: sealed(bytes(5000))[:-40],
}


@pytest.mark.parametrize("reason", REFUSED)
def test_file_that_is_not_sealed_for_its_portal_is_refused_and_removed(rig: Rig, reason: str) -> None:
    rig.write("export", REFUSED[reason]())
    assert rig.sftp("put export incoming/").returncode != 0
    assert f"refused: {reason}\n" in rig.refusals()
    assert until(lambda: not rig.drafts()) and not rig.spooled()
    assert not list(rig.inbox().iterdir()) and not list(rig.inbox("harbor").iterdir())


def test_client_that_shows_messages_reads_what_to_do(rig: Rig) -> None:
    async def send() -> None:
        async with (
            asyncssh.connect(
                "127.0.0.1", rig.sftp_port, username=OFFICE, client_keys=[rig.folder / "id"], known_hosts=None,
                config=None,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            rig.write("export", b"plain,text\n")
            with pytest.raises(asyncssh.SFTPFailure, match="Please seal it with the portal's certificate"):
                await client.put(rig.folder / "export", "incoming/export")
            await client.stat("incoming/export")  # paramiko reads only this answer

    with pytest.raises(asyncssh.SFTPFailure, match="Please seal it with the portal's certificate"):
        asyncio.run(send())


def test_file_over_the_limit_is_stopped_while_it_streams(rig: Rig) -> None:
    async def send() -> None:
        async with (
            asyncssh.connect(
                "127.0.0.1",
                rig.sftp_port,
                username=OFFICE,
                client_keys=[rig.folder / "id"],
                known_hosts=None,
                config=None,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            file = await client.open("incoming/huge", "wb", encoding=None)
            await file.write(bytes(1000), 0)
            with pytest.raises(asyncssh.SFTPFailure, match="1 GiB"):
                await file.write(bytes(1000), (1 << 30) - 10)
            assert not rig.drafts()
            with pytest.raises(asyncssh.SFTPFailure, match="1 GiB"):
                await file.close()

    asyncio.run(send())
    assert "refused: too-large" in rig.refusals()


def test_sender_with_too_much_waiting_is_asked_to_wait(quiet_rig: Rig) -> None:
    quiet_rig.settings += "files_a_sender = 2\n"
    quiet_rig.write_settings()
    with quiet_rig.running():  # Lincoln's inbox is away
        for number in range(3):
            quiet_rig.write("export", sealed(bytes([number])))
            assert (quiet_rig.sftp("put export").returncode == 0) is (number < 2)
        assert len(quiet_rig.spooled()) == 2


def test_connection_reset_in_the_middle_leaves_nothing(rig: Rig) -> None:
    """A cut at the exact end of a whole sealed file doesn't count as a whole file, because no one closed it."""
    content = sealed(b"grades" * 50_000)

    async def send() -> None:
        connection = await asyncssh.connect(
            "127.0.0.1", rig.sftp_port, username=OFFICE, client_keys=[rig.folder / "id"], known_hosts=None, config=None
        )
        client = await connection.start_sftp_client()
        file = await client.open("incoming/export", "wb")
        await file.write(content)
        assert rig.drafts()
        connection.abort()
        await connection.wait_closed()

    asyncio.run(send())
    assert until(lambda: not rig.drafts())
    assert until(lambda: bool(rig.events("upload broke off")))
    time.sleep(0.3)
    assert not rig.spooled() and not list(rig.inbox().iterdir())


def test_client_killed_in_the_middle_leaves_nothing(rig: Rig) -> None:
    rig.write("export", sealed(os.urandom(30_000_000)))
    client = subprocess.Popen(
        ["sftp", "-q", "-l", "20000", "-b", "-", *rig.options(), f"{OFFICE}@127.0.0.1"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=rig.folder, text=True,
    )  # fmt: skip
    assert client.stdin
    client.stdin.write("put export incoming/\n")
    client.stdin.flush()
    assert until(lambda: any(path.stat().st_size for path in rig.drafts()))
    client.kill()
    client.communicate()
    assert until(lambda: not rig.drafts())
    assert not rig.spooled() and not list(rig.inbox().iterdir())


def test_revoked_sender_is_cut_and_its_waiting_files_removed(quiet_rig: Rig) -> None:
    with quiet_rig.running():
        quiet_rig.write("export", sealed(b"grades"))
        assert quiet_rig.sftp("put export").returncode == 0
        line = ["ssh", "-p", str(quiet_rig.sftp_port), *quiet_rig.options()[2:], "-s", f"{OFFICE}@127.0.0.1", "sftp"]
        nothing = subprocess.DEVNULL
        with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=nothing, stderr=nothing) as open_line:
            assert until(lambda: len(quiet_rig.events("signed in")) == 2)
            revoke_sender(quiet_rig.gateway, OFFICE)
            assert open_line.wait(5) != 0
        assert quiet_rig.sftp("ls").returncode != 0
        assert until(lambda: not quiet_rig.spooled())
        assert "refused: withdrawn" in quiet_rig.refusals()


def test_expired_sender_is_not_let_in(rig: Rig) -> None:
    ended = datetime.now(UTC) - timedelta(minutes=1)
    add_sender(rig.gateway, OFFICE, [(rig.folder / "id.pub").read_text()], ["lincoln"], ended)
    assert rig.sftp("ls").returncode != 0


def test_a_sender_added_while_the_gateway_runs_may_send_right_away(rig: Rig) -> None:
    add_sender(rig.gateway, "county", [rig.make_key("county")], ["harbor"])
    digest = rig.write("export", sealed(b"harbor", "harbor"))
    assert rig.sftp("put export", user="county", key="county").returncode == 0
    assert until(lambda: rig.is_delivered(digest, "harbor"))


def test_gateway_leaves_no_core_behind(quiet_rig: Rig) -> None:
    """The names of files are in its memory."""
    with quiet_rig.running() as gateway:
        limits = Path(f"/proc/{gateway.pid}/limits").read_text()
        assert any(line.split()[:6] == ["Max", "core", "file", "size", "0", "0"] for line in limits.splitlines())


def test_broken_book_keeps_the_last_good_one_and_says_so(rig: Rig) -> None:
    book = rig.gateway / "senders.json"
    good = book.read_text()
    book.write_text(good[:-10])
    assert rig.sftp("ls").returncode == 0
    said = rig.events("book unreadable, the last good one stays in force")
    assert "senders.json" in str(said[0]["reason"])
    book.write_text(good)


def test_gateway_without_its_settings_says_what_to_write(quiet_rig: Rig) -> None:
    (quiet_rig.folder / "homeroom.toml").write_text('[gateway]\nsftp_host = "127.0.0.1"\n')
    part = quiet_rig.gateway_part().start()
    assert part.wait_dead(10)
    assert "homeroom.toml must say sftp_port under [gateway]." in quiet_rig.log.read_text()
    assert "Traceback" not in quiet_rig.log.read_text()
