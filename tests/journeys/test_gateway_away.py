"""The portal is away, someone else answers, or it answers oddly. Its files wait for it, and go to no one else."""

import asyncio
import json
import os
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from homeroom.gateway.pins import certificate_in, line_to, make_pair
from homeroom.gateway.register import add_portal, portal_entry
from homeroom.portal.intake.inbox.tls import context_for
from homeroom.seal.keys import written
from tests.journeys.gateway_rig import OFFICE, Rig, assert_once, digest_of, keys, sealed
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


def test_portal_that_was_away_gets_its_files_in_order(quiet_rig: Rig) -> None:
    contents = {}
    with quiet_rig.running("harbor"):
        for number in range(3):
            content = sealed(bytes([number]))
            contents[quiet_rig.write("export", content)] = content
            assert quiet_rig.sftp("put export").returncode == 0
        assert until(lambda: len(quiet_rig.events("portal not reached")) > 3)
        assert len(quiet_rig.spooled()) == 3
        inbox = quiet_rig.inbox_part("lincoln").start()
        try:
            assert until(lambda: len(list(quiet_rig.inbox().glob("*.json"))) == 3 and not quiet_rig.spooled())
        finally:
            inbox.kill()
    assert_once(quiet_rig, contents)
    order = sorted(quiet_rig.inbox().glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    assert [path.stem for path in order] == list(contents)
    assert not list(quiet_rig.inbox("harbor").iterdir())


def test_portal_away_for_days_is_said_to_the_sender(quiet_rig: Rig) -> None:
    quiet_rig.settings += "give_up_after = 1.5\n"
    quiet_rig.write_settings()
    with quiet_rig.running():
        quiet_rig.write("export", sealed(b"grades"))
        assert quiet_rig.sftp("put export").returncode == 0
        assert until(lambda: "refused: portal-away" in quiet_rig.refusals())
        assert until(lambda: not quiet_rig.spooled())


def test_someone_else_at_the_portals_address_gets_nothing(quiet_rig: Rig) -> None:
    """A key other than the pinned one answers, such as that of Harbor's inbox or of someone who took over the address."""
    other = make_pair(quiet_rig.portal() / "secrets" / "inbox-tls.pem", "Homeroom inbox lincoln", "server")
    with quiet_rig.running("lincoln"):
        content = sealed(b"grades")
        digest = quiet_rig.write("export", content)
        assert quiet_rig.sftp("put export").returncode == 0
        assert until(lambda: len(quiet_rig.events("portal not reached")) > 2)
        assert not list(quiet_rig.inbox().glob("*.pgp"))
        opening, receipts = (written(key.extract_certificate()) for key in keys("lincoln"))
        url = f"https://127.0.0.1:{quiet_rig.inbox_ports['lincoln']}"
        add_portal(quiet_rig.gateway, portal_entry("lincoln", url, [opening], receipts, other))
        assert until(lambda: quiet_rig.is_delivered(digest))
    assert_once(quiet_rig, {digest: content})


def test_inbox_answers_its_own_gateway_only(rig: Rig) -> None:
    stranger = rig.folder / "stranger.pem"
    make_pair(stranger, "Homeroom gateway", "client")
    pinned = certificate_in(rig.portal() / "secrets" / "inbox-tls.pem")
    url = f"https://127.0.0.1:{rig.inbox_ports['lincoln']}/receipts"
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    nobody.check_hostname, nobody.verify_mode = False, ssl.CERT_NONE

    async def ask(context: ssl.SSLContext) -> int:
        try:
            async with aiohttp.ClientSession() as session, session.get(url, ssl=context) as answer:
                return answer.status
        finally:
            await asyncio.sleep(0.02)  # aiohttp ends a TLS connection in the background

    assert asyncio.run(ask(line_to(pinned, rig.gateway / "tls" / "client.pem"))) == 200
    for context in (line_to(pinned, stranger), nobody):
        with pytest.raises(aiohttp.ClientError):
            asyncio.run(ask(context))


def test_gateways_certificate_opens_no_other_inbox(rig: Rig) -> None:
    """A gateway calls with one certificate everywhere. It must not be fooled about who answers."""
    harbors = certificate_in(rig.portal("harbor") / "secrets" / "inbox-tls.pem")
    url = f"https://127.0.0.1:{rig.inbox_ports['lincoln']}/receipts"

    async def ask() -> None:
        context = line_to(harbors, rig.gateway / "tls" / "client.pem")
        async with aiohttp.ClientSession() as session, session.get(url, ssl=context):
            pass

    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        asyncio.run(ask())


def test_line_that_breaks_while_posting_is_tried_again(quiet_rig: Rig) -> None:
    """A listener at the inbox's port cuts every connection after a few bytes."""
    content = sealed(os.urandom(2_000_000))
    digest = quiet_rig.write("export", content)
    with socket.create_server(("127.0.0.1", quiet_rig.inbox_ports["lincoln"]), reuse_port=False) as cutter:
        cutter.settimeout(10)
        with quiet_rig.running():
            assert quiet_rig.sftp("put export").returncode == 0
            for _ in range(4):
                caller, _ = cutter.accept()
                caller.recv(100)
                caller.close()
            cutter.close()
            inbox = quiet_rig.inbox_part("lincoln").start()
            try:
                assert until(lambda: quiet_rig.is_delivered(digest))
            finally:
                inbox.kill()
    assert_once(quiet_rig, {digest: content})


def _unanswered(rig: Rig) -> int:
    return sum(each["reason"] == "Unanswered" for each in rig.events("portal not reached"))


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (200, json.dumps({"digest": "0" * 64})),
        (200, "{}"),
        (200, "[]"),
        (200, "thank you"),
        (200, ""),
        (204, ""),
        (302, ""),
        (404, json.dumps({"digest": "0" * 64})),
    ],
)
def test_file_is_kept_until_its_portal_names_its_digest(quiet_rig: Rig, status: int, text: str) -> None:
    """Lincoln's own key answers, but not as an inbox does."""
    content = sealed(b"grades")
    digest = quiet_rig.write("export", content)

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=status, text=text, headers={"Location": "/elsewhere"} if status == 302 else {})

    async def serve_until_asked_thrice() -> None:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        tls, _ = context_for(quiet_rig.portal())
        await web.TCPSite(runner, "127.0.0.1", quiet_rig.inbox_ports["lincoln"], ssl_context=tls).start()
        assert (await asyncio.to_thread(quiet_rig.sftp, "put export")).returncode == 0
        assert await asyncio.to_thread(until, lambda: _unanswered(quiet_rig) > 2), quiet_rig.log.read_text()
        await runner.cleanup()

    with quiet_rig.running():
        asyncio.run(serve_until_asked_thrice())
        assert [path.stem for path in quiet_rig.spooled()] == [digest]
        inbox = quiet_rig.inbox_part().start()
        try:
            assert until(lambda: quiet_rig.is_delivered(digest))
        finally:
            inbox.kill()
    assert_once(quiet_rig, {digest: content})


def test_notes_name_the_sender_and_the_time(rig: Rig) -> None:
    before = datetime.now(UTC)
    digest = rig.write("export", sealed(b"grades"))
    assert rig.sftp("put export").returncode == 0
    assert until(lambda: rig.is_delivered(digest))
    note = json.loads((rig.inbox() / f"{digest}.json").read_text())
    assert note["sender"] == OFFICE
    assert before <= datetime.fromisoformat(note["received"]) <= datetime.now(UTC)
    assert digest == digest_of((rig.inbox() / f"{digest}.pgp").read_bytes())
