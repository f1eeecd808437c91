"""The rehearsals of a restore: where one is made, the record of each, and when the next is due."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

EVERY = timedelta(days=183)
RECORD = "rehearsals.json"


def scratch_of(vault: Path) -> Path:
    """Returns a folder outside the vault's own, which lets no one in."""
    return vault.parents[1] / "rehearsal" / vault.name


def last_rehearsal(folder: Path) -> datetime | None:
    """Returns the last rehearsal on this host, or on the vault's host if its record was copied here."""
    moments = [datetime.fromisoformat(entry["at"]) for path in folder.glob("rehearsals*.json") for entry in json.loads(path.read_text())]
    return max(moments, default=None)


def entries(folder: Path) -> list[dict[str, Any]]:
    path = folder / RECORD
    return json.loads(path.read_text()) if path.exists() else []
