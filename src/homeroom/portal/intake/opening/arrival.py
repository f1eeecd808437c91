"""Opens a sealed file and checks its signature, signer and time before anything reads its contents."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg import Connection

from homeroom.judging.refusals import Late, Refused
from homeroom.portal.intake.opening.frames import Verdict, opened
from homeroom.portal.intake.opening.store import Store
from homeroom.seal.broken import Inside

AHEAD, LONG_AGO = timedelta(minutes=10), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Signed:
    """`signer` is the key's fingerprint, as in the table signer."""

    signer: str
    at: datetime
    notes: tuple[str, ...] = ()


def open_into(store: Store, connection: Connection[Any], portal: Path, digest: str) -> Verdict:
    """Raises SealBroken, OpenerAway. The opener gets all signers, even revoked ones, so that its verdict says which one signed."""
    senders = [row[0] for row in connection.execute("SELECT certificate FROM signer ORDER BY fingerprint")]
    connection.commit()
    with opened(portal, digest, senders) as stream:
        for piece in stream:
            store.write(piece)
        return stream.verdict


def check_signer(connection: Connection[Any], verdict: Verdict, now: datetime) -> Signed:
    """Raises Refused."""
    fingerprint = verdict.signer.upper()
    row = connection.execute(
        "SELECT revoked_at, expires_at FROM signer WHERE fingerprint = %s", [fingerprint]
    ).fetchone()
    if row is None:
        raise Refused(Inside.UNKNOWN_SIGNER)
    revoked_at, expires_at = row
    if revoked_at:
        raise Refused(Inside.REVOKED_SIGNER)
    if expires_at and expires_at <= now:
        raise Refused(Inside.EXPIRED_SIGNER)
    notes = ["armoured"] if verdict.is_armoured else []
    notes += ["also-sealed-for"] if len(verdict.recipients) > 1 else []
    return Signed(fingerprint, verdict.signed_at, tuple(notes))


def check_time(connection: Connection[Any], signed: Signed, now: datetime, *, was_held: bool = False) -> None:
    """Checks when the file was signed, because a file that was kept and sent later must not bring back old records. A file that
    was on hold may be late, unless a later file was imported since. Raises Refused."""
    if signed.at > now + AHEAD:
        raise Refused(Late.AHEAD)
    if signed.at < now - LONG_AGO and not was_held:
        raise Refused(Late.LONG_AGO)
    row = connection.execute(
        "SELECT max(signed_at) FROM delivery WHERE signer_id = %s AND state = 'imported'", [signed.signer]
    ).fetchone()
    last = row[0] if row else None
    if last and signed.at <= last:
        raise Refused(Late.REPEATED if signed.at == last else Late.OLDER)
