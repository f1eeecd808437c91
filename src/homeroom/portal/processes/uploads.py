"""A sealed file from an administrator's browser. Web says whether the administrator may send one, and the inbox takes it in pieces.

No part of it is kept here, and none reaches web. A slow connection uses its own place and none of web's threads.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from aiohttp import BodyPartReader, ClientError, ClientSession, ClientTimeout, MultipartReader, UnixConnector, web
from aiohttp.http_exceptions import BadHttpMessage

PATH = "/imports/upload"
TOKEN, FILE = "csrfmiddlewaretoken", "file"  # the form's two fields, in this order
LARGEST = (1 << 30) + (64 << 10)  # bytes: a sealed file's limit, and the form around it
PIECE = 64 << 10
AT_ONCE = 4  # uploads per portal, and one per person
SILENCE = 60.0  # seconds without a byte
PATIENCE = 7200.0  # seconds for a whole file: 1 GiB at 1.2 Mbit/s
DRAIN = 60.0  # seconds to read and drop the rest, because a browser that is cut off shows no page
INBOX = ClientTimeout(total=None, sock_connect=5, sock_read=PATIENCE)
_log = logging.getLogger("front")


class OddForm(Exception):
    """The form differs from the page's. The message is the code that the page explains."""


class Ask(Protocol):
    async def __call__(self, request: web.Request, method: str, path: str, form: bytes = b"") -> web.Response:
        """Returns web's page, asked in the visitor's name."""


class Uploads:
    def __init__(self, inbox: Path, ask_web: Ask, taking: Callable[[web.Request], AbstractContextManager[bool]]) -> None:
        """`taking` keeps the connection while a file comes in (crowd.py)."""
        self._inbox = ClientSession(connector=UnixConnector(str(inbox), force_close=True), timeout=INBOX)
        self._ask_web, self._taking = ask_web, taking
        self._sending: set[str] = set()  # persons

    async def close(self) -> None:
        await self._inbox.close()

    def is_one(self, request: web.Request) -> bool:
        return request.method == "POST" and request.path == PATH

    async def answer(self, request: web.Request) -> web.Response:
        form = Form(request)
        try:
            token = await form.token()
        except OddForm as odd:
            return await self._explained(request, str(odd))
        allowed = await self._ask_web(request, "POST", PATH, urlencode({TOKEN: token}).encode())
        if allowed.status != web.HTTPAccepted.status_code or not isinstance(allowed.body, bytes):
            await drained(request)
            return allowed  # somebody else's answer: to sign in, not found, a form too old
        leave = json.loads(allowed.body)
        try:
            with self._taking(request):
                where = await self._sent_by(str(leave["person"]), form, str(leave["leave"]))
        except OddForm as odd:
            return await self._explained(request, str(odd))
        return web.Response(status=303, headers={"Location": where, "Cache-Control": "no-store"})

    async def _explained(self, request: web.Request, code: str) -> web.Response:
        await drained(request)
        return await self._ask_web(request, "GET", f"{PATH}?{urlencode({'wrong': code})}")

    async def _sent_by(self, person: str, form: "Form", leave: str) -> str:
        """Returns the page that says what happened to the file. Raises OddForm."""
        if person in self._sending or len(self._sending) >= AT_ONCE:
            raise OddForm("busy")
        self._sending.add(person)
        try:
            async with asyncio.timeout(PATIENCE):
                told = await self._handed_on(form, leave)
        except TimeoutError:
            raise OddForm("too-slow") from None
        finally:
            self._sending.discard(person)
        if wrong := told.get("wrong"):
            raise OddForm(str(wrong))
        return f"/imports/files/{told['digest']}{'?again=1' if told['known'] else ''}"

    async def _handed_on(self, form: "Form", leave: str) -> dict[str, object]:
        await form.begin_file()
        try:
            async with self._inbox.post(f"http://inbox/uploads/{leave}", data=form.pieces()) as answered:
                if answered.status == web.HTTPOk.status_code:
                    return dict(await answered.json())
        except (ClientError, OSError) as away:
            _log.warning("an upload ended early: %s", form.odd or type(away).__name__)
        raise OddForm(form.odd or "inbox-away")


class Form:
    """Reads both fields as they come. `odd` is why pieces() stopped in the middle, so that the inbox keeps nothing."""

    def __init__(self, request: web.Request) -> None:
        self.odd = ""
        self._request = request
        self._parts: MultipartReader | None = None
        self._file: BodyPartReader | None = None

    async def token(self) -> str:
        """Raises OddForm."""
        if self._request.content_type != "multipart/form-data" or self._request.content_length is None:
            raise OddForm("wrong-form")
        if self._request.content_length > LARGEST:
            raise OddForm("too-large")
        async with _reading():
            self._parts = await self._request.multipart()
            return (await (await self._next(TOKEN)).read_chunk()).decode("ascii")

    async def begin_file(self) -> None:
        """Raises OddForm."""
        async with _reading():
            self._file = await self._next(FILE)
        if not self._file.filename:
            raise OddForm("no-file" if self._file.filename is not None else "wrong-form")

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yields the file, which is complete once the form has ended after it. Raises OddForm."""
        try:
            while piece := await self._piece():
                yield piece
            async with _reading():
                if self._parts is None or await self._parts.next() is not None:
                    raise OddForm("two-files")
        except OddForm as odd:
            self.odd = str(odd)
            raise

    async def _piece(self) -> bytes:
        if self._file is None:
            raise OddForm("wrong-form")
        async with _reading():
            return await self._file.read_chunk(PIECE)

    async def _next(self, name: str) -> BodyPartReader:
        part = await self._parts.next() if self._parts else None
        if not isinstance(part, BodyPartReader) or part.name != name:
            raise OddForm("wrong-form")
        return part


@asynccontextmanager
async def _reading() -> AsyncIterator[None]:
    """Raises OddForm for anything that is wrong with the input."""
    try:
        async with asyncio.timeout(SILENCE):
            yield
    except TimeoutError:
        raise OddForm("too-slow") from None
    except (ValueError, RuntimeError, BadHttpMessage) as odd:
        raise OddForm("wrong-form") from odd


async def drained(request: web.Request) -> None:
    """Reads and drops the rest of the form."""
    with suppress(TimeoutError):  # a sender who continues gets the answer as it is
        async with asyncio.timeout(DRAIN):
            async for _ in request.content.iter_any():
                pass
