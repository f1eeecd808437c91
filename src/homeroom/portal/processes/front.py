"""The front: a portal's one listening address. Requests about signing in go to the door's socket, and everything else goes to web's.

It reads requests and responses whole, so that a slow phone never holds one of the few threads behind it. Only a sealed file from an administrator
passes through in pieces, to the inbox (uploads.py), and the source code goes out in pieces (source.py).
"""

import asyncio
import logging
import signal
import socket
import ssl
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, DummyCookieJar, UnixConnector, web
from multidict import CIMultiDict
from yarl import URL

from homeroom.portal.addresses import KEYED, block_of, client_of, mark_of
from homeroom.portal.place import Place
from homeroom.portal.processes.away import away_page
from homeroom.portal.processes.bodies import LARGEST, LARGEST_AT_DOOR, Bodies, busy
from homeroom.portal.processes.crowd import Crowd, raise_file_limit
from homeroom.portal.processes.layout import run_folder
from homeroom.portal.processes.packed import FEWEST, KINDS, accepts_gzip, packed
from homeroom.portal.processes.source import Source
from homeroom.portal.processes.unread import Handler
from homeroom.portal.processes.uploads import Uploads

HEAD_PATIENCE = 12  # seconds for a request's first lines, and without a request
DROPPING = 1.0  # seconds to read and drop the rest of a form that was refused
HANDLING = {"access_log": None, "lingering_time": DROPPING, "auto_decompress": False}  # web and door write a log
ANSWER_PATIENCE = ClientTimeout(total=30, sock_connect=2)
TRIES = (0.1, 0.3, 0.6, 1.0)  # seconds to wait after each
WAITING = "/sign-in/again"
A_YEAR = 31_536_000  # seconds
SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2. Debian's default also has suites without forward secrecy, and with SHA-1
BUSY = 1.0  # seconds until a busy door is asked once more
DOOR = ("/sign-in", "/account", "/support/register", "/support/sign-in", "/support/sign-out")
HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}  # RFC 9110, 7.6.1
SET_ANEW = {"content-length", "date", "server"}
# Only the front says where a request came from. Claims from outside are dropped, and names with "_" imitate these.
CLAIMS = {"forwarded", "x-real-ip", "script-name", "remote-user", "proxy", "expect"}
UNLESS_SAID = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
}
_log = logging.getLogger("front")


def run(portal: Path, listener: socket.socket) -> None:
    raise_file_limit()
    asyncio.run(serve(Place.read(portal), listener))


async def serve(place: Place, listener: socket.socket) -> None:
    """Serves until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    front = Front(place)
    application = web.Application()
    application.on_response_prepare.append(front.finished)
    application.router.add_route("*", "/{path:.*}", front.answer)
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.5)
    await runner.setup()
    assert runner.server is not None
    make_handler = partial(Handler, runner.server, front.harden, keepalive_timeout=HEAD_PATIENCE, **HANDLING)
    front.crowd = Crowd(place, make_handler, tls(place.folder))
    accepting = asyncio.create_task(front.crowd.accept(listener))
    try:
        await asyncio.wait((accepting, asyncio.create_task(stop.wait())), return_when=asyncio.FIRST_COMPLETED)
        if accepting.done():
            accepting.result()
    finally:
        accepting.cancel()
        listener.close()
        await runner.cleanup()
        await front.close()


def tls(portal: Path) -> ssl.SSLContext | None:
    """Reads secrets/front-tls.pem: key and certificate chain. Without it, plain HTTP for this computer or a proxy on it."""
    pem = portal / "secrets" / "front-tls.pem"
    if not pem.exists():
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES)
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(pem)
    return context


@dataclass(frozen=True, slots=True)
class FrontRequest:
    """A request to web or the door. `path` is as in the request's first line."""

    method: str
    path: str
    headers: CIMultiDict[str]
    body: bytes = b""


class Front:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.scheme = "https" if place.is_secure else "http"
        self.web, self.door = (_session(run_folder(place.folder) / f"{name}.sock") for name in ("web", "door"))
        self.crowd: Crowd
        self.addresses_key = place.addresses_key()
        self.bodies = Bodies()
        self.uploads = Uploads(run_folder(place.folder) / "inbox.sock", self.page_of_web, self.taking)
        self.source = Source()

    async def close(self) -> None:
        await self.web.close()
        await self.door.close()
        await self.uploads.close()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Logs a request that doesn't get past the front. Web and door log the others."""
        try:
            return await self.answered(request)
        except web.HTTPException as refused:
            path, address = request.raw_path.partition("?")[0], self.headers_for(request).get(KEYED, "an unknown address")
            _log.warning("refused: %s %s %d, from %s", request.method, path, refused.status, address)
            raise

    async def answered(self, request: web.Request) -> web.StreamResponse:
        with self.crowd.begun(request.protocol):
            if self.uploads.is_one(request):
                return await self.uploads.answer(request)
            if self.source.is_asked(request):
                with self.taking(request):
                    return await self.source.answer(request, block_of(self.client_of(request)))
            client, at_door = self.client_of(request), is_for_door(request.path)
            async with self.bodies.read(request, block_of(client), largest(request.path)) as body:
                with self.taking(request) as may_ask:
                    if not may_ask:
                        raise busy()
                    asked = FrontRequest(request.method, request.raw_path, self.headers_for(request), body)
                    return await self.page(self.door if at_door else self.web, asked)

    def taking(self, request: web.Request) -> AbstractContextManager[bool]:
        return self.crowd.whole(request.protocol, self.client_of(request))

    def client_of(self, request: web.Request) -> str:
        """Returns the address of the person's computer or network, as far as a trusted proxy says."""
        connection = self.crowd.all.get(request.protocol)
        peer = connection.client if connection else request.remote or ""
        return client_of(peer, request.headers.getall("X-Forwarded-For", ()), self.place.trusted_proxy)

    async def page_of_web(self, request: web.Request, method: str, path: str, form: bytes = b"") -> web.Response:
        """Asks web in the visitor's name, with another path or another form than theirs."""
        headers = self.headers_for(request)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return await self.page(self.web, FrontRequest(method, path, headers, form))

    async def page(self, session: ClientSession, asked: FrontRequest) -> web.Response:
        started = time.monotonic()
        try:
            return await self.tried(session, asked)
        except (ClientError, TimeoutError, OSError) as away:
            path = asked.path.partition("?")[0]
            _log.error("%s away after %.1f s: %s", path, time.monotonic() - started, type(away).__name__)
            return away_page(self.place, asked.headers)

    async def tried(self, session: ClientSession, asked: FrontRequest) -> web.Response:
        """Tries again while the other side restarts. Nothing was sent yet, so a few tries do no harm. Asks a busy door once more: it has done nothing."""
        for pause in TRIES:
            try:
                answer = await self.passed_on(session, asked)
            except ClientConnectorError:
                await asyncio.sleep(pause)
                continue
            if answer.status != web.HTTPServiceUnavailable.status_code or session is not self.door:
                return answer
            await asyncio.sleep(BUSY)
            break
        return await self.passed_on(session, asked)

    async def passed_on(self, session: ClientSession, asked: FrontRequest) -> web.Response:
        if not asked.path.startswith("/"):
            raise web.HTTPBadRequest(text="The address must begin with a slash.\n")
        url = URL(f"http://portal{asked.path}", encoded=True)  # unchanged, as the pages behind expect it
        body = BytesIO(asked.body) if asked.body else None
        asking = session.request(asked.method, url, headers=asked.headers, data=body, allow_redirects=False)
        async with asking as answered:
            content = await answered.read()
            kept = CIMultiDict((name, value) for name, value in answered.headers.items() if is_kept(name))
        if session is self.web and may_be_packed(answered.content_type, kept, content):
            kept.add("Vary", "Accept-Encoding")
            if accepts_gzip(asked.headers.get("Accept-Encoding", "")):
                kept["Content-Encoding"] = "gzip"
                content = packed(content)
        return web.Response(status=answered.status, reason=answered.reason, headers=kept, body=content)

    async def finished(self, _request: web.BaseRequest, response: web.StreamResponse) -> None:
        """Removes the server's name and version, which help only attackers."""
        response.headers.popall("Server", None)
        self.harden(response.headers)

    def harden(self, headers: CIMultiDict[str]) -> None:
        """No browser guesses what an answer is, shows it in another site's page, or asks again without TLS. A page says itself what it may load."""
        for name, value in UNLESS_SAID.items():
            headers.setdefault(name, value)
        if (kind := headers.get("Content-Type", "")).startswith("text/") and "charset" not in kind:  # an error of gunicorn
            headers["Content-Type"] = f"{kind}; charset=utf-8"
        if self.place.is_secure:
            headers["Strict-Transport-Security"] = f"max-age={A_YEAR}; includeSubDomains"

    def headers_for(self, request: web.Request) -> CIMultiDict[str]:
        headers = CIMultiDict((name, value) for name, value in request.headers.items() if is_passed(name))
        headers["Host"] = request.headers.get("Host", "")
        headers["X-Forwarded-For"] = client = self.client_of(request)
        if self.addresses_key:
            headers[KEYED] = mark_of(client, self.addresses_key)
        headers["X-Forwarded-Proto"] = self.scheme
        headers["X-Forwarded-Host"] = headers["Host"]
        return headers


def is_for_door(path: str) -> bool:
    return any(path == start or path.startswith(start + "/") for start in DOOR)


def largest(path: str) -> int:
    """Returns the most bytes of a form at this path. A page's form waits at WAITING until its person has confirmed."""
    return LARGEST_AT_DOOR if is_for_door(path) and path != WAITING else LARGEST


def may_be_packed(kind: str, headers: CIMultiDict[str], content: bytes) -> bool:
    """False for a response that sets a cookie: a secret next to text that someone else chose shows in the size. The door's pages are not compressed
    either."""
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
    """Makes a new connection for each request. So the least busy worker takes it, and a dead connection is never reused."""
    return ClientSession(
        connector=UnixConnector(str(path), limit=200, force_close=True),
        cookie_jar=DummyCookieJar(),
        timeout=ANSWER_PATIENCE,
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    )
