"""The drill: the process that makes a pair of keys before the snapshot, and afterwards fetches that backup from a tier and restores it, to prove it.

Its secret never leaves its memory and dies with it. It can open the one backup that was wrapped for it and no other.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from homeroom.ops.answers import NotDone
from homeroom.ops.apart import Line
from homeroom.ops.backup_plan import TIERS, Plan
from homeroom.seal.wrapping import make_pair
from homeroom.vault import manifest as manifests
from homeroom.vault.restore import Target, drill_key, read_through, restored
from homeroom.vault.store import NotThere, Store

PATIENCE = 4 * 3600.0  # seconds until the vault has copied it to that tier
GLANCE = 2.0  # seconds between two looks


def tier_of(number: int) -> str:
    """Each night another one: in three nights all of them are proven."""
    return TIERS[number % len(TIERS)]


def work(portal: Path, patience: float = PATIENCE, chosen: str = "") -> Any:
    """What the process does, as apart.Apart wants it. chosen: a tier, where it is not the night's turn that decides."""

    def drill(line: Line) -> dict[str, Any]:
        pair = make_pair()
        line.send(("public", pair.public))
        word, asked = line.recv()
        if word != "prove":
            raise NotDone("The drill was not asked to prove anything.")
        content, wrapped, signer = asked["content"], asked["wrapped"], asked["signer"]
        manifest = manifests.read(content, [signer], "the backup just made")
        tier = chosen or tier_of(manifest.number)
        store = Plan.read(portal).store_to_read(tier)
        line.send(("tell", (f"waiting for backup {manifest.number} in the {tier}", 0, 0)))
        await_there(store, manifests.manifest_name(manifest.portal, manifest.number), content, patience)
        key = drill_key(wrapped, pair, manifest)
        restored(manifest, store, key, _target(asked["target"]), tell=lambda *told: line.send(("tell", told)))
        files = read_through(manifest, store, key)
        rows = sum(each.rows for each in manifest.tables)
        return {"tier": tier, "tables": len(manifest.tables), "rows": rows, "files": len(files)}

    return drill


def await_there(store: Store, name: str, content: bytes, patience: float) -> None:
    """Raises NotDone."""
    until = time.monotonic() + patience
    while True:
        try:
            found = store.read(name)
        except NotThere:
            if time.monotonic() > until:
                raise NotDone(f"{name} did not come to {store.url} in time. Look whether the vault runs: `homeroom backup keep`.") from None
            time.sleep(GLANCE)
            continue
        if found != content:
            raise NotDone(f"{name} in {store.url} is not what was written: the store lies, or somebody swapped it.")
        return


def _target(words: Mapping[str, Any]) -> Target:
    return Target(words["database"], Path(words["pg_restore"]))
