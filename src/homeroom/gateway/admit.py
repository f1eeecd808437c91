"""Decides whether a file may go on, and to which portal, from its outside only. It is pure, except for outside_of, which reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from homeroom.gateway.book import Portal, Sender
from homeroom.gateway.reasons import Reason, Why
from homeroom.seal.envelope import Envelope, NotSealed, read_envelope


@dataclass(frozen=True, slots=True)
class Admitted:
    """`others` is how many further keys can open the file (encrypt-to). The log notes it."""

    portal: str
    others: int
    is_armoured: bool


@dataclass(frozen=True, slots=True)
class Refused:
    why: Why


def admit(
    sender: Sender | None, portals: Mapping[str, Portal], envelope: Envelope | NotSealed, now: datetime
) -> Admitted | Refused:
    barred = bar(sender, now)
    if barred or sender is None:
        return Refused(barred or Reason.UNKNOWN_SENDER)
    if isinstance(envelope, NotSealed):
        return Refused(envelope.reason)
    ours = [portal for portal in portals.values() if _is_for(envelope, portal)]
    if len(ours) > 1:  # also if only one is the sender's, since a copy for another district is a leak already
        return Refused(Reason.TWO_PORTALS)
    if not ours or ours[0].slug not in sender.portals:
        return Refused(Reason.WRONG_RECIPIENT)
    others = sum(name not in ours[0].recipients for name in envelope.recipients)
    return Admitted(ours[0].slug, others, envelope.is_armoured)


def bar(sender: Sender | None, now: datetime) -> Reason | None:
    """Returns why this sender may not send at all, or None."""
    if sender is None:
        return Reason.UNKNOWN_SENDER
    if sender.revoked is not None:
        return Reason.REVOKED
    return Reason.EXPIRED if sender.is_barred(now) else None


def _is_for(envelope: Envelope, portal: Portal) -> bool:
    return any(name in portal.recipients for name in envelope.recipients)


def outside_of(file: BinaryIO) -> Envelope | NotSealed:
    try:
        return read_envelope(file)
    except NotSealed as refusal:
        return refusal
