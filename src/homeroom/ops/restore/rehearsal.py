"""`homeroom keys rehearse`: restores a tier's oldest backup with the real shares into an empty database, compares it, and wipes it. Due every six months.

A drill tests the newest backup with a key of its own. Only a rehearsal shows that two sheets of paper and the vault's key file still open a backup that is
months old.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.rehearsals import RECORD, entries, scratch_of
from homeroom.ops.backup.run import alone, me
from homeroom.ops.backup.scratch import scratch
from homeroom.ops.host.installation import is_root
from homeroom.ops.host.mounts import open_way
from homeroom.ops.restore.restoring import Chosen, keys_for
from homeroom.portal.processes.users import add_user, name_is_taken, remove_user, user_of
from homeroom.seal.whole import write_whole
from homeroom.seal.wrapping import Pair
from homeroom.vault import restore as vault_restore

USER = "hr-rehearsal"

Tell = Callable[[str, int, int], object]


def oldest(chosen: Chosen) -> Chosen:
    """Returns the oldest whole backup of the same tier, because its keys were unused the longest. Raises NotDone."""
    whole = [link.manifest for link in chosen.chain.links if chosen.chain.is_whole(link.manifest)]
    if not whole:
        raise NotDone(f"{chosen.store.url} has no whole backup to rehearse with.")
    return Chosen(chosen.store, chosen.chain, whole[0])


@dataclass(frozen=True, slots=True)
class Where:
    """`holder` is the folder that this host locks during the rehearsal. `record` is the folder where it is recorded. `scratch` is where the backup is
    restored, and then wiped. `user` is the system user that runs the server."""

    holder: Path
    record: Path
    scratch: Path
    user: str | None


def where(installation: Path, slug: str) -> Where:
    """Returns the folders next to the portal, or on the vault's host. Raises NotDone."""
    portal, vault = installation / "portals" / slug, installation / "vault" / slug
    if (portal / "portal.toml").exists():
        return Where(portal, portal / "backup", portal / "drill", user_of(portal, "db"))
    if vault.exists():
        return Where(vault, vault, scratch_of(vault), None)
    raise NotDone(f"This host has neither the portal nor a vault of {slug!r}. A rehearsal is recorded next to one of them.")


def rehearse(at: Where, chosen: Chosen, shares: Callable[[bytes], Pair], erasure: Path, tell: Tell) -> dict[str, Any]:
    """Restores everything that a restore opens: tables, stored files and the portal's secrets. Raises what is wrong with keys or backup."""
    restore, key = keys_for(chosen, shares, erasure)
    made = chosen.manifest
    open_way(at.holder.parents[1])  # after every file that the operator named was read
    if at.scratch.parent != at.holder:
        at.scratch.parent.mkdir(exist_ok=True)
        at.scratch.parent.chmod(0o711)
    with alone(at.holder), _server(at.user) as user, scratch(at.scratch, user, (me(),), lambda told: tell(told, 0, 0)) as target:
        vault_restore.restored(made, chosen.store, key, target, tell=tell)
        files = vault_restore.files(made, chosen.store, key, at.scratch / "stored")
        vault_restore.keys(made, chosen.store, key, restore)
    entry = {
        "at": datetime.now(UTC).isoformat(), "number": made.number, "of": made.at.isoformat(), "tier": chosen.store.url,
        "tables": len(made.tables), "files": len(files),
    }  # fmt: skip
    write_whole(at.record / RECORD, json.dumps([*entries(at.record), entry], indent=1).encode())
    return entry


@contextmanager
def _server(user: str | None) -> Iterator[str | None]:
    """PostgreSQL doesn't run as root. On the vault's host it gets a system user for the time of the rehearsal."""
    if user or not is_root():
        yield user
        return
    if not name_is_taken(USER):  # it exists if a rehearsal was killed
        add_user(USER)
    try:
        yield USER
    finally:
        remove_user(USER)
