"""Sealed files stay for a while after they ended, as what was sent; then they go. A held file has not ended, and stays."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from homeroom.portal.intake.opening_frames import DIGEST

KEPT = timedelta(days=14)


def remove(portal: Path, digests: Iterable[str]) -> int:
    """Of deliveries that ended longer than KEPT ago. A file that intake has not ended is never among them."""
    removed = 0
    for digest in digests:
        if not DIGEST.fullmatch(digest):
            continue
        sealed = portal / "inbox" / f"{digest}.pgp"
        removed += sealed.exists()
        sealed.unlink(missing_ok=True)
        sealed.with_suffix(".json").unlink(missing_ok=True)
    return removed
