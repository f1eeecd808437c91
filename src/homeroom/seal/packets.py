"""Reads OpenPGP packets one after another, with bounded memory (RFC 9580, 4.2, and RFC 4880, 4.2.1 for old headers). It knows only lengths and tags, and
decrypts nothing.
"""

import os
from collections.abc import Iterator
from enum import IntEnum
from typing import BinaryIO, Protocol

from homeroom.seal.broken import NotSealed, Outside

READ = 1 << 16  # bytes held at a time
SMALLEST_PART = 512  # RFC 9580, 4.2.1.4 requires it of the first part. Homeroom requires it of all: 1 GiB of one-byte parts takes minutes


class Tag(IntEnum):
    """Tags that have a meaning here. Any other number stays a plain int."""

    PKESK = 1
    SIGNATURE = 2
    SKESK = 3
    ONE_PASS = 4
    SECRET_KEY = 5
    PUBLIC_KEY = 6
    SECRET_SUBKEY = 7
    COMPRESSED = 8
    SED = 9
    MARKER = 10
    LITERAL = 11
    PUBLIC_SUBKEY = 14
    SEIPD = 18
    AEAD = 20
    PADDING = 21


IN_PARTS = {Tag.COMPRESSED, Tag.SED, Tag.LITERAL, Tag.SEIPD, Tag.AEAD}  # RFC 9580, 4.2.1.4: only data may come in parts


class Source(Protocol):
    def read(self, size: int, /) -> bytes:
        """Returns at most `size` bytes, and fewer only at the end."""

    def skip(self, size: int, /) -> int:
        """Skips `size` bytes and returns how many there were."""


class FileSource:
    """A seekable file. It skips a body without reading it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = file.seek(0, os.SEEK_END)
        file.seek(0)

    def read(self, size: int) -> bytes:
        piece = self._file.read(min(size, self._left))
        self._left -= len(piece)
        return piece

    def skip(self, size: int) -> int:
        passed = min(size, self._left)
        self._file.seek(passed, os.SEEK_CUR)
        self._left -= passed
        return passed


class Body:
    """A packet's content, joined from its parts."""

    def __init__(self, source: Source, tag: int, left: int | None, is_partial: bool) -> None:
        self._source, self._tag, self._left, self._is_partial = source, tag, left, is_partial

    def read(self, size: int) -> bytes:
        """Returns at most `size` bytes, and fewer only at the end. Raises NotSealed(TRUNCATED)."""
        pieces = bytearray()
        while len(pieces) < size and self._has_more():
            wanted = size - len(pieces)
            pieces += self._take(wanted if self._left is None else min(wanted, self._left))
            if self._left is None and len(pieces) < size:
                break  # a body of indeterminate length ends with its source
        return bytes(pieces)

    def skip(self, size: int) -> int:
        passed = 0
        while passed < size and self._has_more():
            step = size - passed if self._left is None else min(size - passed, self._left)
            found = self._source.skip(step)
            passed += found
            if self._left is None and found < step:
                break
            self._count(step, found)
        return passed

    def skip_rest(self) -> int:
        return self.skip(1 << 62)

    def _take(self, size: int) -> bytes:
        piece = self._source.read(size)
        self._count(size, len(piece))
        return piece

    def _count(self, wanted: int, found: int) -> None:
        if self._left is None:
            return
        if found < wanted:
            raise NotSealed(Outside.TRUNCATED)
        self._left -= found

    def _has_more(self) -> bool:
        while self._left == 0 and self._is_partial:
            self._left, self._is_partial = _new_length(self._source, self._tag)
        return self._left != 0


class Packet:
    def __init__(self, tag: int, body: Body) -> None:
        self.tag, self.body = tag, body


def packets(source: Source) -> Iterator[Packet]:
    """Yields each packet, and skips what was not read of it. Raises NotSealed."""
    while first := source.read(1):
        if not first[0] & 0x80:
            raise NotSealed(Outside.PLAIN)
        packet = _packet(source, first[0])
        yield packet
        packet.body.skip_rest()


def _packet(source: Source, first: int) -> Packet:
    if first & 0x40:
        tag = first & 0x3F
        left, is_partial = _new_length(source, tag)
        return Packet(tag, Body(source, tag, left, is_partial))
    tag, kind = (first >> 2) & 0x0F, first & 0x03
    if kind == 3:
        if tag not in IN_PARTS:
            raise NotSealed(Outside.MALFORMED)
        return Packet(tag, Body(source, tag, None, False))
    return Packet(tag, Body(source, tag, _number(source, 1 << kind), False))


def _new_length(source: Source, tag: int) -> tuple[int, bool]:
    first = _number(source, 1)
    if first < 192:
        return first, False
    if first < 224:
        return ((first - 192) << 8) + _number(source, 1) + 192, False
    if first == 255:
        return _number(source, 4), False
    length = 1 << (first & 0x1F)
    if tag not in IN_PARTS or length < SMALLEST_PART:
        raise NotSealed(Outside.MALFORMED)
    return length, True


def _number(source: Source, size: int) -> int:
    octets = source.read(size)
    if len(octets) < size:
        raise NotSealed(Outside.TRUNCATED)
    return int.from_bytes(octets)
