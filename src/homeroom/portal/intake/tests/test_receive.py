"""Lincoln's inbox takes what its gateway sends: whole, once, and in the required form."""

import asyncio
import json
import os
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from homeroom.gateway.pins import certificate_in, line_to
from homeroom.portal.intake.inbox import receipt_box
from homeroom.portal.processes.layout import make_run_folder, run_folder
from homeroom.seal.envelope import LARGEST
from tests.journeys.gateway_rig import Rig, digest_of
from tests.journeys.kill import is_open, until

SENT = {"X-Sender": "lincoln-office", "X-Received": "2026-09-01T03:04:05+00:00"}
CONTENT = os.urandom(300_000)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path).make("lincoln")
    inbox = made.inbox_part().start()
    try:
        assert until(lambda: is_open(made.inbox_ports["lincoln"])), made.log.read_text()
        yield made
    finally:
        inbox.kill()


def ask(rig: Rig, method: str, path: str, **words: Any) -> tuple[int, str]:
    async def asked() -> tuple[int, str]:
        context = line_to(
            certificate_in(rig.portal() / "secrets" / "inbox-tls.pem"), rig.gateway / "tls" / "client.pem"
        )
        url = f"https://127.0.0.1:{rig.inbox_ports['lincoln']}{path}"
        try:
            async with aiohttp.ClientSession() as session, session.request(method, url, ssl=context, **words) as answer:
                return answer.status, await answer.text()
        finally:
            await asyncio.sleep(0.02)  # aiohttp closes a TLS connection in the background

    return asyncio.run(asked())


def post(rig: Rig, digest: str, content: Any, **headers: str) -> tuple[int, str]:
    return ask(rig, "POST", f"/sealed/{digest}", data=content, headers=SENT | headers)


def files(rig: Rig) -> list[str]:
    return sorted(path.name for path in rig.inbox().iterdir())


def test_file_is_kept_under_its_digest_with_a_note(rig: Rig) -> None:
    digest = digest_of(CONTENT)
    status, text = post(rig, digest, CONTENT)
    assert (status, json.loads(text)) == (200, {"digest": digest, "known": False})
    assert (rig.inbox() / f"{digest}.pgp").read_bytes() == CONTENT
    note = json.loads((rig.inbox() / f"{digest}.json").read_text())
    assert note == {"sender": "lincoln-office", "received": "2026-09-01T03:04:05+00:00"}
    modes = {stat.S_IMODE(path.stat().st_mode) for path in rig.inbox().iterdir()}
    assert modes == {0o640}  # its group, which the opener and intake are in, reads it


def test_same_file_again_is_answered_and_not_written(rig: Rig) -> None:
    digest = digest_of(CONTENT)
    post(rig, digest, CONTENT)
    before = (rig.inbox() / f"{digest}.pgp").stat()
    status, text = post(rig, digest, CONTENT, **{"X-Sender": "county", "X-Received": "2026-09-02T00:00:00+00:00"})
    assert (status, json.loads(text)) == (200, {"digest": digest, "known": True})
    assert (rig.inbox() / f"{digest}.pgp").stat() == before
    assert json.loads((rig.inbox() / f"{digest}.json").read_text())["sender"] == "lincoln-office"


def test_file_whose_note_was_lost_gets_it_when_it_comes_again(rig: Rig) -> None:
    digest = digest_of(CONTENT)
    post(rig, digest, CONTENT)
    (rig.inbox() / f"{digest}.json").unlink()
    assert post(rig, digest, CONTENT)[0] == 200
    assert files(rig) == [f"{digest}.json", f"{digest}.pgp"]


def test_file_with_another_sum_is_refused_and_gone(rig: Rig) -> None:
    assert post(rig, digest_of(b"other"), CONTENT)[0] == 422
    assert files(rig) == []


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/sealed/" + "A" * 64, {}),
        ("/sealed/" + "a" * 63, {}),
        ("/sealed/..%2F..%2Fportal.toml", {}),
        ("/sealed/" + "a" * 64, {"X-Sender": "Ana Ruiz"}),
        ("/sealed/" + "a" * 64, {"X-Sender": ""}),
        ("/sealed/" + "a" * 64, {"X-Received": "yesterday"}),
        ("/sealed/" + "a" * 64, {"X-Received": "2026-09-01T03:04:05"}),
    ],
)
def test_anything_of_another_form_is_refused(rig: Rig, path: str, headers: dict[str, str]) -> None:
    status, text = ask(rig, "POST", path, data=b"x", headers=SENT | headers)
    assert status in (400, 404) and text.strip()
    assert files(rig) == []


def test_file_over_the_limit_is_refused_before_it_is_read(rig: Rig) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(5)

    digest, sizes = digest_of(CONTENT), {"Content-Length": str(LARGEST + 1)}
    assert ask(rig, "POST", f"/sealed/{digest}", data=slowly(), headers=SENT | sizes)[0] == 413
    assert ask(rig, "POST", f"/sealed/{digest}", data=slowly(), headers=SENT)[0] == 411  # without any length
    assert files(rig) == []


def test_line_that_breaks_in_the_middle_leaves_nothing(rig: Rig) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield CONTENT[:100_000]
        raise ConnectionResetError

    with pytest.raises((aiohttp.ClientError, ConnectionResetError)):
        post(rig, digest_of(CONTENT), half(), **{"Content-Length": str(len(CONTENT))})
    assert until(lambda: files(rig) == [])


def test_a_start_clears_what_the_last_run_left_half_written(tmp_path: Path) -> None:
    rig = Rig(tmp_path).make("lincoln")
    (rig.inbox() / ".arriving-0011").write_bytes(b"half")
    inbox = rig.inbox_part().start()
    assert until(lambda: files(rig) == [])
    inbox.kill()


def test_nothing_else_is_answered(rig: Rig) -> None:
    for method, path in (("GET", "/"), ("GET", "/sealed/" + "a" * 64), ("DELETE", "/sealed/" + "a" * 64)):
        assert ask(rig, method, path)[0] in (404, 405)


def test_intake_is_woken(rig: Rig) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as intake:
        make_run_folder(rig.portal())  # it is in another place if this test's folder has too long a name for a socket
        bell = run_folder(rig.portal()) / "intake.sock"
        bell.unlink(missing_ok=True)  # of a run that was killed: that other place has the same name each time
        intake.bind(str(bell))
        intake.settimeout(5)
        post(rig, digest_of(CONTENT), CONTENT)
        assert intake.recv(16) == b"file"
        bell.unlink()


def test_receipts_are_handed_out_in_order_after_a_number(rig: Rig) -> None:
    for number in range(1, 4):
        receipt_box.put(rig.portal(), f"{number:064x}", "lincoln-office", f"text {number}")
    status, text = ask(rig, "GET", "/receipts?after=1")
    assert status == 200
    assert json.loads(text) == {
        "receipts": [
            {"number": number, "digest": f"{number:064x}", "sender": "lincoln-office", "receipt": f"text {number}"}
            for number in (2, 3)
        ]
    }
    assert json.loads(ask(rig, "GET", "/receipts?after=3")[1]) == {"receipts": []}
    for odd in ("x", "-1", "1.5", "9" * 40):
        assert ask(rig, "GET", f"/receipts?after={odd}")[0] == 400


def test_inbox_without_its_pins_says_how_to_make_them(tmp_path: Path) -> None:
    rig = Rig(tmp_path).make("lincoln")
    (rig.portal() / "cert" / "gateway.pem").unlink()
    inbox = rig.inbox_part().start()
    assert inbox.wait_dead(10)
    assert "The inbox needs" in rig.log.read_text()
    assert "Traceback" not in rig.log.read_text()


def test_the_inbox_stops_cleanly_on_request(rig: Rig, tmp_path: Path) -> None:
    second = Rig(tmp_path / "second").make("lincoln")
    inbox = second.inbox_part().start()
    assert until(lambda: is_open(second.inbox_ports["lincoln"]))
    assert ask(second, "GET", "/receipts?after=0")[0] == 200  # a port is open before the process answers, and so before it hears a request to stop
    assert inbox.stop() == 0
