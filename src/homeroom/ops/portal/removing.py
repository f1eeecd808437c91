"""`homeroom portal remove`: stops serving a portal and removes everything that was made for it on this computer. Sealed backups stay.

Each step can be repeated, and the portal's own folder goes last. After kill -9, the same command finishes the removal.
"""

import os
import pwd
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from homeroom.gateway import register
from homeroom.ops.answers import NotDone
from homeroom.ops.backup.plan import Plan, Vault, vault_folders
from homeroom.ops.backup.run import alone
from homeroom.ops.backup.scratch import wipe
from homeroom.ops.backup.setting_up import checked_is_root_or_own
from homeroom.ops.host import units
from homeroom.ops.host.installation import REMOVING, Installation, give_all_in, is_half_made, is_root, making
from homeroom.ops.host.served import of_portal, stop
from homeroom.ops.portal.making import take_away
from homeroom.portal.place import Place
from homeroom.portal.processes.layout import own_cluster
from homeroom.portal.processes.users import USERS, prefix_of, prefixes_that_name, remove_users
from homeroom.seal.erasure import read_keys
from homeroom.vault.store import folder_of

PLAIN = ("database", "secrets", "drill")  # overwritten before they are removed
JOURNAL = "The gateway's journal keeps for 60 days which sealed files it passed on: sender, portal, checksum and time."

Tell = Callable[[str, int, int], object]


@dataclass(frozen=True, slots=True)
class Removal:
    """`goes` and `stays` have a sentence for each thing."""

    goes: list[str]
    stays: list[str]


def outline(installation: Installation, slug: str) -> Removal:
    """Returns what a removal takes away and leaves. Raises NotDone if it can't be done."""
    portal = checked(installation, slug)
    has_words = (portal / "portal.toml").exists()
    prefix = prefix_of(portal) if has_words else None
    goes = [f"What runs of {slug}."] if of_portal(installation, slug).all else []
    goes += [f"Its unit, {path}." for path in units.installed(installation, slug)]
    goes += _at_gateway(installation, slug)
    goes += [f"{portal}, with {'its database, its' if own_cluster(portal) else 'its'} keys and the files in it."]
    goes += [f"The system users {prefix}-… ({len(USERS)}) and the group {prefix}."] if prefix else []
    goes += [f"The system users {left}-… of a portal that was in this folder before." for left in _left_before(portal, prefix)]
    return Removal(goes, [*_backups_left(installation, portal), *(_elsewhere(installation, portal) if has_words else [])])


def remove(installation: Installation, slug: str, tell: Tell) -> Removal:
    """Raises NotDone before anything is done, or because a process still runs."""
    with making(installation.folder, is_alone=True):
        found = outline(installation, slug)
        portal = installation.folder / "portals" / slug
        with alone(portal):
            (portal / REMOVING).touch()
        tell("stopping what runs", 0, 0)
        for path in units.installed(installation, slug):  # systemd would start it again
            units.take_away(path.parent, [path.name])
        stop(lambda: of_portal(installation, slug), slug)
        if (installation.gateway / "home").exists() or installation.has_gateway:
            register.forget_portal(installation.gateway, slug)
        keep_stores(portal)
        for name in PLAIN:
            wipe(portal / name, lambda told: tell(told, 0, 0))
        for log in installation.folder.glob(f"log/{slug}.log*"):
            log.unlink()
        tell("removing the folder and system users", 0, 0)
        for left in _left_before(portal, prefix_of(portal) if (portal / "portal.toml").exists() else None):
            remove_users(left)
        take_away(portal)
    return found


def checked(installation: Installation, slug: str) -> Path:
    """Returns the folder of a portal that may be removed: a whole one, or one that a restore or a removal left. Raises NotDone."""
    portal = installation.folder / "portals" / slug
    is_left = portal.is_dir() and not (portal / "portal.toml").exists()  # left by a command that was killed
    if not is_left and not is_half_made(portal):
        installation.portal(slug)
    if (portal / "portal.toml").exists():
        checked_is_root_or_own(portal)
    refuse_stores_in(installation, portal)
    return portal


def refuse_stores_in(installation: Installation, folder: Path) -> None:
    """Raises NotDone if a backup store is in the folder. Backups must outlive the portal."""
    for name, url in urls_of(installation):
        store = folder_of(url)
        if store is not None and store.resolve().is_relative_to(folder.resolve()):
            raise NotDone(
                f"{store} holds backups of {name} and would be lost with {folder}. Move it, and name its new place with "
                f"`homeroom backup set-up` and `homeroom backup vault`."
            )


def urls_of(installation: Installation) -> Iterable[tuple[str, str]]:
    """Yields each tier that a portal or a vault of this installation names, with the portal's name."""
    for path in sorted(installation.folder.glob("portals/*/backup.toml")):
        yield from ((path.parent.name, url) for url in Plan.read(path.parent).urls.values())
    for folder in vault_folders(installation.folder):
        yield from ((folder.name, url) for url in Vault.read(folder).urls.values())


def keep_stores(portal: Path) -> None:
    """Gives a store that is a local folder to root, because its system user is removed. The next user with that number would own every backup."""
    if not is_root() or not (portal / "backup.toml").exists():
        return
    for url in Plan.read(portal).urls.values():
        folder = folder_of(url)
        if folder is not None and folder.exists() and _is_of(portal, folder):
            os.chown(folder, 0, 0)
            give_all_in(folder, "root")


def _left_before(portal: Path, prefix: str | None) -> list[str]:
    """Returns prefixes of system users that a lost portal left. A restore that found one of their processes made others."""
    return sorted(prefixes_that_name(portal) - {prefix}) if is_root() else []


def _is_of(portal: Path, folder: Path) -> bool:
    try:
        return pwd.getpwuid(folder.stat().st_uid).pw_name == f"{prefix_of(portal)}-dump"
    except KeyError:
        return False


def _at_gateway(installation: Installation, slug: str) -> list[str]:
    if not installation.has_gateway:
        return []
    alone_for, others = register.senders_for(installation.gateway, slug)
    goes = [f"The gateway's entry for {slug}, and what still waits there for it."]
    goes += [f"These senders, with their receipts at the gateway: {', '.join(alone_for)}."] if alone_for else []
    return goes + ([f"The right of these senders to send for {slug}; they go on for others: {', '.join(others)}."] if others else [])


def _backups_left(installation: Installation, portal: Path) -> list[str]:
    urls = list(Plan.read(portal).urls.values()) if (portal / "backup.toml").exists() else []
    keys = installation.folder / "vault" / portal.name / f"{portal.name}.json"
    stays = []
    if urls:
        stays.append(
            f"Sealed backups in {', '.join(urls)}, until the days of each tier are over. If the contract is over, tell the vault: "
            f"homeroom backup end {portal.name} --contract-ended DAY."
        )
    if keys.exists() and read_keys(keys):
        stays.append(f"The keys in {keys}, which open these backups together with the sheets. To close them for good: homeroom keys destroy.")
    return stays


def _elsewhere(installation: Installation, portal: Path) -> list[str]:
    stays = [JOURNAL] if installation.has_gateway else [f"Its entry at a gateway on another host. There: homeroom gateway remove-portal {portal.name}."]
    if own_cluster(portal) is None and (portal / "secrets" / "owner.pgpass").exists():
        host = urlsplit(Place.read(portal).database_url).hostname
        stays.append(f"The database homeroom and its logins in the PostgreSQL at {host}. The server's administrator must drop them.")
    return stays


def shown(found: Removal) -> Sequence[tuple[str, str]]:
    return [*(("goes", told) for told in found.goes), *(("stays", told) for told in found.stays)]
