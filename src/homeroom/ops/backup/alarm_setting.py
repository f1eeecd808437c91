"""Sets who gets emails about a portal's backups: for the portal, for the vault, or for both if they share a host. Sends a test email right away."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.ops.backup import alarms


def set_alarm(installation: Path, slug: str, to: str, words: Mapping[str, str], now: datetime) -> list[str]:
    """Returns what it was set for, in words. Restores the earlier setting of a place if its test email can't be sent. Raises NotDone, PlaceOdd."""
    portal, vault = installation / "portals" / slug, installation / "vault" / slug
    places = [("the portal", portal / "backup")] if (portal / "backup.toml").exists() else []
    places += [("the vault", vault)] if (vault / "vault.toml").exists() else []
    if not places:
        raise NotDone(f"This host has neither backups of {slug!r} nor a vault of it. Set them up first: `homeroom backup set-up`.")
    for name, folder in places:
        folder.mkdir(mode=0o700, exist_ok=True)
        before = (folder / alarms.FILE).read_bytes() if (folder / alarms.FILE).exists() else None
        alarms.choose(folder, to, words)
        try:
            if to:
                told = f"Whatever goes wrong with the backups of {slug} gets an email from now on."
                alarms.send(folder, alarms.portal_here(installation, slug), to, f"Homeroom: alarms of {name} of {slug} come here", [told], now)
        except Exception:
            (folder / alarms.FILE).unlink() if before is None else (folder / alarms.FILE).write_bytes(before)
            raise
    return [name for name, _ in places]
