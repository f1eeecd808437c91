"""One upload on its way in: written once, hashed as it arrives, and removed without a trace unless it is accepted whole."""

import asyncio
import hashlib
import os
import secrets
from io import BufferedReader
from pathlib import Path

from asyncssh import SFTPFailure

from homeroom.gateway.reasons import Reason, Why, sentence
from homeroom.seal.envelope import LARGEST, Outside

BLOCK = 1 << 20  # passed to a thread as one block, so the event loop never waits for the disk, and memory holds at most two
PIECES = 512  # the kernel takes at most 1024 pieces a write


class Spoilt(SFTPFailure):
    """The upload is refused. The message says what to do, and the session sends it to the client by itself."""

    def __init__(self, why: Why) -> None:
        super().__init__(sentence(why))
        self.why = why


class Draft:
    """Has one writer at a time. The name on the disk is random. The sender's own name for the file stays in memory."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / secrets.token_hex(16)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        self.size = 0
        self.spoilt: Why | None = None
        self._hash = hashlib.sha256()
        self._hashed = 0  # bytes from the start that were hashed in order, or -1 once out of order
        self._pieces: list[bytes] = []
        self._start = self._next = 0
        self._storing: asyncio.Future[None] | None = None

    async def write(self, offset: int, piece: bytes) -> None:
        """Raises Spoilt. For the size limit it does so immediately, and for a full disk with the next call at the latest."""
        if self.spoilt:
            raise Spoilt(self.spoilt)
        if offset + len(piece) > LARGEST:
            raise await self._spoil(Outside.TOO_LARGE)
        if offset != self._next:
            await self._pass_on()
            self._start = self._next = offset
        self._pieces.append(piece)
        self._next += len(piece)
        self.size = max(self.size, self._next)
        if self._next - self._start >= BLOCK or len(self._pieces) >= PIECES:
            await self._pass_on()

    async def cut(self, size: int) -> None:
        """Raises Spoilt."""
        await self._settle()
        if size < self.size:
            os.ftruncate(self._file, size)
            self.size = size
            self._hashed = -1

    async def digest(self) -> str:
        """Returns the SHA-256 of everything written, as hex. Raises Spoilt."""
        await self._settle()
        if self._hashed == self.size:
            return self._hash.hexdigest()
        return await asyncio.to_thread(self._digest_again)

    def _digest_again(self) -> str:
        with self.reader() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def reader(self) -> BufferedReader:
        file = os.fdopen(os.dup(self._file), "rb")
        file.seek(0)
        return file

    def sync(self) -> None:
        os.fsync(self._file)

    async def drop(self) -> None:
        """Removes everything. It may be repeated, and may be called after the file was accepted."""
        if self._storing:
            await asyncio.wait([self._storing])
            self._storing.exception()  # its error doesn't matter, since the file is removed
            self._storing = None
        self._pieces.clear()
        self.let_go()
        self.path.unlink(missing_ok=True)

    def let_go(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    async def _spoil(self, why: Why) -> Spoilt:
        self.spoilt = why
        await self.drop()
        return Spoilt(why)

    async def _settle(self) -> None:
        await self._pass_on()
        await self._stored()

    async def _pass_on(self) -> None:
        await self._stored()
        if self._pieces:
            pieces, self._pieces = self._pieces, []
            store = asyncio.get_running_loop().run_in_executor
            self._storing = store(None, self._store, pieces, self._start)
            self._start = self._next

    async def _stored(self) -> None:
        if self.spoilt:
            raise Spoilt(self.spoilt)
        storing, self._storing = self._storing, None
        if storing:
            try:
                await storing
            except OSError as failed:
                raise await self._spoil(Reason.NO_ROOM) from failed

    def _store(self, pieces: list[bytes], offset: int) -> None:
        is_next = offset == self._hashed
        for piece in pieces if is_next else ():
            self._hash.update(piece)
        size = sum(map(len, pieces))
        self._hashed = offset + size if is_next else -1
        done = os.pwritev(self._file, pieces, offset)
        while done < size:  # a short write: the disk is nearly full
            rest = b"".join(pieces)[done:]
            done += os.pwrite(self._file, rest, offset + done)
