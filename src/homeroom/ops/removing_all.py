"""`homeroom remove`: removes every portal of an installation, then the gateway, the backup timer, the system users and the folder."""

import shutil
from contextlib import nullcontext
from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.plan import vault_folders
from homeroom.ops.backup.run import alone
from homeroom.ops.host import units
from homeroom.ops.host.installation import Installation, is_root, making
from homeroom.ops.host.served import of_installation, stop
from homeroom.ops.incident.facts import incidents_in
from homeroom.ops.incident.journal import DIARY, Journal
from homeroom.ops.incident.journal import FOLDER as INCIDENTS
from homeroom.ops.portal.making import take_away
from homeroom.ops.portal.removing import JOURNAL, Removal, Tell, refuse_stores_in
from homeroom.ops.portal.removing import outline as outline_of_portal
from homeroom.ops.portal.removing import remove as remove_portal
from homeroom.portal.processes.users import remove_user
from homeroom.seal.erasure import read_keys

OURS = (".keeper", ".up", "firewall.nft", "gateway", "homeroom.toml", "incidents", "log", "portals", units.RECORD, "up.log", "vault", "wireguard")


def outline(installation: Installation) -> Removal:
    """Raises NotDone if it can't be done."""
    folder = installation.folder
    if installation.gateway_user and not is_root():
        raise NotDone("Run this as root: the gateway has a system user of its own.")
    refuse_stores_in(installation, folder)
    _refuse_keys_in(folder)
    _refuse_diary_in(folder)
    if others := sorted(path.name for path in folder.iterdir() if path.name not in OURS):
        raise NotDone(f"{folder} also holds what Homeroom did not make: {', '.join(others)}. Move it away, then run this again.")
    each = [outline_of_portal(installation, slug) for slug in there(installation)]
    goes = ["What runs of this installation."] if of_installation(installation).all else []
    goes += [f"The unit {path}." for path in units.installed(installation) if path.name in (units.GATEWAY, units.BACKUPS)]
    goes += list(dict.fromkeys(told for one in each for told in one.goes))
    goes += [f"The gateway's system user, {installation.gateway_user}."] if installation.gateway_user else []
    goes += [f"{folder}, with the gateway's keys, receipts and journal." if installation.has_gateway else f"{folder}."]
    return Removal(goes, list(dict.fromkeys(told for one in each for told in one.stays if told != JOURNAL)))


def remove(installation: Installation, tell: Tell) -> None:
    """Raises NotDone before anything is done, or because a process still runs."""
    outline(installation)
    portals = installation.folder / "portals"  # a removal that was killed may have removed it
    with making(installation.folder, is_alone=True), alone(portals / "removal") if portals.exists() else nullcontext():
        tell("stopping what runs", 0, 0)
        for path in reversed(units.installed(installation)):
            units.take_away(path.parent, [path.name])
        stop(lambda: of_installation(installation), str(installation.folder))
    slugs = there(installation)
    for done, slug in enumerate(slugs):
        tell(f"removing {slug}", done, len(slugs))
        remove_portal(installation, slug, lambda *_: None)
    tell("removing the gateway and the folder", 0, 0)
    remove_installation(installation)


def remove_installation(installation: Installation) -> None:
    """Removes the folder with everything in it, and the system users that were made for it. Nothing in it may run. homeroom.toml goes last, so that a
    killed removal can be run again."""
    for slug in installation.slugs():  # half-made ones, too
        take_away(installation.folder / "portals" / slug)
    (installation.gateway / "host_key").unlink(missing_ok=True)  # without it, the gateway is not started
    for path in installation.folder.iterdir():
        if path.name != "homeroom.toml":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    if installation.gateway_user and is_root():
        remove_user(installation.gateway_user)
    (installation.folder / "homeroom.toml").unlink()
    installation.folder.rmdir()


def there(installation: Installation) -> list[str]:
    """Returns the portals, with those that a removal left as a folder only."""
    return sorted(path.name for path in installation.folder.glob("portals/*") if path.is_dir())


def is_what_is_left(folder: Path) -> bool:
    """Returns True for an empty folder. A removal that was killed at its very end leaves one."""
    return folder.is_dir() and not any(folder.iterdir())


def _refuse_diary_in(folder: Path) -> None:
    """Raises NotDone. The diary shows what the operator knew, and when, also after the last portal is gone."""
    if known := incidents_in(Journal(folder, DIARY).read().lines):
        told = f"{folder / INCIDENTS} has the diary of incidents ({len(known)}), which may be asked for in later years."
        raise NotDone(f"{told} Move this folder to a safe place, then run this again.")


def _refuse_keys_in(folder: Path) -> None:
    """Raises NotDone."""
    for vault in vault_folders(folder):
        keys = vault / f"{vault.name}.json"
        if keys.exists() and read_keys(keys):
            raise NotDone(
                f"{keys} has the erasure keys of {vault.name}, and without them no backup opens. Move {vault} away, or destroy them with "
                f"`homeroom keys destroy {vault.name} --file {keys} --all`. Then run this again."
            )
