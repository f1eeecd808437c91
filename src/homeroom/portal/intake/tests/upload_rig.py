"""Lincoln's inbox with the socket for the front, and a browser's file as the front sends it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp

from homeroom.portal.intake.inbox import receive
from homeroom.portal.processes.layout import run_folder
from homeroom.seal.keys import written
from tests.journeys.gateway_rig import Rig, keys
from tests.journeys.kill import Part, until

ENTRY = "homeroom.portal.intake.tests.upload_rig:serve"


def serve(portal: Path) -> None:
    path = run_folder(portal) / "inbox.sock"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        receive.run(portal, uploads=listener)


def made(folder: Path) -> Rig:
    rig = Rig(folder).make("lincoln")
    (rig.portal() / "cert" / "portal.asc").write_text(written(keys("lincoln")[0].extract_certificate()))
    return rig


def started(rig: Rig, **words: Any) -> Part:
    """Starts the inbox, and returns once it is ready and has removed what the last run left."""
    path = run_folder(rig.portal()) / "inbox.sock"
    path.unlink(missing_ok=True)
    inbox = Part(ENTRY, rig.portal(), rig.log, **words).start()
    assert until(lambda: answers(path), 60), rig.log.read_text()
    return inbox


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        try:
            line.connect(str(path))
            line.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return bool(line.recv(16))
        except OSError:  # not bound yet
            return False


def hand_on(rig: Rig, content: bytes | AsyncIterator[bytes], leave: str = "") -> dict[str, Any]:
    """Returns the inbox's answer. Raises aiohttp.ClientError if there isn't one."""

    async def handed() -> dict[str, Any]:
        line = aiohttp.UnixConnector(str(run_folder(rig.portal()) / "inbox.sock"))
        url = f"http://inbox/uploads/{leave or uuid4()}"
        async with aiohttp.ClientSession(connector=line) as session, session.post(url, data=in_pieces(content)) as answer:
            answer.raise_for_status()
            return dict(json.loads(await answer.text()))

    return asyncio.run(handed())


async def in_pieces(content: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if not isinstance(content, bytes):
        async for piece in content:
            yield piece
        return
    for at in range(0, len(content), 50_000):
        yield content[at : at + 50_000]


def files(rig: Rig) -> list[str]:
    return sorted(path.name for path in rig.inbox().iterdir())
