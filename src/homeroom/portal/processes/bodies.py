"""Forms on their way in. They are read whole, so their size is limited: by page, by address, and for everyone together."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

LARGEST, LARGEST_AT_DOOR = 1 << 20, 64 << 10  # bytes: a form of a page, and one about signing in
SMALL = 16 << 10  # bytes that do not count toward what follows: nearly every form is smaller
OF_ALL, OF_AN_ADDRESS = 24 << 20, 4 << 20  # bytes at the same time
PATIENCE = 30.0  # seconds for the whole body


class Bodies:
    def __init__(self) -> None:
        self.kept = 0
        self.of_block: Counter[str] = Counter()

    @asynccontextmanager
    async def read(self, request: web.BaseRequest, block: str, most: int) -> AsyncIterator[bytes]:
        """Yields the body, which counts until the caller is done. Raises web.HTTPException: no form, too large, too slow, or no room."""
        check(request, most)
        claimed, size, pieces = 0, 0, []
        try:
            try:
                async with asyncio.timeout(PATIENCE):
                    async for piece in request.content.iter_any():
                        size += len(piece)
                        if size > most:
                            raise too_large(most)
                        claimed += self._claim(block, max(size - SMALL, 0) - claimed)
                        pieces.append(piece)
            except TimeoutError:
                raise web.HTTPRequestTimeout(text="The request took too long to arrive. Send it again.\n") from None
            yield b"".join(pieces)
        finally:
            self._release(block, claimed)

    def _claim(self, block: str, size: int) -> int:
        if size and (self.kept + size > OF_ALL or self.of_block[block] + size > OF_AN_ADDRESS):
            raise busy()
        self.kept += size
        self.of_block[block] += size
        return size

    def _release(self, block: str, size: int) -> None:
        self.kept -= size
        self.of_block[block] -= size
        if not self.of_block[block]:
            del self.of_block[block]


def check(request: web.BaseRequest, most: int) -> None:
    """Refuses by the request's first lines, before any of the body is read. Raises web.HTTPException."""
    if not request.body_exists:
        return
    if request.method != "POST":
        raise web.HTTPBadRequest(text="Only a form that is sent with POST may have a body.\n")
    if request.content_length is None:
        raise web.HTTPLengthRequired(text="Send the form with its length.\n")
    if request.content_length > most:
        raise too_large(most)


def too_large(most: int) -> web.HTTPException:
    return web.HTTPRequestEntityTooLarge(max_size=most, actual_size=0, text=f"The form is larger than {most >> 10} kB.\n")


def busy() -> web.HTTPException:
    return web.HTTPServiceUnavailable(text="Too many requests are on their way. Try again in a moment.\n", headers={"Retry-After": "5"})
