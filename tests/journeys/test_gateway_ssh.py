"""What Debian's sftp and the gateway agree on, and what one connection may use."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.journeys.gateway_rig import OFFICE, Rig
from tests.journeys.kill import until

CTR = ("-o", "Ciphers=aes256-ctr")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path).make("lincoln")
    with made.running():
        yield made


def tried(rig: Rig, *options: str) -> "subprocess.CompletedProcess[str]":
    line = ["sftp", "-v", "-b", "/dev/null", *options, *rig.options(), f"{OFFICE}@127.0.0.1"]
    return subprocess.run(line, text=True, capture_output=True, timeout=60)


def known(kind: str) -> list[str]:
    return subprocess.run(["ssh", "-Q", kind], text=True, capture_output=True, check=True).stdout.split()


def offered(said: str) -> list[str]:
    return said.partition("Their offer: ")[2].split()[0].split(",")


def test_debians_sftp_agrees_on_no_nist_curve(rig: Rig) -> None:
    said = tried(rig).stderr
    exchange = said.partition("kex: algorithm: ")[2].split()[0]
    assert exchange in ("mlkem768x25519-sha256", "sntrup761x25519-sha512", "curve25519-sha256")
    assert "kex: host key algorithm: ssh-ed25519" in said
    assert "kex: server->client cipher: aes128-gcm@openssh.com MAC: <implicit>" in said


def test_a_client_with_nist_curves_only_is_refused_with_what_the_gateway_offers(rig: Rig) -> None:
    curves = [name for name in known("kex") if "nistp" in name]
    assert len(curves) >= 3
    for name in (*curves, ",".join(curves)):
        answer = tried(rig, "-o", f"KexAlgorithms={name}")
        assert answer.returncode == 255 and "no matching key exchange method found. Their offer:" in answer.stderr
    assert "curve25519-sha256" in offered(answer.stderr) and not any("nistp" in each for each in offered(answer.stderr))
    assert rig.log.read_text().count("Traceback") == 0


def test_every_mac_is_computed_from_what_was_encrypted(rig: Rig) -> None:
    for name in known("mac"):
        answer = tried(rig, *CTR, "-o", f"MACs={name}")
        assert (answer.returncode == 0) is (name in ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"))
        if answer.returncode:
            assert "no matching MAC found" in answer.stderr and all(each.endswith("-etm@openssh.com") for each in offered(answer.stderr))
        else:
            assert f"kex: client->server cipher: aes256-ctr MAC: {name}" in answer.stderr


def test_a_connection_has_ten_channels(rig: Rig) -> None:
    async def open_300() -> tuple[list[asyncssh.SFTPClient], list[str]]:
        async with asyncssh.connect(
            "127.0.0.1", rig.sftp_port, username=OFFICE, client_keys=[rig.folder / "id"], known_hosts=str(rig.folder / "known_hosts"), config=None
        ) as connection:
            opened, refused = [], []
            for _ in range(300):
                try:
                    opened.append(await connection.start_sftp_client())
                except asyncssh.ChannelOpenError as full:
                    refused.append(full.reason)
            for client in opened:
                assert set(await client.listdir("/")) == {".", "..", "incoming", "receipts"}
            for client in opened[:2]:
                client.exit()
                await client.wait_closed()
            for _ in range(30):  # a closed one makes room
                async with connection.start_sftp_client() as client:
                    assert "incoming" in await client.listdir("/")
            return opened, refused

    opened, refused = asyncio.run(open_300())
    assert (len(opened), len(refused)) == (10, 290)
    assert set(refused) == {"A connection can have 10 channels."}
    assert until(lambda: rig.sftp("ls").returncode == 0)
