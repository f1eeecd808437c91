"""Makes the lists of `homeroom backup list`: what stays in each tier and why (vault's host), the last runs (portal's host), and gaps in the numbers."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.plan import AHEAD, vault_of
from homeroom.ops.backup.results import results
from homeroom.ops.backup.vault_round import decided, rows_in

RESTORED = "a restore leaves out {ahead} numbers, so that a backup that was lost with the host shares none with a new one"
KILLED = "a run that failed or was killed used it up"


def rows_of(installation: Path, slug: str, now: datetime) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Returns backups by tier, runs, and a sentence for each gap in the numbers. Raises NotDone if this host has neither the portal's backups nor its vault."""
    portal, vault = installation / "portals" / slug, installation / "vault" / slug
    if not (portal / "backup.toml").exists() and not (vault / "vault.toml").exists():
        raise NotDone(f"This host neither makes nor keeps backups of {slug!r}. Set them up with `homeroom backup set-up {slug}`.")
    found = decided(vault_of(installation, slug), now) if (vault / "vault.toml").exists() else []
    runs = results(portal)
    numbers = {link.manifest.number for _, chain, _ in found for link in chain.links} | {run.number for run in runs}
    return rows_in(found), [asdict(each) for each in runs], left_out(numbers)


def left_out(numbers: Iterable[int]) -> list[str]:
    """Returns a sentence for each gap. `numbers` are those of all manifests and all runs. A manifest stays when its backup is pruned."""
    gaps = [(before + 1, after - 1) for before, after in pairwise(sorted(numbers)) if after > before + 1]
    return [f"No backup has {_span(*gap)}: {RESTORED.format(ahead=AHEAD) if gap[1] - gap[0] + 1 >= AHEAD else KILLED}." for gap in gaps]


def _span(first: int, last: int) -> str:
    return f"number {first}" if first == last else f"a number from {first} to {last}"
