"""The process that has the key. It removes the encryption and passes the inner packets to the verifier."""

import os
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from homeroom.seal.broken import Inside, NotSealed, Outside, SealBroken
from homeroom.seal.envelope import read_envelope, source_of, wrapped_key
from homeroom.seal.keys import Tsk
from homeroom.seal.opening.decipher import Pieces, deciphered, inflated
from homeroom.seal.opening.session import HybridKey, OpeningKey, SessionKey, opening_keys, unwrap
from homeroom.seal.packets import READ, Body, Packet, Source, Tag, packets

RATIO = 200  # the content may be this many times as large as the sealed file,
ALWAYS = 10 << 20  # or this many bytes,
LARGEST = 20 << 30  # and never more
SIGNATURE = 1 << 14  # bytes. A post-quantum signature has under 8 KiB
PART = 16  # parts of 2**16 bytes
TOLD_AS_IS = {Inside.BROKEN, Inside.EXPLODES, Inside.CIPHER}


class Outlet:
    """The pipe to the verifier. The verifier may stop early at packets that it does not accept, and its verdict says so. The rest is then only read here, for
    the check at the end."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._is_read = True

    def write(self, octets: bytes) -> None:
        left = memoryview(octets)
        try:
            while left and self._is_read:
                left = left[os.write(self._handle, left) :]
        except BrokenPipeError:
            self._is_read = False


def peel(sealed: BinaryIO, secrets: Sequence[Tsk], out: Outlet) -> dict[str, Any]:
    """Returns what the envelope says, and the one signature in hex. Raises SealBroken, NotSealed."""
    envelope = read_envelope(sealed)
    keys = {name: key for key in opening_keys(secrets) for name in key.names}
    body, session = _sealed_body(sealed, keys)
    content = Pieces(deciphered(body, session))
    limit = min(max(RATIO * envelope.size, ALWAYS), LARGEST)
    signatures = _passed_on_whole(content, out, limit)
    if not signatures:
        raise SealBroken(Inside.UNSIGNED)
    if len(signatures) > 1:  # there is no way to know which of them was verified, or its time
        raise SealBroken(Inside.CONTENT)
    return {"signature": signatures[0].hex(), "recipients": envelope.recipients, "is_armoured": envelope.is_armoured}


def _sealed_body(sealed: BinaryIO, keys: dict[str, OpeningKey | HybridKey]) -> tuple[Body, SessionKey]:
    session = None
    for packet in packets(source_of(sealed)[0]):
        if packet.tag == Tag.PKESK:
            wrapped = wrapped_key(packet)
            if session is None and wrapped.recipient in keys:
                session = unwrap(keys[wrapped.recipient], wrapped.content, names_cipher=wrapped.version == 3)
        elif packet.tag == Tag.SEIPD:
            if session is None:
                raise SealBroken(Inside.NOT_FOR_US)
            return packet.body, session
    raise NotSealed(Outside.TRUNCATED)


def _passed_on_whole(content: Source, out: Outlet, limit: int) -> list[bytes]:
    """Reads to the end before it reports a fault. A changed file can fail in any way, and the change is then the reason to report."""
    try:
        signatures = _passed_on(content, out, limit)
    except (NotSealed, SealBroken) as fault:
        content.skip(LARGEST)
        if fault.reason in TOLD_AS_IS:
            raise
        raise SealBroken(Inside.CONTENT) from fault
    content.skip(LARGEST)
    return signatures


def _passed_on(content: Source, out: Outlet, limit: int) -> list[bytes]:
    signatures: list[bytes] = []
    has_content = False
    for packet in _uncompressed(content):
        match packet.tag:
            case Tag.SIGNATURE | Tag.ONE_PASS:
                small = packet.body.read(SIGNATURE)
                _write(out, packet.tag, iter((small,)))
                signatures += [small] if packet.tag == Tag.SIGNATURE else []
            case Tag.LITERAL if not has_content:
                _write(out, packet.tag, _bounded(packet.body, limit))
                has_content = True
            case Tag.MARKER | Tag.PADDING:
                pass
            case _:
                raise SealBroken(Inside.CONTENT)
    if not has_content:
        raise SealBroken(Inside.CONTENT)
    return signatures


def _uncompressed(content: Source) -> Iterator[Packet]:
    """Yields the packets, and those inside one compressed packet in its place. A second one, or one inside it, is refused by the caller."""
    has_compressed = False
    for packet in packets(content):
        if packet.tag == Tag.COMPRESSED and not has_compressed:
            has_compressed = True
            yield from packets(Pieces(inflated(packet.body)))
        else:
            yield packet


def _bounded(body: Body, limit: int) -> Iterator[bytes]:
    passed = 0
    while piece := body.read(READ):
        passed += len(piece)
        if passed > limit:
            raise SealBroken(Inside.EXPLODES)
        yield piece


def _write(out: Outlet, tag: int, pieces: Iterator[bytes]) -> None:
    """Writes one packet with a new header, in parts if it is longer than one (RFC 9580, 4.2.1)."""
    out.write(bytes([0xC0 | tag]))
    for piece in pieces:
        if len(piece) == 1 << PART:
            out.write(bytes([0xE0 | PART]) + piece)
        else:
            out.write(b"\xff" + len(piece).to_bytes(4) + piece)
            return
    out.write(b"\0")
