"""The systemd unit of the backup timer. Its files, network and rights are those that the installation's settings need."""

import pwd
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.portal_units import INSTALL, RESTART, PortalUnits, service, unit
from homeroom.ops.host.sandbox import Sandbox, python, word
from homeroom.portal.place import Place
from homeroom.portal.processes.child import LAST
from homeroom.vault.store import folder_of

TIERS = ("store", "archive", "offsite")


def backup_unit(installation: Installation, after: str) -> str:
    """Raises NotDone, StoreFailed."""
    folder, is_root = installation.folder, installation.gateway_user is not None
    sandbox = Sandbox(
        user="root" if is_root else pwd.getpwuid(folder.stat().st_uid).pw_name,
        is_on_network=is_on_network(installation),
        sockets="AF_UNIX AF_INET AF_INET6 AF_NETLINK" if is_on_network(installation) else "AF_UNIX",
        memory="75%",
        sees=[folder, *short_folders(installation)],
        writes=[folder, *local_tiers(installation)],
        starts_without=True,
    )
    command = f"{python('homeroom.ops')} backup keep --folder {word(str(folder))}"
    # It asks whether a process of another user is the portal's PostgreSQL, and all that it starts comes after people who read pages.
    lines = ["Type=exec", f"ExecStart={command}", f"Nice={LAST}", *RESTART, *sandbox.lines(gives_files=is_root, changes_users=is_root), "ProtectProc=default"]
    return unit("clock of backups", ["Wants=network-online.target", f"After={after}", "StartLimitIntervalSec=0"]) + service(lines) + INSTALL


def settings(installation: Installation) -> list[Path]:
    """Returns the files with the tiers of portals and vaults."""
    return sorted([*installation.folder.glob("portals/*/backup.toml"), *installation.folder.glob("vault/*/vault.toml")])


def urls(installation: Installation) -> Iterator[str]:
    for path in settings(installation):
        words = tomllib.loads(path.read_text())
        yield from (str(words[tier]) for tier in TIERS if tier in words)


def local_tiers(installation: Installation) -> list[Path]:
    return [found for url in urls(installation) if (found := folder_of(url)) is not None]


def is_on_network(installation: Installation) -> bool:
    """True if a tier, a portal's database or the relay of alarms is somewhere else."""
    folder = installation.folder
    if any(folder.glob("portals/*/backup/alarm.toml")) or any(folder.glob("vault/*/alarm.toml")):
        return True
    databases = [Place.read(portal).database_url for portal in installation.whole() if (portal / "backup.toml").exists()]
    return any(folder_of(url) is None for url in urls(installation)) or any(urlsplit(url).hostname for url in databases)


def short_folders(installation: Installation) -> list[Path]:
    """Returns the folders of sockets that are under /tmp, because a portal's path is too long for a socket."""
    return [path for portal in installation.whole() for path in PortalUnits(installation, Place.read(portal)).short_folders]
