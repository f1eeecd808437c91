"""`homeroom keys rehearse`: the oldest backup of a tier, restored with the real shares into an empty database, compared, and wiped. Every six months.

A drill proves that night's backup, with a key of its own; that two sheets of paper and the vault's key file open what lies there for months, only this proves.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from homeroom.ops.answers import NotDone
from homeroom.ops.backup_run import alone, me
from homeroom.ops.installation import is_root
from homeroom.ops.restoring import Chosen, keys_for
from homeroom.ops.scratch import scratch
from homeroom.seal.whole import write_whole
from homeroom.seal.wrapping import Pair
from homeroom.vault import restore as vault_restore

EVERY = timedelta(days=183)
RECORD = "rehearsals.json"

Tell = Callable[[str, int, int], object]


def oldest(chosen: Chosen) -> Chosen:
    """The oldest whole backup of the same tier: the one whose keys were longest away. Raises NotDone."""
    whole = [link.manifest for link in chosen.chain.links if chosen.chain.is_whole(link.manifest)]
    if not whole:
        raise NotDone(f"{chosen.store.url} has no whole backup to rehearse with.")
    return Chosen(chosen.store, chosen.chain, whole[0])


def rehearse(folder: Path, portal: Path | None, chosen: Chosen, shares: Callable[[bytes], Pair], erasure: Path, tell: Tell) -> dict[str, Any]:
    """folder: where it is recorded. portal: whose system user may run the server. Raises what is wrong with keys or backup."""
    if portal is None and is_root():
        raise NotDone("PostgreSQL does not run as root. On the vault's host, run the rehearsal as an ordinary user who may read the tier and the key file.")
    _, key = keys_for(chosen, shares, erasure)
    made = chosen.manifest
    with alone(portal or folder), scratch((portal / "drill") if portal else (folder / "rehearsal"), portal, (me(),), lambda told: tell(told, 0, 0)) as target:
        vault_restore.restored(made, chosen.store, key, target, tell=tell)
    entry = {"at": datetime.now(UTC).isoformat(), "number": made.number, "of": made.at.isoformat(), "tier": chosen.store.url, "tables": len(made.tables)}
    write_whole(folder / RECORD, json.dumps([*_entries(folder), entry], indent=1).encode())
    return entry


def last_rehearsal(folder: Path) -> datetime | None:
    entries = _entries(folder)
    return datetime.fromisoformat(entries[-1]["at"]) if entries else None


def _entries(folder: Path) -> list[dict[str, Any]]:
    path = folder / RECORD
    return json.loads(path.read_text()) if path.exists() else []
