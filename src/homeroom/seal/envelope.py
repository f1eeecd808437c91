"""The outside of a sealed file: its recipients and its size, read packet by packet to the last byte. The file is not opened. No key library is needed,
because the gateway imports this module.
"""

import os
from dataclasses import dataclass
from typing import BinaryIO

from homeroom.seal.armour import Armour
from homeroom.seal.broken import NotSealed, Outside
from homeroom.seal.packets import FileSource, Packet, Source, Tag, packets

__all__ = ["LARGEST", "Envelope", "NotSealed", "Outside", "read_envelope"]

LARGEST = 1 << 30
RECIPIENTS = 32
PACKETS = 64  # real messages have one or two recipients, but 200 million markers fit in 1 GiB
SMALL = 1 << 16  # bytes of a session key or a padding. Real ones are under 3 KiB
SMALLEST_SEAL = {1: 1 + 18 + 22, 2: 1 + 35 + 16}  # version, prefix and check of RFC 9580, 5.13
MEANING = {
    Tag.SKESK: Outside.SYMMETRIC,
    Tag.SED: Outside.NO_INTEGRITY,
    Tag.AEAD: Outside.UNSUPPORTED,
    Tag.SIGNATURE: Outside.SIGNED_ONLY,
    Tag.ONE_PASS: Outside.SIGNED_ONLY,
    Tag.PUBLIC_KEY: Outside.KEY,
    Tag.PUBLIC_SUBKEY: Outside.KEY,
    Tag.SECRET_KEY: Outside.PRIVATE_KEY,
    Tag.SECRET_SUBKEY: Outside.PRIVATE_KEY,
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """`recipients` are key ids (16 hex digits) or fingerprints (40 or 64), in lower case, of the keys that can open it."""

    recipients: tuple[str, ...]
    is_armoured: bool
    size: int


def read_envelope(file: BinaryIO) -> Envelope:
    """Reads a seekable file from its start. Raises NotSealed."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        raise NotSealed(Outside.EMPTY)
    if size > LARGEST:
        raise NotSealed(Outside.TOO_LARGE)
    source, is_armoured = source_of(file)
    if not is_armoured and not _may_be_packet(file):
        raise NotSealed(Outside.PLAIN)
    return Envelope(_recipients(source), is_armoured, size)


def _may_be_packet(file: BinaryIO) -> bool:
    """Returns whether the first byte can begin a packet. A byte order mark of a text looks like a packet of a kind that does not exist."""
    first = file.read(1)[0]
    file.seek(0)
    return (first & 0x3F if first & 0x40 else (first >> 2) & 0x0F) in set(Tag)


def source_of(file: BinaryIO) -> tuple[Source, bool]:
    """Returns the packets' bytes, and whether they had armor. Raises NotSealed."""
    file.seek(0)
    is_armoured = not file.read(1)[0] & 0x80
    return (Armour(file) if is_armoured else FileSource(file)), is_armoured


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A session key's packet: its recipient, and the content that only the recipient can read."""

    version: int
    recipient: str
    content: bytes


def wrapped_key(packet: Packet) -> Wrapped:
    """Raises NotSealed."""
    body = packet.body.read(SMALL + 1)
    if len(body) > SMALL or len(body) < 12:
        raise NotSealed(Outside.MALFORMED)
    if body[0] == 3:
        key, content = body[1:9], body[9:]
    elif body[0] == 6:  # RFC 9580, 5.1.2: a length, a version, a fingerprint
        key, content = body[3 : 2 + body[1]], body[2 + body[1] :]
    else:
        raise NotSealed(Outside.UNSUPPORTED)
    if not key.strip(b"\0"):
        raise NotSealed(Outside.HIDDEN_RECIPIENT)
    if len(key) not in (8, 20, 32):
        raise NotSealed(Outside.MALFORMED)
    return Wrapped(body[0], key.hex(), content)


def _recipients(source: Source) -> tuple[str, ...]:
    recipients: list[str] = []
    is_closed = False  # the sealed content is over, and nothing may follow
    try:
        for count, packet in enumerate(packets(source)):
            if count == PACKETS or len(recipients) > RECIPIENTS:
                raise NotSealed(Outside.RECIPIENTS_MANY)
            if _is_blank(packet):
                continue
            if is_closed:
                raise NotSealed(Outside.TWO_MESSAGES if packet.tag in (Tag.PKESK, Tag.SEIPD) else Outside.PLAIN_AFTER)
            if packet.tag == Tag.PKESK:
                recipients.append(wrapped_key(packet).recipient)
            else:
                _check_content(packet, recipients)
                is_closed = True
    except NotSealed as fault:
        if fault.reason is Outside.PLAIN and recipients:
            raise NotSealed(Outside.PLAIN_AFTER if is_closed else Outside.PLAIN_WITHIN) from fault
        raise
    if not is_closed:
        raise NotSealed(Outside.TRUNCATED)
    return tuple(recipients)


def _is_blank(packet: Packet) -> bool:
    """Returns whether the packet is a marker or padding, which mean nothing and are allowed anywhere (RFC 9580, 10.3)."""
    if packet.tag == Tag.MARKER:
        if packet.body.read(4) != b"PGP":
            raise NotSealed(Outside.PLAIN_WITHIN)
        return True
    if packet.tag == Tag.PADDING:
        if packet.body.skip(SMALL + 1) > SMALL:
            raise NotSealed(Outside.PLAIN_WITHIN)
        return True
    return False


def _check_content(packet: Packet, recipients: list[str]) -> None:
    if packet.tag != Tag.SEIPD:
        meaning = {int(tag): reason for tag, reason in MEANING.items()}
        raise NotSealed(meaning.get(packet.tag, Outside.PLAIN_WITHIN if recipients else Outside.PLAIN))
    version = packet.body.read(1)
    if not recipients:
        raise NotSealed(Outside.NO_RECIPIENT)
    if not version or version[0] not in SMALLEST_SEAL:
        raise NotSealed(Outside.UNSUPPORTED if version else Outside.TRUNCATED)
    if 1 + packet.body.skip_rest() < SMALLEST_SEAL[version[0]]:
        raise NotSealed(Outside.TRUNCATED)
