"""What the front answers to bytes that are no request. aiohttp would send its version and the bytes back, and write ten lines into the log."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from multidict import CIMultiDict

_log = logging.getLogger("front")


class Handler(RequestHandler):
    """`harden` adds what a browser may do with a response."""

    __slots__ = ("harden",)

    def __init__(self, server: web.Server, harden: Callable[[CIMultiDict[str]], None], **words: Any) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **words)
        self.harden = harden

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        if status >= web.HTTPInternalServerError.status_code:
            super().handle_error(request, status, exc, message)  # writes the fault into the log
        else:
            _log.warning("no request: %s", type(exc).__name__)
        response = web.Response(status=status, text="The portal can't read this request.\n", headers={"Server": "portal"})
        response.force_close()
        self.harden(response.headers)
        return response
