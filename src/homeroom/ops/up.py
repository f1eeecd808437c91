"""`homeroom up`: the gateway and every portal of a folder under one parent in the foreground."""

import os
from collections.abc import Callable
from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.ops.gateway_process import gateway_part
from homeroom.ops.installation import Installation, half_made
from homeroom.ops.keeper import keep
from homeroom.ops.release import check_release
from homeroom.portal.processes.portal import preload, run
from homeroom.portal.processes.supervise import Part, supervise


def up(installation: Installation, tell: Callable[[str], object]) -> None:
    """Until SIGTERM or SIGINT. One that a restore left half made keeps no other portal from its people. Raises NotDone."""
    for slug in installation.half_made():
        if not installation.whole():
            raise NotDone(half_made(slug))
        tell(half_made(slug))
    for portal in installation.whole():
        check_release(portal)
    supervise(parts(installation), tell)


def parts(installation: Installation) -> list[Part]:
    """The gateway, and each portal's own parent, forked from this one so that they share what is read once."""
    preload()
    log = installation.folder / "log"
    log.mkdir(mode=0o700, exist_ok=True)
    found = [gateway_part(installation, log / "gateway.log")] if installation.has_gateway else []
    found += [_portal(portal, log / f"{portal.name}.log") for portal in installation.whole()]
    return [*found, _keeper(installation, log / "backups.log")] if has_backups(installation) else found


def has_backups(installation: Installation) -> bool:
    return any(installation.folder.glob("portals/*/backup.toml")) or any(installation.folder.glob("vault/*/vault.toml"))


def _keeper(installation: Installation, log: Path) -> Part:
    return Part(name="backups", enter=lambda: keep(installation, _write), log=log, patience=5.0)


def _portal(portal: Path, log: Path) -> Part:
    return Part(name=portal.name, enter=lambda: run(portal, _write), log=log, patience=10.0)


def _write(line: str) -> None:
    os.write(2, f"{line}\n".encode())
