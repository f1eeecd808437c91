"""Deletes sealed files some time after they ended. A file on hold has not ended, so it stays."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from homeroom.portal.intake.opening.frames import DIGEST

KEPT = timedelta(days=14)


def remove(portal: Path, digests: Iterable[str]) -> int:
    """Removes the files of deliveries that ended longer than KEPT ago. Returns how many. `digests` never has a file that has not ended."""
    removed = 0
    for digest in digests:
        if not DIGEST.fullmatch(digest):
            continue
        sealed = portal / "inbox" / f"{digest}.pgp"
        removed += sealed.exists()
        sealed.unlink(missing_ok=True)
        sealed.with_suffix(".json").unlink(missing_ok=True)
    return removed
