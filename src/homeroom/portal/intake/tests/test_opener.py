"""The opener as intake meets it: over its socket, in processes of its own, killed at any time."""

import json
import logging
import os
import pwd
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from homeroom.portal.intake import opener, opening_confinement
from homeroom.portal.intake.opening_frames import (
    Kind,
    OpenerAway,
    Unfinished,
    Verdict,
    opened,
    receive,
    send,
    socket_of,
)
from homeroom.portal.intake.tests.opener_portal import delivered, opener_of, portal_folder
from homeroom.seal import keys, sealing
from homeroom.seal.broken import SealBroken
from homeroom.seal.tests.gpg import certificate_of

ROWS = b"s-1,Nina,Ruiz,07\r\ns-2,Leo,Ruiz,03\r\n" * 40
KEY = keys.make_opening_key("Lincoln Unified")
OFFICE = keys.make_sender_key("Carl Webb")
SENDERS = [keys.written(OFFICE.extract_certificate())]


def sealed(folder: Path, content: bytes) -> bytes:
    source, out = folder / "export.zip", folder / "export.zip.pgp"
    source.write_bytes(content)
    sealing.seal(source, certificate_of(KEY), OFFICE, out, pinned=certificate_of(KEY).fingerprint)
    return out.read_bytes()


@pytest.fixture
def portal() -> Iterator[Path]:
    with portal_folder(KEY) as folder:
        yield folder


@pytest.fixture
def running(portal: Path) -> Iterator[int]:
    with opener_of(portal) as child:
        yield child


def read(portal: Path, digest: str) -> tuple[bytes, Verdict]:
    with opened(portal, digest, SENDERS) as stream:
        content = b"".join(stream)
    return content, stream.verdict


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


def test_nobody_takes_what_was_read_for_the_whole(portal: Path, running: int, large: bytes) -> None:
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


def answer(portal: Path, request: object) -> object:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(socket_of(portal)))
        send(connection, Kind.REQUEST, json.dumps(request).encode())
        return json.loads(receive(connection)[1])


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


def test_without_an_opener_intake_is_told_to_ask_again(portal: Path) -> None:
    with pytest.raises(OpenerAway), opened(portal, "0" * 64, SENDERS):
        pass


def test_a_portal_without_a_key_refuses_to_start(portal: Path) -> None:
    (portal / "secrets" / "opening.pgp").unlink()
    with pytest.raises(opener.NoOpeningKey, match="portal cert"):
        opener.run(portal)


def test_a_new_certificate_needs_no_restart_and_the_old_one_goes_on(portal: Path, running: int, tmp_path: Path) -> None:
    digest = delivered(portal, sealed(tmp_path, ROWS))
    keys.replace_key(portal / "secrets" / "opening.pgp", keys.make_opening_key("Lincoln Unified"))
    assert read(portal, digest)[0] == ROWS
    keys.write_secrets([keys.make_opening_key("Lincoln Unified")], portal / "secrets" / "opening.pgp")
    with pytest.raises(SealBroken) as broken:
        read(portal, digest)
    assert broken.value.reason == "not-for-us"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sealed(tmp_path_factory.mktemp("large"), os.urandom(60 << 20))


def wait_for_end_of(family: list[psutil.Process]) -> None:
    until = time.monotonic() + 5
    while any(is_alive(process) for process in family):
        assert time.monotonic() < until, family
        time.sleep(0.01)


def is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def children_of(process: int) -> list[psutil.Process]:
    return psutil.Process(process).children(recursive=True)


def answering(process: int) -> psutil.Process:
    return psutil.Process(process).children()[0]


VICTIMS: dict[str, Callable[[int], psutil.Process]] = {
    "the opener": psutil.Process,
    "the one that answers": answering,
    "the one that verifies": lambda process: answering(process).children()[0],
    "the one that has the key": lambda process: answering(process).children()[1],
}


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("at", [0, 15 << 20])
def test_killed_in_the_middle_there_is_never_a_verdict(
    portal: Path, running: int, large: bytes, victim: str, at: int
) -> None:
    digest = delivered(portal, large)
    with pytest.raises((OpenerAway, SealBroken)) as ended, opened(portal, digest, SENDERS) as stream:
        stream.read(1 + at)
        family = children_of(running)
        VICTIMS[victim](running).send_signal(signal.SIGKILL)
        for _ in stream:
            pass
    assert isinstance(ended.value, OpenerAway), "that it was killed says nothing about the file"
    wait_for_end_of(family)


def test_intake_killed_in_the_middle_leaves_no_process_with_plain_text(
    portal: Path, running: int, tmp_path: Path, large: bytes
) -> None:
    digest = delivered(portal, large)
    with pytest.raises(Unfinished), opened(portal, digest, SENDERS) as stream:
        stream.read(1)
        family = children_of(running)
    assert len(family) == 3
    wait_for_end_of(family)
    assert read(portal, delivered(portal, sealed(tmp_path, ROWS)))[0] == ROWS


def test_eight_files_at_once_all_get_their_verdict(portal: Path, running: int, tmp_path: Path) -> None:
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


def test_a_large_district_needs_no_more_memory_than_a_middling_one(portal: Path, running: int, tmp_path: Path) -> None:
    peaks = []
    for size in (100 << 20, 160 << 20):
        digest = delivered(portal, sealed(tmp_path, os.urandom(size)))
        peak = passed = 0
        with opened(portal, digest, SENDERS) as stream:
            for count, piece in enumerate(stream):
                passed += len(piece)
                if count % 32 == 0:
                    peak = max(peak, memory_of(running))
        assert passed == size
        peaks.append(peak)
    assert peaks[0] < 250 << 20, f"{peaks[0] >> 20} MiB"
    assert peaks[1] < peaks[0] * 1.15, "memory grows with the file"


def memory_of(process: int) -> int:
    """Proportional set size of the opener and all its children, bytes."""
    return sum(one.memory_full_info().pss for one in [psutil.Process(process), *children_of(process)])


def test_the_opener_has_no_way_out(portal: Path, running: int) -> None:
    status = Path(f"/proc/{running}/status").read_text()
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status
    assert psutil.Process(running).rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert psutil.Process(running).rlimit(psutil.RLIMIT_NOFILE) == (64, 64)


def in_child(work: Callable[[], object]) -> str:
    """What became of it in a process that is confined as the opener is."""
    answer, out = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            opening_confinement.confine()
            work()
            os.write(out, b"done")
        except OSError as error:
            os.write(out, type(error).__name__.encode())
        finally:
            os._exit(0)
    os.close(out)
    with os.fdopen(answer, "rb") as stream:
        said = stream.read().decode()
    os.waitpid(child, 0)
    return said


def test_whoever_takes_the_opener_over_gets_no_socket_and_no_program() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert in_child(lambda: socket.create_connection(("127.0.0.1", port), 2)) == "PermissionError"
    assert in_child(lambda: socket.socket(socket.AF_UNIX)) == "PermissionError"
    assert in_child(socket.socketpair) == "PermissionError"
    assert in_child(lambda: os.posix_spawn("/bin/true", ["true"], {})) == "PermissionError"
    assert in_child(lambda: os.read(os.open("/dev/zero", os.O_RDONLY), 1)) == "done"


def test_a_host_that_permits_less_is_told_about_in_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening_confinement, "MACHINES", {})
    with caplog.at_level(logging.WARNING), pytest.raises(opening_confinement.NotPermitted):
        opening_confinement.refuse_sockets()


def nobody() -> int | None:
    """Root tries it as another user, for root is above some of the rules; others can only be themselves."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def test_the_opener_works_as_a_user_of_its_own(portal: Path, tmp_path: Path) -> None:
    digest = delivered(portal, sealed(tmp_path, ROWS))
    user = nobody()
    if user is not None:
        portal.parent.chmod(0o755)
        for path in [portal, *portal.rglob("*")]:
            os.chown(path, user, -1)
    with opener_of(portal, user) as running:
        assert psutil.Process(running).uids().real == (user or os.geteuid())
        allowed = user or os.geteuid()
        assert as_user(allowed, lambda: read(portal, digest)[0] == ROWS)
        if user is not None:
            assert not as_user(user + 1, lambda: bool(read(portal, digest))), "another user is not answered"


def as_user(user: int, work: Callable[[], bool]) -> bool:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0 and user != 0:
                os.setgroups([])
                os.setuid(user)
            code = 0 if work() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_stranger_at_a_shared_socket_is_not_answered(
    portal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opener, "_allowed_users", lambda _: {os.geteuid() + 1, os.geteuid() + 2})
    digest = delivered(portal, sealed(tmp_path, ROWS))
    with opener_of(portal):
        assert socket_of(portal).stat().st_mode & 0o777 == 0o666
        with pytest.raises(OpenerAway):
            read(portal, digest)


def test_the_socket_is_its_users_alone_where_there_is_one_user(portal: Path, running: int) -> None:
    assert socket_of(portal).stat().st_mode & 0o777 == 0o600


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
