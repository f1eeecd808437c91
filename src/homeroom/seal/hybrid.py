"""The portal's second opening key, for files that a later quantum computer must not open: ML-KEM-768 with X25519 (RFC 9980), version 6.

gpg doesn't know the algorithm, so the key has a certificate of its own. The certificate that everyone pins names its fingerprint in a signed notation.
"""

from datetime import UTC, datetime, timedelta

from pysequoia import Cert, CipherSuite, EncryptionAlgorithm, Notation, Profile, Tsk
from pysequoia.packet import Packet, PacketPile, PublicKeyAlgorithm, Tag

from homeroom.seal.keys import (
    LIFETIME,
    NotACertificate,
    encryption_keys,
    is_expired,
    make_opening_key,
    read_certificate,
)

NOTATION = "hybrid@homeroom.alt"  # RFC 9580, 5.2.3.24 wants a domain. No one can own one below .alt (RFC 9476)


class WrongHybrid(Exception):
    """The hybrid certificate is not the one that the pinned certificate names, or is missing. The message says what to do."""


def make_opening_keys(name: str) -> tuple[Tsk, Tsk]:
    """Returns the key for gpg, whose certificate names the other one, and the hybrid key."""
    hybrid = make_hybrid_key(name)
    return _naming(make_opening_key(name), hybrid.extract_certificate().fingerprint.lower()), hybrid


def make_hybrid_key(name: str, *, lifetime: timedelta = LIFETIME) -> Tsk:
    return Tsk.generate(
        f"{name} (Homeroom portal, hybrid)",
        profile=Profile.RFC9580,
        cipher_suite=CipherSuite.Cv25519,
        encryption_algorithm=EncryptionAlgorithm.MLKEM768_X25519,
        validity_seconds=int(lifetime.total_seconds()),
    )


def _naming(key: Tsk, fingerprint: str) -> Tsk:
    """Returns the key with the notation. Its only signature on a name has it, so no one can show the name without it."""
    noted = key.extract_certificate().set_notations(key.certifier(), [Notation(NOTATION, fingerprint)])
    signature = next(packet for packet in PacketPile.from_bytes(bytes(noted)) if _has_notation(packet))
    packets = list(PacketPile.from_bytes(bytes(key)))
    at = next(at for at, packet in enumerate(packets) if packet.tag == Tag.UserID)
    return Tsk.from_packets([*packets[: at + 1], signature, *packets[at + 2 :]])


def _has_notation(packet: Packet) -> bool:
    return packet.tag == Tag.Signature and any(each.key == NOTATION for each in packet.notations or ())


def named_hybrid(certificate: Cert) -> str:
    """Returns the fingerprint of the hybrid certificate that this one names, or an empty string. Raises NotACertificate if its name was removed, because the
    notation goes with it."""
    if not certificate.user_ids:
        raise NotACertificate("The certificate has no signed name. Please ask the portal's operator for a whole one.")
    noted = {each.value.lower() for user in certificate.user_ids for each in user.notations if each.key == NOTATION}
    if len(noted) > 1:
        raise NotACertificate("The certificate names two hybrid certificates. Please ask the portal's operator for a whole one.")
    return noted.pop() if noted else ""


def read_hybrid(content: bytes | None, certificate: Cert) -> Cert | None:
    """Returns the hybrid certificate that `certificate` names, or None if it names none. Raises WrongHybrid, NotACertificate."""
    named = named_hybrid(certificate)
    if content is None:
        if named:
            raise WrongHybrid("This portal also has a hybrid certificate. Ask its operator for hybrid.asc, and name it with --hybrid.")
        return None
    hybrid = read_certificate(content)
    if hybrid.fingerprint.lower() != named:
        raise WrongHybrid("This hybrid certificate belongs to another certificate. Ask the portal's operator for portal.asc and hybrid.asc again.")
    check_hybrid(hybrid)
    return hybrid


def check_hybrid(hybrid: Cert) -> None:
    """Refuses a certificate that is no longer valid, and one that could seal a file in another way. Raises WrongHybrid."""
    keys = encryption_keys(hybrid)
    if not keys or any(key.key_algorithm != PublicKeyAlgorithm.MLKEM768_X25519 for key in keys):
        raise WrongHybrid("The hybrid certificate has no key of ML-KEM-768 with X25519, or another key, too. Ask the portal's operator for hybrid.asc again.")
    if hybrid.is_revoked or is_expired(hybrid, at=datetime.now(UTC)):
        raise WrongHybrid("The hybrid certificate has been revoked or has expired. Please fetch the portal's new certificates.")
