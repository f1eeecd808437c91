"""`homeroom restore`: makes a portal again on an empty computer, from one tier, two shares of the restore key and the erasure key of the backup's month.

If anything fails, the half-made portal is removed, because an incomplete portal must not be served.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.plan import AHEAD, Plan, State
from homeroom.ops.backup.run import KEPT_KEYS
from homeroom.ops.backup.setting_up import signers_of, take_store
from homeroom.ops.host.alive import UP, process_of
from homeroom.ops.host.installation import HALF_MADE, Installation, is_root, making, write_toml
from homeroom.ops.host.mounts import open_way
from homeroom.ops.host.owner import migrate
from homeroom.ops.portal.create import own_database, own_url
from homeroom.ops.portal.handing import join_gateway
from homeroom.ops.portal.making import check_room, take_away
from homeroom.ops.restore.narrowing_again import narrowed
from homeroom.portal.place import Place
from homeroom.portal.processes.cluster import BINARIES, DATABASE
from homeroom.portal.processes.layout import database_sockets, make_run_folder
from homeroom.portal.processes.owners import give
from homeroom.portal.processes.users import make_users, new_prefix, prefix_left
from homeroom.seal.erasure import pair_for
from homeroom.seal.wrapping import Pair, named
from homeroom.vault import restore as vault_restore
from homeroom.vault.chain import Chain, chain_of
from homeroom.vault.manifest import Manifest, ManifestBroken, digest, manifest_name, signer_of
from homeroom.vault.restore import Target
from homeroom.vault.store import Store

OWN_LINES = re.compile(r'^(users|database) = .*$', re.MULTILINE)

Tell = Callable[[str, int, int], object]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The backup to restore, and the chain that it is in."""

    store: Store
    chain: Chain
    manifest: Manifest


def choose(slug: str, store: Store, signers: Sequence[str], number: int | None) -> Chosen:
    """Returns the newest whole backup, or the one asked for. `signers` are names on the sheets, or public halves in hex, of keys that replaced each other.

    Anyone who can add to a store could add a newer backup. In that case the operator says which backup. Raises NotDone, StoreFailed."""
    there = signers_there(slug, store)
    said = {each.replace(" ", "").casefold() for each in signers}
    known = [each for each in dict.fromkeys(there) if each and said & {named(each).replace(" ", "").casefold(), each.hex()}]
    chain = chain_of(store, slug, known)
    if not known or (number is None and there[-1] not in known):
        told = f"is signed by {named(there[-1])}. Compare it with the sheets. If it is there, give it with --signer" if there[-1] else "is no manifest"
        newest = f" If not, --number {chain.newest.number} is the newest of the signer that you gave." if chain.newest else ""
        raise NotDone(f"The newest backup in {store.url} {told}.{newest}")
    found = chain.newest if number is None else next((each.manifest for each in chain.links if each.manifest.number == number), None)
    if found is None or not chain.is_whole(found):
        raise NotDone(f"{store.url} has no whole backup {'' if number is None else f'{number} '}of {slug!r}. See what there is with --dry-run.")
    return Chosen(store, chain, found)


def signers_there(slug: str, store: Store) -> list[bytes]:
    """Returns the signer of each manifest, for a person to compare. An empty value means no signature. Raises NotDone."""
    names = [each.name for each in store.names(f"{slug}/backups/") if each.name.endswith("/manifest")]
    if not names:
        raise NotDone(f"{store.url} has no backup of {slug!r}.")
    return [_signer_of(store.read(name)) for name in names]


def _signer_of(content: bytes) -> bytes:
    try:
        return signer_of(content)
    except ManifestBroken:
        return b""


def keys_for(chosen: Chosen, shares: Callable[[bytes], Pair], erasure: Path) -> tuple[Pair, bytes]:
    """Returns the restore key, and the data key of the chosen backup. Raises what is wrong with either, before anything is made."""
    pair = pair_for(erasure, chosen.manifest.month)
    restore = shares(chosen.manifest.restore_key)
    return restore, vault_restore.data_key(chosen.manifest, restore, pair)


def restored(
    installation: Installation, slug: str, chosen: Chosen, keys: tuple[Pair, bytes], jobs: int, tell: Tell, *, until: datetime | None = None
) -> dict[str, Any]:
    """Makes and fills the portal. Sign-in stays closed until administrators confirm the restoration. Notes that came to the tier after `until` are left
    out.

    Raises NotDone, RestoreFailed, StoreFailed."""
    portal = installation.folder / "portals" / slug
    with making(installation.folder):
        return _restored(installation, portal, chosen, keys, jobs, tell, until)


def _restored(
    installation: Installation, portal: Path, chosen: Chosen, keys: tuple[Pair, bytes], jobs: int, tell: Tell, until: datetime | None
) -> dict[str, Any]:
    slug = portal.name
    if (portal / HALF_MADE).exists():
        tell("taking away what a restore left that was killed", 0, 0)
        take_away(portal)
    if portal.exists():
        raise NotDone(f"There is a portal {slug!r} in {installation.folder} already. Restore into another folder, or take that portal away first.")
    check_room(installation.folder, sum(each.plain for each in chosen.manifest.segments))
    open_way(installation.folder)
    try:
        _folder(portal, chosen, keys)
        with own_database(portal, lambda told: tell(told, 0, 0)):
            vault_restore.restored(chosen.manifest, chosen.store, keys[1], _target(portal), jobs, tell)
            tell("this release's tables and policies", 0, 0)
            migrate(portal, tell)
            tell("access removed since then", 0, 0)
            answer = narrowed(portal, chosen.manifest, chosen.store, keys[0], until)
        join_gateway(installation, portal)
        answer["store"] = take_store(portal)
        _remember(portal, chosen)
        (portal / HALF_MADE).unlink()
    except BaseException:
        tell("taking away what was half made", 0, 0)
        take_away(portal)
        raise
    return {"portal": slug, "number": chosen.manifest.number, "at": chosen.manifest.at.isoformat(), **answer}


def _folder(portal: Path, chosen: Chosen, keys: tuple[Pair, bytes]) -> None:
    """Makes the folder with stored files, secrets, system users and owners, as a new portal has them. Until it is complete, a mark keeps it from running."""
    portal.mkdir(parents=True)
    (portal / HALF_MADE).touch()
    stored = portal / "stored"  # kept apart until portal.toml names this portal's own system users instead of the lost portal's
    vault_restore.files(chosen.manifest, chosen.store, keys[1], stored)
    kept = vault_restore.keys(chosen.manifest, chosen.store, keys[1], keys[0])
    left = prefix_left(portal) if is_root() else None
    words = (stored / "portal.toml").read_text()
    (stored / "portal.toml").unlink()
    with nullcontext(left) if left else new_prefix(portal.name) as prefix:
        own = {"users": prefix, "database": own_url(portal, f"{prefix}-db" if prefix else None)}
        write_toml(portal / "portal.toml", OWN_LINES.sub(lambda line: f'{line[1]} = "{own[line[1]]}"', words))
    if prefix and not left:
        make_users(prefix, portal)
    for path in stored.iterdir():
        path.rename(portal / path.name)
    stored.rmdir()
    (portal / "secrets").mkdir(mode=0o711)
    for name, content in kept.items():
        if name not in KEPT_KEYS:
            continue  # a key of an earlier release
        path = portal / "secrets" / name
        path.touch(0o600)
        path.write_bytes(content)
    give(portal)
    make_run_folder(portal)


def _target(portal: Path) -> Target:
    return Target({"host": str(database_sockets(portal)), "user": "postgres", "dbname": DATABASE}, BINARIES / "pg_restore")


def _remember(portal: Path, chosen: Chosen) -> None:
    """Makes the next backup continue from the newest link that this tier has."""
    newest = chosen.chain.links[-1].manifest
    content = chosen.store.read(manifest_name(portal.name, newest.number))
    day = newest.at.astimezone(Place.read(portal).zone).date().isoformat()
    State(newest.number + AHEAD, newest.night, day, digest(content), newest.at.isoformat()).write(portal)


def next_steps(portal: Path, erasure: Path) -> list[str]:
    """Returns what the operator must know and do once the portal is back. `erasure` is the file of erasure keys that opened the backup."""
    number, slug, vault = State.read(portal).number + 1, portal.name, portal.parents[1] / "vault" / portal.name
    steps = [f"Its next backup has the number {number}: {AHEAD} numbers are left out, so that a backup that was lost with the host shares none with a new one."]
    if (portal / "backup.toml").exists() and not (vault / "vault.toml").exists():
        urls = " ".join(f"--{tier} {url}" for tier, url in Plan.read(portal).urls.items())
        first, *others = (signer.hex() for signer in signers_of(portal))
        again = [f"install -D -m 600 {erasure} {vault / f'{slug}.json'}", f"homeroom backup vault {slug} --signer {first} {urls}"]
        again += [f"homeroom keys rotate {slug} --believe {other}" for other in others]
        steps.append(f"This host is no vault of {slug}. If the lost one was, no backup is copied or proven until this one is: {'; '.join(again)}")
    start = "`homeroom up` runs here, and serves it within a few seconds." if process_of(vault.parents[1], UP) is not None else "Start it with `homeroom up`."
    return [*steps, f"{start} Sign-in opens once two administrators confirmed the list on /office/restoration."]


def outline(chosen: Chosen) -> dict[str, Any]:
    """Returns what --dry-run shows, from manifests only."""
    made, whole = chosen.manifest, chosen.chain.is_whole
    found = [link.manifest for link in chosen.chain.links]
    rows = [{"number": each.number, "at": each.at.isoformat(), "bytes": each.sealed_size, "is_whole": whole(each)} for each in found]
    return {
        "backups": rows, "chosen": made.number, "restore_key": named(made.restore_key), "month": made.month, "tables": len(made.tables),
        "rows": sum(each.rows for each in made.tables), "troubles": chosen.chain.troubles,
    }  # fmt: skip
