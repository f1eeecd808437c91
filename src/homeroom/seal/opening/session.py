"""Unwraps the session key of a message with one of the portal's keys. It supports only what the portal makes: ECDH over Curve25519 (RFC 9580, 5.1.3 and 11.5)
and ML-KEM-768 with X25519 (RFC 9980, 4.2). pysequoia can do this but does not return the key, and gives neither a compressed message nor the time of a
signature without it.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from pysequoia.packet import PacketPile, Tag

from homeroom.seal.broken import Inside, SealBroken
from homeroom.seal.keys import Tsk

ECDH, HYBRID = 18, 35
CAPSULE = 1088  # bytes of ML-KEM-768's ciphertext
HYBRID_PUBLIC = 32 + 1184  # bytes of both public halves
DOMAIN = b"OpenPGPCompositeKDFv1"
CURVE25519 = bytes.fromhex("2b060104019755010501")
HASHES: dict[int, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    8: hashes.SHA256,
    9: hashes.SHA384,
    10: hashes.SHA512,
}
KEY_SIZES = {7: 16, 8: 24, 9: 32}  # AES only. Other ciphers are refused
SENDER = b"Anonymous Sender    "


@dataclass(frozen=True, slots=True)
class SessionKey:
    """`cipher` is None for the newer packets, which name it themselves."""

    cipher: int | None
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """One secret subkey. `names` are its fingerprint and key id."""

    names: tuple[str, ...]
    fingerprint: bytes
    scalar: bytes = field(repr=False)
    hash_id: int
    wrap_id: int


@dataclass(frozen=True, slots=True)
class HybridKey:
    """One secret subkey of ML-KEM-768 with X25519."""

    names: tuple[str, ...]
    scalar: bytes = field(repr=False)
    seed: bytes = field(repr=False)


def opening_keys(secrets: Sequence[Tsk]) -> list[OpeningKey | HybridKey]:
    """Returns every subkey that can decrypt. Expired ones count, too, because a file that was sealed in time is opened."""
    readers: dict[int, Callable[[Any], OpeningKey | HybridKey]] = {ECDH: _opening_key, HYBRID: _hybrid_key}
    return [
        readers[packet.body[5]](packet)
        for secret in secrets
        for packet in PacketPile.from_bytes(bytes(secret))
        if packet.tag == Tag.SecretSubkey and packet.body[5] in readers
    ]


def unwrap(key: OpeningKey | HybridKey, wrapped: bytes, *, names_cipher: bool) -> SessionKey:
    """`wrapped` is a session key's packet after the recipient. Version 3 names the cipher in it. Raises SealBroken."""
    if isinstance(key, HybridKey):
        return _unwrap_hybrid(key, wrapped, names_cipher)
    if not wrapped or wrapped[0] != ECDH:
        raise SealBroken(Inside.BROKEN)
    point, rest = _number(wrapped, 1)
    if len(point) != 33 or point[0] != 0x40 or not rest or len(rest) != 1 + rest[0]:
        raise SealBroken(Inside.BROKEN)
    try:
        shared = X25519PrivateKey.from_private_bytes(key.scalar).exchange(X25519PublicKey.from_public_bytes(point[1:]))
        padded = aes_key_unwrap(_wrapping_key(key, shared), rest[1:])
    except (InvalidUnwrap, ValueError) as odd:
        raise SealBroken(Inside.BROKEN) from odd
    return _session_key(padded, names_cipher)


def _unwrap_hybrid(key: HybridKey, wrapped: bytes, names_cipher: bool) -> SessionKey:
    """Both shared secrets are needed. The older packets are refused: every program that knows the key's algorithm knows the newer ones."""
    if not wrapped or wrapped[0] != HYBRID:
        raise SealBroken(Inside.BROKEN)
    if names_cipher:
        raise SealBroken(Inside.CIPHER)
    point, capsule, rest = wrapped[1:33], wrapped[33 : 33 + CAPSULE], wrapped[33 + CAPSULE :]
    if not rest or len(rest) != 1 + rest[0]:
        raise SealBroken(Inside.BROKEN)
    try:
        lattice = MLKEM768PrivateKey.from_seed_bytes(key.seed).decapsulate(capsule)
        own = X25519PrivateKey.from_private_bytes(key.scalar)
        shared = own.exchange(X25519PublicKey.from_public_bytes(point))
        combined = lattice + shared + point + own.public_key().public_bytes_raw() + bytes([HYBRID]) + DOMAIN + bytes([len(DOMAIN)])
        session = aes_key_unwrap(hashlib.sha3_256(combined).digest(), rest[1:])
    except (InvalidUnwrap, ValueError) as odd:
        raise SealBroken(Inside.BROKEN) from odd
    if len(session) not in KEY_SIZES.values():
        raise SealBroken(Inside.CIPHER)
    return SessionKey(None, session)


def _session_key(padded: bytes, names_cipher: bool) -> SessionKey:
    content = padded[int(names_cipher) : -padded[-1]]
    key, checksum = content[:-2], content[-2:]
    if sum(key) % 65536 != int.from_bytes(checksum):
        raise SealBroken(Inside.BROKEN)
    cipher = padded[0] if names_cipher else None
    if (len(key) not in KEY_SIZES.values()) if cipher is None else (KEY_SIZES.get(cipher) != len(key)):
        raise SealBroken(Inside.CIPHER)
    return SessionKey(cipher, key)


def _wrapping_key(key: OpeningKey, shared: bytes) -> bytes:
    digest = hashes.Hash(HASHES[key.hash_id]())
    digest.update(b"\0\0\0\x01" + shared)
    digest.update(bytes([len(CURVE25519)]) + CURVE25519 + bytes([ECDH, 3, 1, key.hash_id, key.wrap_id]))
    digest.update(SENDER + key.fingerprint)
    return digest.finalize()[: KEY_SIZES[key.wrap_id]]


def _opening_key(packet: Any) -> OpeningKey:
    """Reads a secret subkey (RFC 9580, 5.5.2 and 5.5.3): version, time, algorithm, curve, point, derivation, then the unencrypted secret."""
    body: bytes = packet.body
    curve, rest = body[7 : 7 + body[6]], body[7 + body[6] :]
    _, rest = _number(rest, 0)
    derivation, usage, rest = rest[1:4], rest[4], rest[5:]
    if body[0] != 4 or curve != CURVE25519 or usage != 0:
        raise SealBroken(Inside.CIPHER)
    scalar, _ = _number(rest, 0)
    names = (packet.fingerprint.lower(), packet.key_id.lower())
    return OpeningKey(names, bytes.fromhex(names[0]), scalar.rjust(32, b"\0")[::-1], derivation[1], derivation[2])


def _hybrid_key(packet: Any) -> HybridKey:
    """Reads a secret subkey of version 6: version, time, algorithm, length, both public halves, then the scalar and the seed (RFC 9980, 4.3.2)."""
    body: bytes = packet.body
    public, usage, secret = int.from_bytes(body[6:10]), body[10 + HYBRID_PUBLIC : 11 + HYBRID_PUBLIC], body[11 + HYBRID_PUBLIC :]
    if body[0] != 6 or public != HYBRID_PUBLIC or usage != b"\0" or len(secret) != 32 + 64:
        raise SealBroken(Inside.CIPHER)
    return HybridKey((packet.fingerprint.lower(), packet.key_id.lower()), secret[:32], secret[32:])


def _number(octets: bytes, at: int) -> tuple[bytes, bytes]:
    """Returns a multiprecision integer, and the bytes after it."""
    size = (int.from_bytes(octets[at : at + 2]) + 7) // 8
    return octets[at + 2 : at + 2 + size], octets[at + 2 + size :]
