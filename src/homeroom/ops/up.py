"""`homeroom up`: the gateway and every portal of a folder under one parent in the foreground."""

import os
from collections.abc import Callable
from pathlib import Path

from homeroom.ops.gateway_process import gateway_part
from homeroom.ops.installation import Installation
from homeroom.ops.keeper import keep
from homeroom.ops.release import check_release
from homeroom.portal.processes.portal import preload, run
from homeroom.portal.processes.supervise import Part, supervise


def up(installation: Installation, tell: Callable[[str], object]) -> None:
    """Until SIGTERM or SIGINT. Raises NotDone."""
    for slug in installation.slugs():
        check_release(installation.portal(slug))
    supervise(parts(installation), tell)


def parts(installation: Installation) -> list[Part]:
    """The gateway, and each portal's own parent, forked from this one so that they share what is read once."""
    preload()
    log = installation.folder / "log"
    log.mkdir(mode=0o700, exist_ok=True)
    found = [gateway_part(installation, log / "gateway.log")] if installation.has_gateway else []
    found += [_portal(installation.portal(slug), log / f"{slug}.log") for slug in installation.slugs()]
    return [*found, _keeper(installation, log / "backups.log")] if has_backups(installation) else found


def has_backups(installation: Installation) -> bool:
    return any(installation.folder.glob("portals/*/backup.toml")) or any(installation.folder.glob("vault/*/vault.toml"))


def _keeper(installation: Installation, log: Path) -> Part:
    return Part(name="backups", enter=lambda: keep(installation, _write), log=log, patience=5.0)


def _portal(portal: Path, log: Path) -> Part:
    return Part(name=portal.name, enter=lambda: run(portal, _write), log=log, patience=10.0)


def _write(line: str) -> None:
    os.write(2, f"{line}\n".encode())
