"""A file from an administrator's browser at the inbox. It is judged before it is written, kept whole or not at all, and refused in one word."""

import json
import os
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from homeroom.portal.intake.inbox.store import InboxStore
from homeroom.portal.intake.inbox.upload import HEAD, Upload, names_of
from homeroom.portal.intake.tests.upload_rig import files, hand_on, made, started
from homeroom.seal.envelope import NotSealed
from homeroom.seal.keys import written
from homeroom.seal.tests.gpg import certificate_of, computer
from tests.disk import disk
from tests.journeys.gateway_rig import Rig, digest_of, keys, sealed
from tests.journeys.kill import read_trace, until

ROWS = os.urandom(300_000)  # can't be compressed, so the file is longer than the head that is held back
SMALL, LARGE = sealed(b"grades" * 100), sealed(ROWS)
LEAVE = str(uuid4())


@pytest.fixture
def near() -> Iterator[Path]:
    """Yields a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="hr-") as name:
        yield Path(name)


@pytest.fixture
def rig(near: Path) -> Iterator[Rig]:
    rig = made(near)
    inbox = started(rig)
    try:
        yield rig
    finally:
        inbox.kill()


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_file_is_kept_under_its_digest_with_the_leave_it_came_by(rig: Rig, content: bytes) -> None:
    digest = digest_of(content)
    assert hand_on(rig, content, LEAVE) == {"digest": digest, "known": False}
    assert (rig.inbox() / f"{digest}.pgp").read_bytes() == content
    note = json.loads((rig.inbox() / f"{digest}.json").read_text())
    assert (note["sender"], note["upload"]) == ("", LEAVE) and note["received"].endswith("+00:00")
    assert {stat.S_IMODE(path.stat().st_mode) for path in rig.inbox().iterdir()} == {0o640}  # the opener and intake read it


def test_same_file_again_is_known_and_the_first_note_stays(rig: Rig) -> None:
    hand_on(rig, LARGE, LEAVE)
    assert hand_on(rig, LARGE) == {"digest": digest_of(LARGE), "known": True}
    assert json.loads((rig.inbox() / f"{digest_of(LARGE)}.json").read_text())["upload"] == LEAVE


def sealed_by_gpg(content: bytes, *words: str) -> bytes:
    with computer(certificate_of(keys("lincoln")[0])) as gpg:
        gpg.make_key("Carl Webb")
        return gpg.seal(content, *words, to=certificate_of(keys("lincoln")[0]))


def test_file_that_gpg_sealed_is_kept_armoured_too(rig: Rig) -> None:
    for words in ((), ("--armor", "-se")):
        content = sealed_by_gpg(ROWS, *words)
        assert hand_on(rig, content)["digest"] == digest_of(content)


REFUSED = {
    "nothing": (b"", "empty"),
    "a small text": (b"sourcedId,givenName\nnina,Nina\n", "plain"),
    "a large ZIP": (b"PK\x03\x04" + ROWS, "plain"),
    "a text with a byte order mark": ("\ufeffsourcedId,givenName\n".encode() + ROWS, "plain"),
    "for another portal": (sealed(b"grades", "harbor"), "not-for-us"),
    "for another portal, large": (sealed(ROWS, "harbor"), "not-for-us"),
    "cut off": (SMALL[:-20], "truncated"),
    "cut off, large": (LARGE[:-20], "truncated"),
    "with something unsealed after it": (LARGE + b"sourcedId,givenName\n", "plain-after"),
    "a certificate": (bytes(keys("lincoln")[0].extract_certificate()), "key"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_an_upload_that_is_not_sealed_for_this_portal_is_refused_and_deleted(rig: Rig, content: bytes, reason: str) -> None:
    assert hand_on(rig, content) == {"wrong": reason}
    assert files(rig) == []
    assert "Nina" not in rig.log.read_text()


def test_no_byte_of_a_plain_file_is_written(tmp_path: Path) -> None:
    """The folder doesn't exist, and the answer is still about the seal."""
    upload = Upload(InboxStore(tmp_path / "nowhere"), names_of(tmp_path))
    upload.take(b"PK\x03\x04" + ROWS[: HEAD - 5])
    with pytest.raises(NotSealed):
        upload.take(ROWS)


def test_file_for_the_certificate_before_is_kept_while_its_key_opens(rig: Rig) -> None:
    (rig.portal() / "cert" / "former.asc").write_text(written(keys("harbor")[0].extract_certificate()))
    assert "digest" in hand_on(rig, sealed(b"grades", "harbor"))


@pytest.mark.parametrize("whole", [SMALL, LARGE], ids=["small", "large"])
def test_line_that_breaks_leaves_nothing(rig: Rig, whole: bytes) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield whole[: len(whole) // 2]
        raise ConnectionResetError

    with pytest.raises((aiohttp.ClientError, ConnectionResetError)):
        hand_on(rig, half())
    assert until(lambda: files(rig) == [], 60)
    assert "Traceback" not in rig.log.read_text()


def test_only_the_front_can_bring_a_file_without_the_gateways_certificate(rig: Rig) -> None:
    """The gateway's address has no uploads, and the front's socket has no senders and no receipts."""
    for path in ("sealed/" + "a" * 64, "uploads/x", "uploads/" + "a" * 36):
        with pytest.raises(aiohttp.ClientResponseError, match="404"):
            hand_on(rig, SMALL, f"../{path}")


def test_a_full_disk_is_reported_and_nothing_is_kept(near: Path) -> None:
    rig = made(near)
    with disk(rig.inbox(), "200k", "700"):
        inbox = started(rig)
        assert hand_on(rig, LARGE) == {"wrong": "no-room"}
        assert files(rig) == []
        assert "digest" in hand_on(rig, SMALL)
        inbox.kill()


def test_killed_after_any_call_that_reaches_the_disk_the_file_is_whole_or_gone(near: Path) -> None:
    rig, trace = made(near), near / "trace"
    traced = started(rig, trace=trace)
    hand_on(rig, LARGE)
    calls = [line.split("\t")[0] for line in read_trace(trace)]
    traced.kill()
    assert calls == ["fsync", *["fsync", "replace", "fsync"] * 2]  # the first at the start, then the file and its note
    for nth in range(2, len(calls) + 1):
        for path in rig.inbox().iterdir():
            path.unlink()
        dying = started(rig, die_after=nth)
        with pytest.raises(aiohttp.ClientError):
            hand_on(rig, LARGE)
        assert dying.wait_dead(60)
        again = started(rig)
        assert files(rig) in ([], [f"{digest_of(LARGE)}.json", f"{digest_of(LARGE)}.pgp"])
        assert hand_on(rig, LARGE)["digest"] == digest_of(LARGE)
        assert files(rig) == [f"{digest_of(LARGE)}.json", f"{digest_of(LARGE)}.pgp"]
        again.kill()
