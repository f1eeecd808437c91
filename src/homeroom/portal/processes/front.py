"""The front: a portal's one listening address. /sign-in and /account go to the door's socket, everything else to web's.

It reads a request and its answer whole, so that a slow phone never holds one of the few threads behind it.
"""

import asyncio
import logging
import signal
import socket
import ssl
import time
from io import BytesIO
from pathlib import Path

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, DummyCookieJar, UnixConnector, web
from multidict import CIMultiDict
from yarl import URL

from homeroom.portal.place import Place
from homeroom.portal.processes.away import away_page
from homeroom.portal.processes.layout import run_folder
from homeroom.portal.processes.packed import FEWEST, KINDS, accepts_gzip, packed

LARGEST_BODY = 10 << 20  # bytes
BODY_PATIENCE = 30.0  # seconds for the whole body
ANSWER_PATIENCE = ClientTimeout(total=30, sock_connect=2)
TRIES = (0.1, 0.3, 0.6, 1.0)  # seconds to wait after each
DOOR = ("/sign-in", "/account")
HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}  # RFC 9110, 7.6.1
SET_ANEW = {"content-length", "date", "server"}
# Only the front says where a request came from; what the outside claims is dropped, and names with "_" mimic these.
CLAIMS = {"forwarded", "x-real-ip", "script-name", "remote-user", "proxy", "expect"}
_log = logging.getLogger("front")


def run(portal: Path, listener: socket.socket) -> None:
    asyncio.run(serve(Place.read(portal), listener))


async def serve(place: Place, listener: socket.socket) -> None:
    """Until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    front = Front(place)
    application = web.Application(client_max_size=LARGEST_BODY)
    application.on_response_prepare.append(unnamed)
    application.router.add_route("*", "/{path:.*}", front.answer)
    runner = web.AppRunner(
        application,
        handler_cancellation=True,
        access_log=None,  # web and door write theirs
        keepalive_timeout=75,
        auto_decompress=False,
        shutdown_timeout=0.5,
    )
    await runner.setup()
    await web.SockSite(runner, listener, ssl_context=tls(place.folder), backlog=512).start()
    try:
        await stop.wait()
    finally:
        await runner.cleanup()
        await front.close()


def tls(portal: Path) -> ssl.SSLContext | None:
    """secrets/front-tls.pem: key and certificate chain. Without it, plain HTTP for this computer or a proxy on it."""
    pem = portal / "secrets" / "front-tls.pem"
    if not pem.exists():
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(pem)
    return context


class Front:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.scheme = "https" if place.is_secure else "http"
        self.web, self.door = (_session(run_folder(place.folder) / f"{name}.sock") for name in ("web", "door"))

    async def close(self) -> None:
        await self.web.close()
        await self.door.close()

    async def answer(self, request: web.Request) -> web.Response:
        started = time.monotonic()
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                body = await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout(text="The request took too long to arrive. Send it again.\n") from None
        session = self.door if is_for_door(request.path) else self.web
        try:
            return await self.tried(request, session, body)
        except (ClientError, TimeoutError, OSError) as away:
            _log.error("%s away after %.1f s: %s", request.path, time.monotonic() - started, type(away).__name__)
            return away_page(self.place, request.headers.get("Accept-Language", ""))

    async def tried(self, request: web.Request, session: ClientSession, body: bytes) -> web.Response:
        """While nobody listens the other side is starting again: nothing was sent yet, so a few tries harm nobody."""
        for pause in TRIES:
            try:
                return await self.passed_on(request, session, body)
            except ClientConnectorError:
                await asyncio.sleep(pause)
        return await self.passed_on(request, session, body)

    async def passed_on(self, request: web.Request, session: ClientSession, body: bytes) -> web.Response:
        if not request.raw_path.startswith("/"):
            raise web.HTTPBadRequest(text="The address must begin with a slash.\n")
        url = URL(f"http://portal{request.raw_path}", encoded=True)  # unchanged, as the pages behind expect it
        headers = self.headers_for(request)
        asked = session.request(
            request.method, url, headers=headers, data=BytesIO(body) if body else None, allow_redirects=False
        )
        async with asked as answered:
            content = await answered.read()
            kept = CIMultiDict((name, value) for name, value in answered.headers.items() if is_kept(name))
        if session is self.web and may_be_packed(answered.content_type, kept, content):
            kept.add("Vary", "Accept-Encoding")
            if accepts_gzip(request.headers.get("Accept-Encoding", "")):
                kept["Content-Encoding"] = "gzip"
                content = packed(content)
        return web.Response(status=answered.status, reason=answered.reason, headers=kept, body=content)

    def headers_for(self, request: web.Request) -> CIMultiDict[str]:
        headers = CIMultiDict((name, value) for name, value in request.headers.items() if is_passed(name))
        headers["Host"] = request.headers.get("Host", "")
        headers["X-Forwarded-For"] = request.remote or ""
        headers["X-Forwarded-Proto"] = self.scheme
        headers["X-Forwarded-Host"] = headers["Host"]
        return headers


async def unnamed(_request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Which server of which version this is helps nobody who should be helped."""
    response.headers.popall("Server", None)


def is_for_door(path: str) -> bool:
    return any(path == start or path.startswith(start + "/") for start in DOOR)


def may_be_packed(kind: str, headers: CIMultiDict[str], content: bytes) -> bool:
    """Never what sets a cookie: a secret beside text that somebody else chose shows in the size. The door's pages neither."""
    if "Set-Cookie" in headers or "Content-Encoding" in headers:
        return False
    return kind in KINDS and len(content) >= FEWEST


def is_passed(name: str) -> bool:
    low = name.lower()
    if low.startswith(("x-forwarded", "proxy-")) or "_" in low:
        return False
    return low not in HOP_BY_HOP and low not in SET_ANEW and low not in CLAIMS


def is_kept(name: str) -> bool:
    return name.lower() not in HOP_BY_HOP and name.lower() not in SET_ANEW


def _session(path: Path) -> ClientSession:
    """A new connection for each request: then the least busy worker takes it, and a dead one is never reused."""
    return ClientSession(
        connector=UnixConnector(str(path), limit=200, force_close=True),
        cookie_jar=DummyCookieJar(),
        timeout=ANSWER_PATIENCE,
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    )
