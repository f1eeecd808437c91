"""What `homeroom backup list` shows: on the vault's host each tier with what stays and why; on a portal's, its own runs."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from homeroom.ops.answers import NotDone
from homeroom.ops.backup_plan import vault_of
from homeroom.ops.backup_results import results
from homeroom.ops.vault_round import listed


def rows_of(installation: Path, slug: str, now: datetime) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Backups by tier, and runs. Raises NotDone where this host knows nothing of the portal."""
    portal, vault = installation / "portals" / slug, installation / "vault" / slug
    if not (portal / "backup.toml").exists() and not (vault / "vault.toml").exists():
        raise NotDone(f"This host neither makes nor keeps backups of {slug!r}. Set them up with `homeroom backup set-up {slug}`.")
    rows = listed(vault_of(installation, slug), now) if (vault / "vault.toml").exists() else []
    return rows, [asdict(each) for each in results(portal)]
