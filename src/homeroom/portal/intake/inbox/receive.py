"""The inbox process. It receives sealed files from gateway and front into one folder, and sends receipts. It can't open files."""

import asyncio
import logging
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path

from aiohttp import web

from homeroom.portal.intake.inbox import receipt_box, upload
from homeroom.portal.intake.inbox.store import DIGEST, Arrival, InboxStore
from homeroom.portal.intake.inbox.tls import PinMissing, context_for, only
from homeroom.portal.place import Place
from homeroom.portal.processes.layout import listen_address, run_folder
from homeroom.seal.envelope import LARGEST

log = logging.getLogger(__name__)

SENDER = re.compile(r"[a-z][a-z0-9-]{1,31}")
BUFFER = 1 << 20
PORTAL = web.AppKey("portal", Path)
STORE = web.AppKey("store", InboxStore)
type Door = tuple[web.Application, Callable[[web.AppRunner], web.BaseSite]]
FULL = "The portal's disk is full or failing; nothing was kept."


def run(portal: Path, files: socket.socket | None = None, uploads: socket.socket | None = None) -> None:
    """Serves until SIGTERM or SIGINT. `files` is the socket for the gateway, and `uploads` the one for the front. Raises PlaceOdd. Without `files`, it binds
    the port itself, and raises OSError if the port is in use."""
    place = Place.read(portal)
    try:
        tls, pinned = context_for(place.folder)
    except PinMissing as missing:
        sys.exit(str(missing))
    store = InboxStore(place.folder / "inbox")
    store.clear()
    app = web.Application(middlewares=[only(pinned)])
    app[PORTAL], app[STORE] = place.folder, store
    app.router.add_post("/sealed/{digest}", take)
    app.router.add_get("/receipts", receipts, allow_head=False)
    address = (listen_address(portal), place.inbox_port)
    own = files or socket.create_server(address, family=socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    doors: list[Door] = [(app, lambda runner: web.SockSite(runner, own, ssl_context=tls))]
    if uploads is not None:
        sent = upload.application(place.folder, store, partial(wake, place.folder))
        doors.append((sent, lambda runner: web.SockSite(runner, uploads)))
    asyncio.run(_serve(doors))


async def take(request: web.Request) -> web.Response:
    digest, sender, received = _named(request)
    store = request.app[STORE]
    is_known = store.has(digest)
    if is_known:  # reads to the end, because an answer sent earlier may never arrive
        async for _ in request.content.iter_any():
            pass
    else:
        await _store(request, store, digest)
    try:
        await asyncio.to_thread(store.note, digest, {"sender": sender, "received": received})
    except OSError as full:
        raise web.HTTPInsufficientStorage(text=FULL) from full
    log.info("%s %s from %s", "again" if is_known else "received", digest[:12], sender)
    wake(request.app[PORTAL])
    return web.json_response({"digest": digest, "known": is_known})


def _named(request: web.Request) -> tuple[str, str, str]:
    """Returns digest, sender and time. Checks the form of each, and the size."""
    digest, sender = request.match_info["digest"], request.headers.get("X-Sender", "")
    received = request.headers.get("X-Received", "")
    if not DIGEST.fullmatch(digest) or not SENDER.fullmatch(sender):
        raise web.HTTPBadRequest(text="Name the file by its SHA-256 and say in X-Sender who sent it.")
    try:
        moment = datetime.fromisoformat(received)
    except ValueError as odd:
        raise web.HTTPBadRequest(text="Say in X-Received when the file came, as in 2026-09-01T04:05:06+00:00.") from odd
    if moment.tzinfo is None:
        raise web.HTTPBadRequest(text="The time in X-Received needs its offset from UTC.")
    if request.content_length is None:
        raise web.HTTPLengthRequired
    if request.content_length > LARGEST:
        raise web.HTTPRequestEntityTooLarge(LARGEST, request.content_length)
    return digest, sender, moment.isoformat()


async def _store(request: web.Request, store: InboxStore, digest: str) -> None:
    try:
        arrival = Arrival(store.folder)
    except OSError as full:
        raise web.HTTPInsufficientStorage(text=FULL) from full
    try:
        await _copy(request, arrival)
        if arrival.digest != digest:
            raise web.HTTPUnprocessableEntity(text="What arrived has another SHA-256; send it again.")
        await _keep(arrival, store.folder / f"{digest}.pgp")
    finally:
        arrival.drop()


async def _copy(request: web.Request, arrival: Arrival) -> None:
    async for piece in request.content.iter_any():
        if arrival.size + len(piece) > LARGEST:
            raise web.HTTPRequestEntityTooLarge(LARGEST, arrival.size + len(piece))
        try:
            arrival.write(piece)
        except OSError as full:
            raise web.HTTPInsufficientStorage(text=FULL) from full


async def _keep(arrival: Arrival, path: Path) -> None:
    try:
        await asyncio.to_thread(arrival.keep, path)
    except OSError as full:
        raise web.HTTPInsufficientStorage(text=FULL) from full


async def receipts(request: web.Request) -> web.Response:
    number = request.query.get("after", "0")
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        raise web.HTTPBadRequest(text="Say after which number, as in /receipts?after=12.")
    found = await asyncio.to_thread(receipt_box.after, request.app[PORTAL], int(number))
    return web.json_response({"receipts": found})


def wake(portal: Path) -> None:
    """Wakes intake. Intake also checks by itself five times a second, so a lost message does no harm."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as nudge:
        nudge.setblocking(False)
        try:
            nudge.sendto(b"file", str(run_folder(portal) / "intake.sock"))
        except OSError as unheard:
            log.debug("intake was not woken: %s", type(unheard).__name__)


async def _serve(doors: Iterable[Door]) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    runners = []
    try:
        for app, listener in doors:
            # No access log, because the log lines above already say everything.
            runner = web.AppRunner(app, access_log=None, auto_decompress=False, read_bufsize=BUFFER, shutdown_timeout=5)
            runners.append(runner)
            await runner.setup()
            await listener(runner).start()
        await told.wait()
    finally:
        await asyncio.gather(*(runner.cleanup() for runner in runners))
