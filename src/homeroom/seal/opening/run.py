"""The three processes of an opening, joined by pipes: peel ▸ verify ▸ whoever reads. Killing any of them ends in
OpeningInterrupted and never in Opened.
"""

import fcntl
import os
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, BinaryIO

from pysequoia import decrypt_file

from homeroom.seal.broken import Inside, NotSealed, SealBroken, reason_of
from homeroom.seal.keys import Cert, Tsk
from homeroom.seal.opening.judge import Opened, claim_of, signer_of
from homeroom.seal.opening.peel import Outlet, peel
from homeroom.seal.opening.stage import Stage

CHUNK = 1 << 20  # and what a pipe holds
STRUCTURE = "Unexpected message structure"


def open_sealed(
    sealed: BinaryIO, secrets: Callable[[], Sequence[Tsk]], senders: Sequence[Cert]
) -> Generator[bytes, None, Opened]:
    """Yields what is inside, not yet to be trusted; returns Opened once the signature has held.

    `secrets` is called in the one process that may have the keys. Raises SealBroken, OpeningInterrupted.
    """
    inner, packets_out = _wide_pipe()
    plain, plain_out = _wide_pipe()
    verifier = Stage(lambda: _verify(inner, plain_out, senders), keep=(inner, plain_out))
    peeler = Stage(lambda: _peel(sealed, secrets, packets_out), keep=(sealed.fileno(), packets_out))
    for handle in (inner, packets_out, plain_out):
        os.close(handle)
    try:
        with os.fdopen(plain, "rb", buffering=0) as stream:
            while piece := stream.read(CHUNK):
                yield piece
        peeled = peeler.verdict()
        if "reason" in peeled:
            raise SealBroken(reason_of(peeled["reason"]))
        return _judged(peeled, verifier.verdict(), senders)
    finally:
        peeler.end()
        verifier.end()


def _wide_pipe() -> tuple[int, int]:
    """At 64 KiB, which a pipe has by itself, each process waits for the other at every piece."""
    reading, writing = os.pipe()
    with suppress(PermissionError):  # of a user who has many wide pipes already: a narrow one carries the same, and is slower
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, CHUNK)
    return reading, writing


def _peel(sealed: BinaryIO, secrets: Callable[[], Sequence[Tsk]], out: int) -> dict[str, Any]:
    try:
        return peel(sealed, secrets(), Outlet(out))
    except (SealBroken, NotSealed) as fault:
        return {"reason": fault.reason}


def _verify(inner: int, out: int, senders: Sequence[Cert]) -> dict[str, Any]:
    """pysequoia reads compressed, signed, literal packets, but not inside an encrypted one; and it holds the
    interpreter's lock while it does.
    """
    try:
        # A message that is not encrypted needs no password, and pysequoia wants one all the same.
        done = decrypt_file(f"/dev/fd/{inner}", f"/dev/fd/{out}", store=lambda _: list(senders), passwords=["-"])
    except (RuntimeError, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno is not None:
            raise  # of the pipes; pysequoia's own word for odd packets has no number
        return {"fault": str(fault).splitlines()[0]}
    return {"verified": [valid.certificate for valid in done.valid_sigs]}


def _judged(peeled: dict[str, Any], verified: dict[str, Any], senders: Sequence[Cert]) -> Opened:
    claim = claim_of(bytes.fromhex(peeled["signature"]))
    if verified.get("fault") == STRUCTURE:
        raise SealBroken(Inside.CONTENT)
    holds = verified["verified"][0] if verified.get("verified") else None
    signer = signer_of(claim, holds, senders, datetime.now(UTC))
    return Opened(signer.fingerprint.lower(), claim.signed_at, tuple(peeled["recipients"]), peeled["is_armoured"])
