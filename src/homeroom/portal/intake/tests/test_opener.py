"""The opener as intake uses it: over its socket, in its own processes, killed at any time."""

import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.portal.intake.opening import opener
from homeroom.portal.intake.opening.frames import (
    Kind,
    OpenerAway,
    Unfinished,
    opened,
    receive,
    send,
    socket_of,
)
from homeroom.portal.intake.tests.opener_portal import (
    KEY,
    OFFICE,
    ROWS,
    SENDERS,
    answer,
    delivered,
    opener_of,
    portal_folder,
    read,
    sealed,
)
from homeroom.seal import keys, sealing
from homeroom.seal.broken import SealBroken
from homeroom.seal.hybrid import make_opening_keys
from homeroom.seal.tests.gpg import certificate_of


@pytest.fixture
def portal() -> Iterator[Path]:
    with portal_folder(KEY) as folder:
        yield folder


@pytest.fixture
def running(portal: Path) -> Iterator[int]:
    with opener_of(portal) as child:
        yield child


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sealed(tmp_path_factory.mktemp("large"), os.urandom(60 << 20))


def test_intake_reads_carls_export_and_then_who_signed_it(portal: Path, running: int, tmp_path: Path) -> None:
    content, verdict = read(portal, delivered(portal, sealed(tmp_path, ROWS)))
    assert content == ROWS
    assert verdict.signer == OFFICE.extract_certificate().fingerprint
    assert not verdict.is_armoured
    assert set(verdict.recipients) <= keys.encryption_key_names(certificate_of(KEY))


def test_intake_may_read_as_from_a_file(portal: Path, running: int, tmp_path: Path) -> None:
    digest = delivered(portal, sealed(tmp_path, ROWS))
    with opened(portal, digest, SENDERS) as stream:
        assert stream.read(10) == ROWS[:10]
        assert stream.read(1 << 20) == ROWS[10:]
        assert stream.read(1) == b""


def test_a_refusal_reaches_intake_as_its_reason(portal: Path, running: int, tmp_path: Path) -> None:
    good = sealed(tmp_path, ROWS)
    for content, code in (
        (ROWS, "plain"),
        (good + b"Nina", "plain-after"),
        (good[:-1] + bytes([good[-1] ^ 1]), "broken-seal"),
        (good[:200], "truncated"),
    ):
        with pytest.raises(SealBroken) as broken:
            read(portal, delivered(portal, content))
        assert broken.value.reason == code
    with pytest.raises(SealBroken) as broken, opened(portal, delivered(portal, good), []) as stream:
        stream.read(1 << 20)
    assert broken.value.reason == "unknown-signer"


def test_a_partly_read_file_never_passes_for_the_whole_file(portal: Path, running: int, large: bytes) -> None:
    digest = delivered(portal, large)
    with pytest.raises(Unfinished), opened(portal, digest, SENDERS) as stream:
        stream.read(100)
    with opened(portal, digest, SENDERS) as stream:
        next(iter(stream))
        with pytest.raises(Unfinished):
            _ = stream.verdict
        for _ in stream:
            pass


def test_a_digest_never_becomes_another_path(portal: Path, running: int, tmp_path: Path) -> None:
    (portal / "inbox" / "x.pgp").write_bytes(sealed(tmp_path, ROWS))
    for odd in ("x", "../secrets/opening", "0" * 63, "0" * 64 + "/", "A" * 64, "0" * 64 + "\n"):
        with pytest.raises(ValueError, match="digest"), opened(portal, odd, SENDERS):
            pass
        assert answer(portal, {"digest": odd, "senders": SENDERS}) == {"ok": False, "reason": "missing"}
    assert answer(portal, {"digest": "0" * 64, "senders": SENDERS}) == {"ok": False, "reason": "missing"}


def test_a_link_in_the_inbox_is_not_followed(portal: Path, running: int, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(sealed(tmp_path, ROWS))
    (portal / "inbox" / f"{'1' * 64}.pgp").symlink_to(elsewhere)
    with pytest.raises(OpenerAway):
        read(portal, "1" * 64)


def test_odd_requests_end_themselves_and_not_the_opener(portal: Path, running: int, tmp_path: Path) -> None:
    for octets in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x01\xff\xff\xff\xff", b"\x01\0\0\0\x02[]", b"\x02\0\0\0\x02{}"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(socket_of(portal)))
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
            with pytest.raises(OpenerAway):
                receive(connection)
    assert answer(portal, {"digest": "0" * 64, "senders": ["no certificate"]}) == {"ok": False, "reason": "missing"}
    assert read(portal, delivered(portal, sealed(tmp_path, ROWS)))[0] == ROWS


def test_intake_gets_a_retry_error_without_an_opener(portal: Path) -> None:
    with pytest.raises(OpenerAway), opened(portal, "0" * 64, SENDERS):
        pass


def test_a_portal_without_a_key_refuses_to_start(portal: Path) -> None:
    (portal / "secrets" / "opening.pgp").unlink()
    with pytest.raises(opener.NoOpeningKey, match="portal cert"):
        opener.run(portal)


def test_a_new_certificate_needs_no_restart_and_the_old_one_goes_on(portal: Path, running: int, tmp_path: Path) -> None:
    digest = delivered(portal, sealed(tmp_path, ROWS))
    keys.replace_key(portal / "secrets" / "opening.pgp", *make_opening_keys("Lincoln Unified"))
    assert read(portal, digest)[0] == ROWS
    keys.write_secrets([keys.make_opening_key("Lincoln Unified")], portal / "secrets" / "opening.pgp")
    with pytest.raises(SealBroken) as broken:
        read(portal, digest)
    assert broken.value.reason == "not-for-us"


def test_a_file_for_the_hybrid_key_is_opened_inside_the_openers_limits(portal: Path, running: int, tmp_path: Path) -> None:
    """ML-KEM runs under the same system call filter."""
    plain, hybrid = make_opening_keys("Lincoln Unified")
    keys.write_secrets([plain, hybrid], portal / "secrets" / "opening.pgp")
    source, out = tmp_path / "export.zip", tmp_path / "export.zip.gpg"
    source.write_bytes(ROWS)
    sealing.seal(source, certificate_of(plain), OFFICE, out, pinned=certificate_of(plain).fingerprint, hybrid=certificate_of(hybrid))
    content, verdict = read(portal, delivered(portal, out.read_bytes()))
    assert content == ROWS and set(verdict.recipients) <= keys.encryption_key_names(certificate_of(hybrid))


def test_eight_files_at_the_same_time_all_get_their_verdict(portal: Path, running: int, tmp_path: Path) -> None:
    digests = [delivered(portal, sealed(tmp_path, ROWS + bytes([number]))) for number in range(8)]
    connections = []
    for digest in digests:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(socket_of(portal)))
        send(connection, Kind.REQUEST, json.dumps({"digest": digest, "senders": SENDERS}).encode())
        connections.append(connection)
    for number, connection in enumerate(connections):
        with connection:
            assert receive(connection) == (Kind.PIECE, ROWS + bytes([number]))
            assert json.loads(receive(connection)[1])["ok"] is True


def test_a_client_that_says_nothing_is_left(portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opener, "PATIENCE", 0.2)
    with opener_of(portal), socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(socket_of(portal)))
        started = time.monotonic()
        assert connection.recv(1) == b""
        assert time.monotonic() - started < 5


def test_no_log_line_tells_what_was_inside(portal: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with opener_of(portal):
        read(portal, delivered(portal, sealed(tmp_path, ROWS)))
        with pytest.raises(SealBroken):
            read(portal, delivered(portal, sealed(tmp_path, ROWS)[:-30] + bytes(30)))
        with pytest.raises(OpenerAway), socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(socket_of(portal)))
            connection.sendall(struct.pack(">BI", 1, 4) + b"Nina")
            receive(connection)
    said = "".join(capfd.readouterr())
    assert "Nina" not in said
    assert "PRIVATE" not in said
