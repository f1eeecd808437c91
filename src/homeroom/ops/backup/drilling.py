"""The drill: a process that makes a pair of keys before the snapshot. After it, the drill restores that backup from a tier, to prove it.

Its secret never leaves its memory and ends with the process. The drill can open only the one backup that was wrapped for it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.plan import TIERS, Plan
from homeroom.ops.host.alive import KEEPER, UP, process_of
from homeroom.ops.host.forked_work import Line
from homeroom.seal.wrapping import make_pair
from homeroom.vault import manifest as manifests
from homeroom.vault.restore import Target, drill_key, read_through, restored
from homeroom.vault.store import NotThere, Store

PATIENCE = 4 * 3600.0  # seconds to wait for the vault to copy the backup to that tier
GLANCE = 2.0  # seconds between two tries
RESTARTED = 20.0  # seconds in which a keeper that ended should run again


def tier_of(number: int) -> str:
    """Returns the tier to prove. It changes with each backup number, so three backups in a row prove all tiers."""
    return TIERS[number % len(TIERS)]


@dataclass(frozen=True, slots=True)
class Copying:
    """The keeper that copies the portal's backups between tiers. It is on this host or another one. This host can't tell whether another host's runs."""

    portal: Path
    is_here: bool

    @classmethod
    def of(cls, portal: Path) -> "Copying":
        """Needs root, which can read the vault's folder."""
        return cls(portal, (portal.parents[1] / "vault" / portal.name / "vault.toml").exists())

    def trouble(self, tier: str) -> str:
        """Returns a sentence if no backup will ever reach this tier, or an empty string."""
        if not self.is_here or tier == TIERS[0] or process_of(self.portal.parents[1], KEEPER) is not None:
            return ""
        return f"No keeper runs on this host, so no backup comes to the {tier}. Start `homeroom up` or `homeroom backup keep`, then run this again."

    def hopeless(self, tier: str) -> str:
        """Does the same before a backup is made. `homeroom up` starts the keeper some seconds after backups were set up, so it counts as a keeper."""
        return "" if process_of(self.portal.parents[1], UP) is not None else self.trouble(tier)

    def told(self) -> str:
        """Explains a long wait."""
        elsewhere = f". This host is no vault of {self.portal.name}: look whether `homeroom backup keep` runs on the one that is"
        return f", where {'the keeper of this host' if self.is_here else 'a keeper'} copies it{'' if self.is_here else elsewhere}"


def work(portal: Path, patience: float = PATIENCE, chosen: str = "") -> Any:
    """Returns the function that forked_work.Apart runs in the process. `chosen` is a tier, or empty for the tier that is due."""
    copying = Copying.of(portal)

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
        line.send(("tell", (f"waiting for backup {manifest.number} in the {tier}{copying.told() if tier != TIERS[0] else ''}", 0, 0)))
        await_there(store, manifests.manifest_name(manifest.portal, manifest.number), content, patience, lambda: copying.trouble(tier))
        key = drill_key(wrapped, pair, manifest)
        restored(manifest, store, key, _target(asked["target"]), tell=lambda *told: line.send(("tell", told)))
        files = read_through(manifest, store, key)
        rows = sum(each.rows for each in manifest.tables)
        return {"tier": tier, "tables": len(manifest.tables), "rows": rows, "files": len(files)}

    return drill


def await_there(store: Store, name: str, content: bytes, patience: float, trouble: Callable[[], str] = str) -> None:
    """Waits until the store has this content. `trouble` returns why it will never come, or an empty string. Raises NotDone."""
    began = well = time.monotonic()
    while True:
        try:
            found = store.read(name)
        except NotThere:
            now = time.monotonic()
            well = well if (why := trouble()) else now
            if why and now - well > RESTARTED:
                raise NotDone(f"{name} was made, and did not come to {store.url}. {why}") from None
            if now - began > patience:
                raise NotDone(f"{name} did not come to {store.url} in time. Look whether the vault runs: `homeroom backup keep`.") from None
            time.sleep(GLANCE)
            continue
        if found != content:
            raise NotDone(f"{name} in {store.url} is not what was written. The store is faulty, or someone replaced it.")
        return


def _target(words: Mapping[str, Any]) -> Target:
    return Target(words["database"], Path(words["pg_restore"]))
