"""Joins the three processes of an opening with pipes: peel ▸ verify ▸ the reader. Killing any of them ends in OpeningInterrupted and never in Opened."""

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

CHUNK = 1 << 20  # also the capacity of a pipe
STRUCTURE = "Unexpected message structure"


def open_sealed(
    sealed: BinaryIO, secrets: Callable[[], Sequence[Tsk]], senders: Sequence[Cert]
) -> Generator[bytes, None, Opened]:
    """Yields the content, which must not be trusted yet. Returns Opened once the signature is verified.

    `secrets` is called in the only process that may have the keys. Raises SealBroken, OpeningInterrupted.
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
    """Returns a pipe with more room. At 64 KiB, the default, each process waits for the other at every piece."""
    reading, writing = os.pipe()
    with suppress(PermissionError):  # if the user already has many wide pipes, a narrow one works, too, and is slower
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, CHUNK)
    return reading, writing


def _peel(sealed: BinaryIO, secrets: Callable[[], Sequence[Tsk]], out: int) -> dict[str, Any]:
    try:
        return peel(sealed, secrets(), Outlet(out))
    except (SealBroken, NotSealed) as fault:
        return {"reason": fault.reason}


def _verify(inner: int, out: int, senders: Sequence[Cert]) -> dict[str, Any]:
    """Verifies with pysequoia. It reads compressed, signed and literal packets, but not inside an encrypted one. It holds the interpreter's lock while it
    does."""
    try:
        # pysequoia wants a password, though a message that is not encrypted needs none.
        done = decrypt_file(f"/dev/fd/{inner}", f"/dev/fd/{out}", store=lambda _: list(senders), passwords=["-"])
    except (RuntimeError, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno is not None:
            raise  # an error of the pipes, since pysequoia's errors for odd packets have no number
        return {"fault": str(fault).splitlines()[0]}
    return {"verified": [valid.certificate for valid in done.valid_sigs]}


def _judged(peeled: dict[str, Any], verified: dict[str, Any], senders: Sequence[Cert]) -> Opened:
    claim = claim_of(bytes.fromhex(peeled["signature"]))
    if verified.get("fault") == STRUCTURE:
        raise SealBroken(Inside.CONTENT)
    holds = verified["verified"][0] if verified.get("verified") else None
    signer = signer_of(claim, holds, senders, datetime.now(UTC))
    return Opened(signer.fingerprint.lower(), claim.signed_at, tuple(peeled["recipients"]), peeled["is_armoured"])
