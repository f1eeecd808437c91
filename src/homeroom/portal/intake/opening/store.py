"""Stores an opened file: a temporary file without a name, encrypted with a key that is only in this process's memory.

Reading a ZIP needs seeking, and memory is too small. If the disk is stolen, nothing on it can be read.
"""

import errno
import io
import os
import tempfile
from typing import IO

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

BLOCK = 16
FOLDER = "/var/tmp"  # noqa: S108  /tmp is memory on many systems. The file has no name and only ciphertext


class NoRoom(Exception):
    """The disk is full. Nothing is wrong with the file, and it is tried again."""


class Store(io.RawIOBase):
    """Writes at the end and reads anywhere. Raises NoRoom. No one else can reach the file, so its bytes need no protection against changes."""

    def __init__(self) -> None:
        super().__init__()
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=FOLDER, buffering=0)  # noqa: SIM115  closed with the store
        self._key = AES(os.urandom(32))
        self._start = int.from_bytes(os.urandom(BLOCK - 6)) << 48  # room for 2^48 blocks under one key
        self._writer = self._cipher(0)
        self._size = self._place = 0

    def write(self, piece: bytes, /) -> int:  # type: ignore[override]
        rest = memoryview(self._writer.update(piece))
        while rest:
            written = self._put(rest)
            self._size += written
            rest = rest[written:]
        return len(piece)

    def _put(self, rest: memoryview) -> int:
        try:
            return os.pwrite(self._file.fileno(), rest, self._size)
        except OSError as full:
            if full.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoRoom(f"{FOLDER} is full.") from full
            raise

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._size - self._place if size < 0 else min(size, self._size - self._place)
        skipped = self._place % BLOCK
        hidden = self._stored(self._place - skipped, max(wanted, 0) + skipped)
        self._place += max(wanted, 0)
        return self._cipher(self._place - max(wanted, 0) - skipped).update(hidden)[skipped:]

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._place = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence] + offset
        return self._place

    def tell(self) -> int:
        return self._place

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    @property
    def size(self) -> int:
        return self._size

    def close(self) -> None:
        self._file.close()
        super().close()

    def _cipher(self, offset: int) -> CipherContext:
        counter = (self._start + offset // BLOCK) % (1 << 128)
        return Cipher(self._key, CTR(counter.to_bytes(BLOCK))).encryptor()

    def _stored(self, offset: int, size: int) -> bytes:
        found = b""
        while len(found) < size:
            piece = os.pread(self._file.fileno(), size - len(found), offset + len(found))
            if not piece:
                break
            found += piece
        return found
