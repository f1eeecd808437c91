"""A front with echoes behind it, for tests."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from aiohttp import ClientSession, web

from homeroom.portal.place import Place
from homeroom.portal.processes import front
from homeroom.portal.processes.layout import run_folder

TOML = """slug = "lincoln"
name = "Lincoln & Sons Unified"
time_zone = "America/Los_Angeles"
phone = "(555) 010-0130"
host = "127.0.0.1"
port = 8000
inbox_port = 8001
database = "postgresql:///homeroom"
"""
SCORES = "<li>Quiz 6: 9 of 10</li>" * 100
Use = Callable[[ClientSession, str], Awaitable[None]]


async def echo(name: str, request: web.Request) -> web.Response:
    """Returns what arrived behind the front, or a page of scores. The page sets a cookie if the request asks for it."""
    if "bare" in request.path:  # as gunicorn's errors
        return web.Response(body=b"<h1>Bad Request</h1>", headers={"Content-Type": "text/html"})
    if "scores" in request.path:
        page = web.Response(text=SCORES, content_type="text/html")
        if request.query:
            page.set_cookie("session", "secret")
        return page
    told = {
        "by": name,
        "path": request.raw_path,
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "body": len(await request.read()),
    }
    response = web.Response(text=json.dumps(told), content_type="application/json", headers={"Server": "secret/1.0"})
    response.headers.add("Set-Cookie", "a=1")
    response.headers.add("Set-Cookie", "b=2")
    return response


@asynccontextmanager
async def behind(portal: Path, name: str) -> AsyncIterator[None]:
    application = web.Application(client_max_size=100 << 20)
    application.router.add_route("*", "/{path:.*}", partial(echo, name))
    runner = web.AppRunner(application)
    await runner.setup()
    await web.UnixSite(runner, str(run_folder(portal) / f"{name}.sock")).start()
    yield
    await runner.cleanup()


def ask(portal: Path, use: Use, *, names: tuple[str, ...] = ("web", "door")) -> None:
    """Runs the front, with these behind it."""

    async def play() -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        serving = asyncio.create_task(front.serve(Place.read(portal), listener))
        async with AsyncExitStack() as open_things:
            for name in names:
                await open_things.enter_async_context(behind(portal, name))
            await use(await open_things.enter_async_context(ClientSession()), url)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(play())


async def head_sent(url: str, sent: bytes, patience: float = 10) -> str:
    """Sends these bytes on a new connection and returns what comes back until it is closed, or for half a second after the first bytes."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent)
    got = b""
    try:
        async with asyncio.timeout(patience):
            got = await reader.read(64 << 10)
            async with asyncio.timeout(0.5):
                while piece := await reader.read(64 << 10):
                    got += piece
    except (TimeoutError, ConnectionResetError):
        pass
    writer.close()
    return got.decode("latin-1")
