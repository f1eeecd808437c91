"""Judges a file by its signature, whether it was verified or not. It is pure and gets the time from its caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pysequoia import Sig

from homeroom.seal.broken import Inside, SealBroken
from homeroom.seal.keys import Cert, holder, is_expired


@dataclass(frozen=True, slots=True)
class Opened:
    """`signer_fingerprint` is the certificate's, in lower case. `signed_at` is the time by the signer's clock."""

    signer_fingerprint: str
    signed_at: datetime
    recipients: tuple[str, ...]
    is_armoured: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """The signer and the time that the signature claims."""

    signer: str | None
    signed_at: datetime


def claim_of(signature: bytes) -> Claim:
    """`signature` is the packet's body. Raises SealBroken(CONTENT) if it can't be read, and SealBroken(BAD_SIGNATURE) if it has no time."""
    try:
        read = Sig.from_bytes(b"\xc2\xff" + len(signature).to_bytes(4) + signature)
    except RuntimeError as odd:
        raise SealBroken(Inside.CONTENT) from odd
    signer = read.issuer_fingerprint or read.issuer_key_id
    if read.created is None:
        raise SealBroken(Inside.BAD_SIGNATURE)
    return Claim(signer.lower() if signer else None, read.created)


def signer_of(claim: Claim, verified: str | None, senders: Sequence[Cert], now: datetime) -> Cert:
    """`verified` is the fingerprint of the certificate whose signature is valid, or None. Raises SealBroken."""
    certificate = holder(senders, verified or claim.signer or "")
    if certificate is None:
        raise SealBroken(Inside.UNKNOWN_SIGNER)
    if certificate.is_revoked:  # at any signature time, since the person who has the lost key chooses it
        raise SealBroken(Inside.REVOKED_SIGNER)
    if is_expired(certificate, at=max(now, claim.signed_at)):
        raise SealBroken(Inside.EXPIRED_SIGNER)
    if verified is None:
        raise SealBroken(Inside.FUTURE_SIGNATURE if claim.signed_at > now else Inside.BAD_SIGNATURE)
    return certificate
