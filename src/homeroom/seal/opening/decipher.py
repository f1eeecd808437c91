"""The encryption taken off as a stream: AES in OpenPGP's CFB with the modification check (RFC 9580, 5.13.1), and the
compression that gpg puts around the signed part. What comes out is not to be trusted before the end has been read.
"""

import bz2
import hashlib
import hmac
import zlib
from collections.abc import Iterator

from cryptography.hazmat.decrepit.ciphers.modes import CFB  # old, and what OpenPGP's sealed packets are made of
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from homeroom.seal.broken import Inside, NotSealed, Outside, SealBroken
from homeroom.seal.opening.session import SessionKey
from homeroom.seal.packets import READ, Body

PREFIX = 18
CHECK = 22
CHECK_HEAD = b"\xd3\x14"
RAW_DEFLATE = -15  # zlib's word for it


class Pieces:
    """A source of packets whose bytes come in pieces of their own size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._ready = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._ready) < size and (piece := next(self._pieces, None)) is not None:
            self._ready += piece
        found = bytes(self._ready[:size])
        del self._ready[:size]
        return found

    def skip(self, size: int) -> int:
        passed = 0
        while passed < size and (piece := self.read(min(READ, size - passed))):
            passed += len(piece)
        return passed


def deciphered(body: Body, session: SessionKey) -> Iterator[bytes]:
    """What is inside a sealed packet. At the end, SealBroken(BROKEN) where the modification check fails."""
    if body.read(1) != b"\x01":
        raise NotSealed(Outside.UNSUPPORTED)
    decryptor = Cipher(AES(session.key), CFB(bytes(16))).decryptor()
    sha1 = hashlib.sha1(usedforsecurity=False)  # RFC 9580, 5.13.1 names it; the signature is what we rely on
    prefix = decryptor.update(body.read(PREFIX))
    sha1.update(prefix)
    held = b""  # the check is the last 22 bytes, so as many are kept back
    while piece := body.read(READ):
        held += decryptor.update(piece)
        plain, held = held[:-CHECK], held[-CHECK:]
        sha1.update(plain)
        yield plain
    sha1.update(held[:2])
    if held[:2] != CHECK_HEAD or not hmac.compare_digest(sha1.digest(), held[2:]):
        raise SealBroken(Inside.BROKEN)


def inflated(body: Body) -> Iterator[bytes]:
    """What is inside a compressed packet (RFC 9580, 5.6). Raises SealBroken(CONTENT)."""
    match body.read(1):
        case b"\0":
            return iter(lambda: body.read(READ), b"")
        case b"\1":
            return _unzipped(body, RAW_DEFLATE)
        case b"\2":
            return _unzipped(body, zlib.MAX_WBITS)
        case b"\3":
            return _unzipped_bzip2(body)
    raise SealBroken(Inside.CONTENT)


def _unzipped(body: Body, bits: int) -> Iterator[bytes]:
    engine = zlib.decompressobj(bits)
    try:
        while not engine.eof:
            yield engine.decompress(engine.unconsumed_tail or _some(body), READ)
    except zlib.error as odd:
        raise SealBroken(Inside.CONTENT) from odd


def _unzipped_bzip2(body: Body) -> Iterator[bytes]:
    engine = bz2.BZ2Decompressor()
    try:
        while not engine.eof:
            yield engine.decompress(_some(body) if engine.needs_input else b"", READ)
    except OSError as odd:
        raise SealBroken(Inside.CONTENT) from odd


def _some(body: Body) -> bytes:
    piece = body.read(READ)
    if not piece:
        raise SealBroken(Inside.CONTENT)
    return piece
