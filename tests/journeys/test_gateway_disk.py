"""A full disk and a stolen disk. No file is kept in part, and no child's name is on the disk."""

import asyncio
import base64
import os
import zlib
from pathlib import Path

import asyncssh
import pytest

from homeroom.portal.intake.inbox import receipt_box
from tests.disk import disk, grow
from tests.journeys.gateway_rig import OFFICE, Rig, assert_once, digest_of, sealed
from tests.journeys.kill import until

CANARIES = ("Nina Ruiz", "nina-ruiz-grade-7", "Leo Ruiz", "2013-04-05", "ana.ruiz@example.org")


def fill(folder: Path, keep_free: int) -> Path:
    """Writes a file that leaves `keep_free` bytes to others. Returns its path."""
    room = os.statvfs(folder)
    path = folder / "filler"
    path.write_bytes(bytes(max(0, room.f_bavail * room.f_frsize - keep_free)))
    return path


@pytest.mark.parametrize("size", [4_300_000, 6_000_000, 40_000_000])
def test_full_gateway_says_so_and_keeps_nothing(tmp_path: Path, size: int) -> None:
    rig = Rig(tmp_path).make("lincoln")
    (rig.gateway / "home").mkdir()
    rig.write("large", sealed(os.urandom(size)))
    with disk(rig.gateway / "home", "4m", "700"), rig.running("lincoln"):
        assert rig.sftp("put large incoming/").returncode != 0
        assert until(lambda: not rig.drafts())
        assert "refused: no-room" in rig.refusals()
        assert not rig.spooled() and not list(rig.inbox().iterdir())


@pytest.mark.parametrize("free", [0, 4096, 8192, 16384, 32768, 49152, 65536, 131072])
def test_disk_that_fills_at_any_step_ends_in_a_refusal_or_a_delivery(tmp_path: Path, free: int) -> None:
    """The journal, the spool and the receipts are on the same full disk."""
    rig = Rig(tmp_path / "rig")
    (rig.gateway).mkdir(parents=True)
    content = sealed(os.urandom(40_000))
    with disk(rig.gateway, "2m", "700"):
        rig.make("lincoln")
        digest = rig.write("export", content)
        with rig.running("lincoln"):
            filler = fill(rig.gateway, free)
            was_taken = rig.sftp("put export incoming/").returncode == 0
            if was_taken:
                assert until(lambda: rig.is_delivered(digest)), rig.log.read_text()
            assert until(lambda: not rig.drafts() and not rig.spooled())
            filler.unlink()
            if not was_taken:
                assert rig.sftp("put export incoming/").returncode == 0, rig.log.read_text()
            assert until(lambda: rig.is_delivered(digest)), rig.log.read_text()
        with rig.running("lincoln"):  # and the journal is whole afterwards
            assert not rig.events("journal had unreadable lines")
        assert_once(rig, {digest: content})


def test_full_portal_answers_507_keeps_nothing_and_gets_the_file_later(tmp_path: Path) -> None:
    rig = Rig(tmp_path).make("lincoln")
    content = sealed(os.urandom(3_000_000))
    digest = rig.write("export", content)
    with disk(rig.inbox(), "2m", "700"), rig.running("lincoln"):
        assert rig.sftp("put export").returncode == 0
        assert until(lambda: any(each["detail"] == "answer 507" for each in rig.events("portal not reached")))
        assert until(lambda: not list(rig.inbox().iterdir()), seconds=2)
        grow(rig.inbox(), "8m")
        assert until(lambda: rig.is_delivered(digest)), rig.log.read_text()
        assert_once(rig, {digest: content})


def forms_of(canary: str) -> set[bytes]:
    """Returns it as UTF-8, in upper and lower case, reversed, as UTF-16, hex, base64 at each of its three offsets, and zlib."""
    plain = canary.encode()
    found = {plain, plain.upper(), plain.lower(), canary.encode("utf-16-le"), plain.hex().encode(), plain[::-1]}
    for offset in range(3):
        text = base64.b64encode(bytes(offset) + plain)
        found.add(text[4 if offset else 0 : -4])
    found.add(zlib.compress(plain)[2:-6])
    return found


def searched(content: bytes) -> list[bytes]:
    """Returns the content, and what any zlib or deflate stream in it unpacks to."""
    layers = [content]
    for start in range(len(content)):
        if content[start] == 0x78 or start == 0:
            for form in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
                try:
                    layers.append(zlib.decompressobj(form).decompress(content[start:], 1 << 20))
                except zlib.error:
                    continue
    return layers


def canaries_in(folder: Path) -> list[str]:
    found = []
    for path in [folder, *folder.rglob("*")]:
        names = [os.fsencode(path.name)]
        layers = names + (searched(path.read_bytes()) if path.is_file() else [])
        for canary in CANARIES:
            if any(form in layer for form in forms_of(canary) for layer in layers):
                found.append(f"{canary} in {path}")
    return found


def test_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    kept = {
        "plain": b"x,Nina Ruiz,7",
        "base64": base64.b64encode(b"x,Nina Ruiz,7"),
        "zlib": b"head" + zlib.compress(b"x,Nina Ruiz,7" * 9),
        "nina-ruiz-grade-7.csv": b"",
    }
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
    assert {entry.rsplit("/", 1)[1] for entry in canaries_in(tmp_path)} == set(kept)


def canaries_while_uploading(rig: Rig) -> list[str]:
    """Searches in the middle of an upload, which then breaks off."""

    async def look() -> list[str]:
        connection = await asyncssh.connect(
            "127.0.0.1", rig.sftp_port, username=OFFICE, client_keys=[rig.folder / "id"], known_hosts=None, config=None
        )
        client = await connection.start_sftp_client()
        await (await client.open("incoming/Nina Ruiz.gpg", "wb", encoding=None)).write(sealed(bytes(2_000_000)))
        assert rig.drafts()
        found = canaries_in(rig.gateway)
        connection.abort()
        await connection.wait_closed()
        return found

    return asyncio.run(look())


def test_gateways_disk_knows_no_child_at_any_moment(tmp_path: Path) -> None:
    rig = Rig(tmp_path).make("lincoln")
    secret = "\n".join(CANARIES).encode() * 200
    names = ["Nina Ruiz.csv.gpg", "nina-ruiz-grade-7.part", "Leo Ruiz 2013-04-05", "plain ana.ruiz@example.org"]
    with rig.running():  # Lincoln's inbox is away, so everything waits
        contents = {}
        for number, name in enumerate(names):
            content = secret if name.startswith("plain") else sealed(secret + bytes([number]))
            rig.write("export", content)
            taken = rig.sftp(f'put export "incoming/{name}"').returncode == 0
            assert taken is not name.startswith("plain")
            if not name.endswith(".part") and taken:
                contents[digest_of(content)] = content
        assert len(rig.spooled()) == 2
        assert canaries_in(rig.gateway) == []
        assert canaries_while_uploading(rig) == []
        inbox = rig.inbox_part().start()
        try:
            assert until(lambda: len(list(rig.inbox().glob("*.json"))) == 2 and not rig.spooled())
            for digest in contents:
                receipt_box.put(rig.portal(), digest, OFFICE, rig.receipt(digest))
            assert until(lambda: len(list(rig.home.glob("receipts/*.asc"))) == 2)
        finally:
            inbox.kill()
    assert canaries_in(rig.gateway) == []
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "log").write_bytes(rig.log.read_bytes())
    assert canaries_in(tmp_path / "logs") == []
    assert_once(rig, contents)
