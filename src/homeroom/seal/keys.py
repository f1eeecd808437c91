"""OpenPGP certificates and secret keys: how they are made, read, kept and replaced. The algorithms are those that gpg 2.2 already supports: Ed25519 and ECDH
over Curve25519, version 4.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from pysequoia import ArmorKind, Cert, CipherSuite, Profile, SignatureMode, Tsk, armor, sign, verify
from pysequoia.packet import Packet, PacketPile, Tag

__all__ = ["Cert", "Tsk"]

LIFETIME = timedelta(days=2 * 365)
GRACE = timedelta(days=30)  # how long the old key still opens after a new certificate
RSA, RSA_BITS = (1, 2, 3), 3072  # NIST SP 800-57: 128 bits of security
LARGEST = 1 << 20  # bytes. A certificate that thousands of people signed is not needed here


class NotACertificate(Exception):
    """The bytes are not a usable OpenPGP certificate. The message says what to do."""


class NotASecretKey(Exception):
    """The file has no usable secret key. The message says what to do."""


class HandOverForged(Exception):
    """The new certificate was not signed by the key of the pinned one."""


def make_opening_key(name: str, *, lifetime: timedelta = LIFETIME) -> Tsk:
    """Makes the key that opens what is sealed for this portal."""
    return _make(f"{name} (Homeroom portal)", lifetime)


def make_receipt_key(name: str, *, lifetime: timedelta = 5 * LIFETIME) -> Tsk:
    """Makes the key that signs this portal's receipts. It is separate from the opening key."""
    return _make(f"{name} (Homeroom receipts)", lifetime)


def make_sender_key(name: str, *, lifetime: timedelta = LIFETIME) -> Tsk:
    """Makes the key with which a district signs its exports."""
    return _make(f"{name} (Homeroom export)", lifetime)


def _make(user: str, lifetime: timedelta) -> Tsk:
    seconds = int(lifetime.total_seconds())
    return Tsk.generate(user, profile=Profile.RFC4880, cipher_suite=CipherSuite.Cv25519, validity_seconds=seconds)


def read_certificate(content: bytes) -> Cert:
    """Reads a public certificate, armored or binary. Raises NotACertificate, also for a secret key."""
    if len(content) > LARGEST:
        raise NotACertificate("This is too large for a certificate. Please export it alone: gpg --export --armor NAME.")
    try:
        found = Cert.split_bytes(content)
        is_secret = any(packet.tag in (Tag.SecretKey, Tag.SecretSubkey) for packet in PacketPile.from_bytes(content))
    except RuntimeError as odd:
        raise NotACertificate("This is no OpenPGP certificate. Please export it: gpg --export --armor NAME.") from odd
    if is_secret:
        raise NotACertificate("This is a secret key. Keep it, and give the certificate: gpg --export --armor NAME.")
    if len(found) != 1:
        raise NotACertificate("Please give exactly one certificate: gpg --export --armor NAME.")
    _check_usable(found[0])
    return found[0]


def _check_usable(certificate: Cert) -> None:
    """Refuses certificates whose own signatures pysequoia rejects. It would accept the certificate and fail later."""
    try:
        _ = certificate.expiration
    except RuntimeError as odd:
        raise NotACertificate(
            "This certificate uses methods that are too old or too rare, or a time to come. Please make a key with a "
            "current gpg, of kind ed25519 or rsa3072, and then gpg --export --armor NAME."
        ) from odd


def written(certificate: Cert) -> str:
    """Returns the certificate as text, without secrets."""
    return armor(bytes(certificate), ArmorKind.PublicKey)


def spelled(fingerprint: str) -> str:
    """Formats a fingerprint for comparison with a printed sheet: upper case, in groups of four."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4)).upper()


def is_expired(certificate: Cert, *, at: datetime) -> bool:
    return certificate.expiration is not None and certificate.expiration <= at


def key_names(certificate: Cert) -> frozenset[str]:
    """Returns the fingerprints and key ids, in lower case, of the certificate's own key and all its subkeys."""
    return frozenset(name for key, _ in _keys(certificate) for name in _names(key))


def encryption_key_names(certificate: Cert) -> frozenset[str]:
    """Returns the fingerprints and key ids of the keys that a message for this certificate names in its envelope."""
    return frozenset(name for key in encryption_keys(certificate) for name in _names(key))


def encryption_keys(certificate: Cert) -> list[Packet]:
    return [key for key, encrypts in _keys(certificate) if encrypts]


def is_short(certificate: Cert) -> bool:
    """Returns whether a key or subkey is RSA with fewer bits than 128 bits of security need (RFC 9580, 5.5.2)."""
    bodies = [key.body for key, _ in _keys(certificate)]
    starts = [(body[5], body[10:12] if body[0] == 6 else body[6:8]) for body in bodies]  # version 6 has a length before the numbers
    return any(kind in RSA and int.from_bytes(bits) < RSA_BITS for kind, bits in starts)


def created(certificate: Cert) -> datetime:
    first = next(key for key, _ in _keys(certificate)).key_created
    if first is None:
        raise NotACertificate("The certificate does not say when it was made.")
    return first


def _names(key: Packet) -> list[str]:
    return [name.lower() for name in (key.fingerprint, key.key_id) if name]


def _keys(certificate: Cert) -> list[tuple[Packet, bool]]:
    """Returns each key, and whether a signature after it allows encryption."""
    keys: list[tuple[Packet, bool]] = []
    for packet in PacketPile.from_bytes(bytes(certificate)):
        if packet.tag in (Tag.PublicKey, Tag.PublicSubkey, Tag.SecretKey, Tag.SecretSubkey):
            keys.append((packet, False))
        elif packet.tag == Tag.Signature and keys and (flags := packet.key_flags):
            encrypts = bool(flags.storage_encryption or flags.transport_encryption)
            keys[-1] = (keys[-1][0], keys[-1][1] or encrypts)
    return keys


def write_secrets(keys: Sequence[Tsk], path: Path) -> None:
    """Writes all keys, newest first, to one file that only its owner can read. The file is replaced as a whole."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(b"".join(bytes(key) for key in keys))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_folder(path.parent)


def read_secrets(path: Path) -> list[Tsk]:
    """Returns the secret keys of a file, in its order. Raises NotASecretKey."""
    try:
        packets = list(PacketPile.from_bytes(path.read_bytes()))
        starts = [at for at, packet in enumerate(packets) if packet.tag in (Tag.SecretKey, Tag.PublicKey)]
        keys = [Tsk.from_packets(packets[start:end]) for start, end in pairwise([*starts, len(packets)])]
    except (OSError, RuntimeError) as odd:
        raise NotASecretKey(f"{path} cannot be read as OpenPGP secret keys by this process.") from odd
    if not keys or starts[0] != 0 or any(packet.tag == Tag.PublicKey for packet in packets):
        raise NotASecretKey(f"{path} must hold OpenPGP secret keys and nothing else.")
    return keys


def still_opening(keys: Sequence[Tsk], *, at: datetime) -> list[Tsk]:
    """Leaves out keys whose successor is older than the grace period. `keys` is newest first, each with its hybrid key after it."""
    generations: list[list[Tsk]] = []
    for key in keys:
        if is_hybrid(key) and generations:
            generations[-1].append(key)
        else:
            generations.append([key])
    kept = generations[:1]
    for successor, generation in pairwise(generations):
        if at - created(successor[0].extract_certificate()) <= GRACE:
            kept.append(generation)
    return [key for generation in kept for key in generation]


def is_hybrid(key: Tsk) -> bool:
    """Only hybrid keys have version 6, with a fingerprint of 64 hex digits."""
    return len(key.extract_certificate().fingerprint) == 64


def replace_key(path: Path, new: Tsk, hybrid: Tsk) -> str:
    """Puts new opening keys before the old ones. Returns the hand-over that the old key signed."""
    keys = read_secrets(path)
    statement = hand_over(keys[0], new.extract_certificate())
    write_secrets([new, hybrid, *still_opening(keys, at=datetime.now(UTC))], path)
    return statement


def hand_over(old: Tsk, new: Cert) -> str:
    """Returns the new certificate as text signed by the old key, so that anyone who pinned the old one can pin the new one."""
    return sign(old.signer(), written(new).encode(), mode=SignatureMode.CLEAR).decode()


def verify_hand_over(text: str, pinned: Cert) -> Cert:
    """Returns the new certificate. Raises HandOverForged, NotACertificate."""
    try:
        content = verify(text.encode(), lambda _: [pinned]).bytes
    except RuntimeError as odd:
        raise HandOverForged(
            "The new certificate is not signed by the old one's key. Please ask the district."
        ) from odd
    return read_certificate(content or b"")


def revoked(key: Tsk) -> Cert:
    """Returns the key's certificate with its revocation, for everyone who has the certificate."""
    certificate = key.extract_certificate()
    return Cert.from_bytes(bytes(certificate) + bytes(certificate.revoke(key.certifier())))


def holder(certificates: Iterable[Cert], name: str) -> Cert | None:
    """Returns the certificate that has this key. `name` is a fingerprint or key id in lower case."""
    return next((certificate for certificate in certificates if name in key_names(certificate)), None)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
