"""Receives a sealed file from an administrator's browser. It comes from the front, over a unix socket that only the front may use.

The envelope is checked as at the gateway: the file's head before anything is written, and the whole file before it is kept.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from uuid import UUID

from aiohttp import web

from homeroom.portal.intake.inbox.store import Arrival, InboxStore
from homeroom.seal.broken import Inside, Outside, SealBroken
from homeroom.seal.envelope import LARGEST, NotSealed, read_envelope
from homeroom.seal.keys import encryption_key_names, read_certificate

HEAD = 1 << 16  # bytes kept in memory until they are checked. In a real message the sealed content begins long before
NO_ROOM = "no-room"
OURS = ("portal.asc", "hybrid.asc", "former.asc", "former-hybrid.asc")  # the certificates, and those before, whose keys still open for 30 days

log = logging.getLogger(__name__)


def application(portal: Path, store: InboxStore, wake: Callable[[], None]) -> web.Application:
    async def take(request: web.Request) -> web.Response:
        upload = Upload(store, names_of(portal))
        try:
            wrong = await received(request, upload, UUID(request.match_info["leave"]))
        except ConnectionError:  # no one is there to read an answer, and nothing is kept
            log.info("a file from a browser broke off")
            return web.Response(status=400)
        if wrong:
            log.info("refused from a browser: %s", wrong)
            return web.json_response({"wrong": wrong})
        log.info("%s %s from a browser", "again" if upload.is_known else "received", upload.digest[:12])
        wake()
        return web.json_response({"digest": upload.digest, "known": upload.is_known})

    app = web.Application()
    app.router.add_post("/uploads/{leave:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}", take)
    return app


async def received(request: web.Request, upload: "Upload", leave: UUID) -> str:
    """Returns why nothing was kept, or "" if the file was. Always reads to the end, because an answer sent earlier may never arrive."""
    wrong = ""
    try:
        async for piece in request.content.iter_any():
            if not wrong and (wrong := _fault_of(upload.take, piece)):
                upload.drop()
        return wrong or await asyncio.to_thread(_fault_of, upload.keep, leave)
    finally:
        upload.drop()


def _fault_of[Given](step: Callable[[Given], None], given: Given) -> str:
    try:
        step(given)
    except (NotSealed, SealBroken) as fault:
        return fault.reason
    except OSError:
        return NO_ROOM
    return ""


def names_of(portal: Path) -> frozenset[str]:
    """Returns the names of the keys that a file for this portal may be sealed to."""
    there = [path for name in OURS if (path := portal / "cert" / name).exists()]
    return frozenset(name for path in there for name in encryption_key_names(read_certificate(path.read_bytes())))


class Upload:
    """Holds one file that is arriving. take and keep raise NotSealed, SealBroken, and OSError if the disk is full or failing."""

    def __init__(self, store: InboxStore, names: frozenset[str]) -> None:
        self.is_known = False
        self.digest = ""
        self._store, self._names = store, names
        self._head = bytearray()
        self._arrival: Arrival | None = None

    def take(self, piece: bytes) -> None:
        if self._arrival is None:
            self._head += piece
            if len(self._head) >= HEAD:
                self._begin()
            return
        if self._arrival.size + len(piece) > LARGEST:
            raise NotSealed(Outside.TOO_LARGE)
        self._arrival.write(piece)

    def _begin(self) -> Arrival:
        """Checks the head first, so that no byte of an unsealed file reaches the disk."""
        try:
            read_envelope(BytesIO(self._head))
        except NotSealed as fault:
            if fault.reason is not Outside.TRUNCATED:
                raise
        self._arrival = Arrival(self._store.folder)
        self._arrival.write(bytes(self._head))
        return self._arrival

    def keep(self, leave: UUID) -> None:
        """Checks the whole file. It is on the disk with its note when this returns."""
        arrival = self._arrival or self._begin()
        with arrival.path.open("rb") as file:
            envelope = read_envelope(file)
        if not self._names & {*envelope.recipients}:
            raise SealBroken(Inside.NOT_FOR_US)
        self.digest, self.is_known = arrival.digest, self._store.has(arrival.digest)
        if not self.is_known:
            arrival.keep(self._store.folder / f"{self.digest}.pgp")
        note = {"sender": "", "received": datetime.now(UTC).isoformat(), "upload": str(leave)}
        self._store.note(self.digest, note)

    def drop(self) -> None:
        if self._arrival is not None:
            self._arrival.drop()
