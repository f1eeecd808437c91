"""Seals an export for a portal: signed, encrypted, and written whole or not at all. It also signs receipts. `gpg --verify` can check a receipt, and only the
portal's receipt key can make one.
"""

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pysequoia import SignatureMode, encrypt_file, sign, verify

from homeroom.seal.hybrid import check_hybrid
from homeroom.seal.keys import Cert, Tsk, is_expired, spelled


class WrongCertificate(Exception):
    """The certificate is not the pinned one or can no longer be used. The message says what to do."""


class SealFailed(Exception):
    """The export could not be sealed. The message says why."""


class ReceiptForged(Exception):
    """The text was not signed by this portal's receipt key, or was changed."""


def seal(source: Path, certificate: Cert, signer: Tsk, out: Path, *, pinned: str, hybrid: Cert | None = None) -> None:
    """`pinned` is the fingerprint of the printed sheet, with any spaces and in upper or lower case. Seals for `hybrid` alone if there is one: whoever breaks
    one of two keys reads the file.

    Raises WrongCertificate, WrongHybrid, SealFailed, OSError.
    """
    check_certificate(certificate, pinned)
    if hybrid is not None:
        check_hybrid(hybrid)
    handle, name = tempfile.mkstemp(prefix=".sealing-", dir=out.parent)
    try:
        os.close(handle)
        _encrypt(source, hybrid or certificate, signer, name)
        _sync(name)
        Path(name).replace(out)
    finally:
        Path(name).unlink(missing_ok=True)
    _sync(str(out.parent))


def check_certificate(certificate: Cert, pinned: str) -> None:
    """Refuses a certificate that is not the pinned one, is revoked or has expired. Raises WrongCertificate."""
    if certificate.fingerprint.lower() != "".join(pinned.split()).lower():
        raise WrongCertificate(
            f"The certificate's fingerprint is {spelled(certificate.fingerprint)}, and not the one you pinned. "
            "Do not send. Please compare it with the sheet that the portal's administrator printed."
        )
    if certificate.is_revoked:
        raise WrongCertificate("The portal's certificate has been revoked. Please fetch the new one.")
    if is_expired(certificate, at=datetime.now(UTC)):  # pysequoia would seal for an expired key without an error
        raise WrongCertificate("The portal's certificate has expired. Please fetch the new one.")


def _encrypt(source: Path, certificate: Cert, signer: Tsk, name: str) -> None:
    try:
        encrypt_file(source, name, recipients=[certificate], signer=signer.signer(), armor=False)
    except RuntimeError as odd:
        raise SealFailed(f"{source.name} could not be sealed: {str(odd).splitlines()[0]}.") from odd


def _sync(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sign_receipt(text: str, key: Tsk) -> str:
    """Returns the text, clear-signed. It must be JSON, which verify_receipt reads."""
    return sign(key.signer(), text.encode(), mode=SignatureMode.CLEAR).decode()


def verify_receipt(text: str, certificate: Cert) -> dict[str, Any]:
    """Returns what the portal said. Nothing outside the signed part counts. Raises ReceiptForged."""
    try:
        verified = verify(text.encode(), lambda _: [certificate])
        content = json.loads(verified.bytes or b"")
    except (RuntimeError, ValueError) as odd:
        raise ReceiptForged("This receipt was not signed by the portal, or was changed. Do not rely on it.") from odd
    if not isinstance(content, dict):
        raise ReceiptForged("This receipt is signed and does not hold a receipt.")
    return content
