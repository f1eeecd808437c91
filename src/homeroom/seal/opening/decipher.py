"""Removes the encryption as a stream: AES in OpenPGP's CFB with the modification check (RFC 9580, 5.13.1), or in authenticated chunks (5.13.2). It also
removes the compression that gpg puts around the signed part. Do not trust the output before the end has been read.
"""

import bz2
import hashlib
import hmac
import zlib
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.modes import CFB  # old, but OpenPGP's sealed packets use it
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESOCB3
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from homeroom.seal.broken import Inside, SealBroken
from homeroom.seal.opening.session import KEY_SIZES, SessionKey
from homeroom.seal.packets import READ, Body

PREFIX = 18
CHECK = 22
CHECK_HEAD = b"\xd3\x14"
TAG = 16
LARGEST_CHUNK = 16  # 4 MiB: RFC 9580, 5.13.2 allows no more
AUTHENTICATED: dict[int, tuple[type[AESOCB3 | AESGCM], int]] = {2: (AESOCB3, 15), 3: (AESGCM, 12)}  # the mode and its nonce bytes
RAW_DEFLATE = -15  # zlib's value for it


class Pieces:
    """A source of packets whose bytes come in pieces of any size."""

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
    """Returns the content of a sealed packet. Raises SealBroken(BROKEN) if it was changed, at the end at the latest."""
    version = body.read(1)
    if version == b"\1" and session.cipher is not None:
        return _with_check(body, session.key)
    if version == b"\2" and session.cipher is None:
        return _in_chunks(body, session.key)
    raise SealBroken(Inside.BROKEN)  # a session key of one kind came before a packet of the other


def _with_check(body: Body, key: bytes) -> Iterator[bytes]:
    decryptor = Cipher(AES(key), CFB(bytes(16))).decryptor()
    sha1 = hashlib.sha1(usedforsecurity=False)  # RFC 9580, 5.13.1 requires it, but Homeroom relies on the signature
    sha1.update(decryptor.update(body.read(PREFIX)))
    held = b""  # the check is the last 22 bytes, so that many are kept back
    while piece := body.read(READ):
        held += decryptor.update(piece)
        plain, held = held[:-CHECK], held[-CHECK:]
        sha1.update(plain)
        yield plain
    sha1.update(held[:2])
    if held[:2] != CHECK_HEAD or not hmac.compare_digest(sha1.digest(), held[2:]):
        raise SealBroken(Inside.BROKEN)


def _in_chunks(body: Body, key: bytes) -> Iterator[bytes]:
    """Decrypts chunks (RFC 9580, 5.13.2). Each chunk has a tag, and a tag at the end confirms the total length."""
    settings, salt = body.read(3), body.read(32)
    if len(settings) < 3 or settings[0] not in KEY_SIZES or KEY_SIZES[settings[0]] != len(key):
        raise SealBroken(Inside.CIPHER)
    if settings[1] not in AUTHENTICATED or settings[2] > LARGEST_CHUNK:
        raise SealBroken(Inside.CIPHER)
    mode, nonce_size = AUTHENTICATED[settings[1]]
    associated = b"\xd2\x02" + settings
    derived = HKDF(SHA256(), len(key) + nonce_size - 8, salt, associated).derive(key)
    cipher, nonce = mode(derived[: len(key)]), derived[len(key) :]
    size = (1 << settings[2] + 6) + TAG
    total = count = 0
    held = body.read(size + TAG)
    try:
        while len(held) > TAG:
            chunk, held = (held[:size], held[size:]) if len(held) == size + TAG else (held[:-TAG], held[-TAG:])
            plain = cipher.decrypt(nonce + count.to_bytes(8), chunk, associated)
            total, count = total + len(plain), count + 1
            yield plain
            held += body.read(size)
        cipher.decrypt(nonce + count.to_bytes(8), held, associated + total.to_bytes(8))
    except InvalidTag as changed:
        raise SealBroken(Inside.BROKEN) from changed


def inflated(body: Body) -> Iterator[bytes]:
    """Returns the content of a compressed packet (RFC 9580, 5.6). Raises SealBroken(CONTENT)."""
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
