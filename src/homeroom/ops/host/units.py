"""`homeroom host units`: writes and removes an installation's systemd units: those of each portal, the gateway's and the backup timer's."""

import os
import pwd
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.ops.host.backup_unit import backup_unit, settings
from homeroom.ops.host.installation import Installation, is_root
from homeroom.ops.host.portal_units import INSTALL, RESTART, PortalUnits, service, unit
from homeroom.ops.host.sandbox import Sandbox, python, word
from homeroom.portal.place import Place
from homeroom.seal.whole import write_all_whole, write_whole

SYSTEM = Path("/etc/systemd/system")
BOOTED = Path("/run/systemd/system")  # sd_booted(3)
RECORD = "units"  # a file in the installation's folder with the folder of its units
MARK = "# Homeroom's unit for "
GATEWAY, BACKUPS = "homeroom.gateway.service", "homeroom.backups.service"  # no portal's name has a dot
KINDS = (".service", ".socket", ".target")
HOW = "# `homeroom host units` rewrites this file. Put your own settings into a drop-in: systemctl edit {name}"


@dataclass(frozen=True, slots=True)
class Change:
    """Units that are written, stay as they are, and go. `texts` has all units of the installation, by name."""

    into: Path
    texts: Mapping[str, str]
    written: list[str]
    unchanged: list[str]
    gone: list[str]


def target_of(slug: str) -> str:
    return f"homeroom-{slug}.target"


def wanted(installation: Installation) -> dict[str, str]:
    """Returns the text of each unit, by name. Portals start first, then the gateway and the backup timer. They stop in the opposite order. Raises NotDone."""
    texts: dict[str, str] = {}
    for portal in installation.whole():
        texts |= PortalUnits(installation, Place.read(portal)).texts()
    after = " ".join(["network-online.target", *(target_of(portal.name) for portal in installation.whole())])
    if installation.has_gateway:
        texts[GATEWAY] = _gateway(installation, after)
    if settings(installation):
        texts[BACKUPS] = backup_unit(installation, after)
    return {name: f"{mark(installation)}\n{HOW.format(name=name)}\n{text}" for name, text in texts.items()}


def _gateway(installation: Installation, after: str) -> str:
    folder, user = installation.folder, installation.gateway_user or owner_of(installation.folder)
    families = "AF_UNIX AF_INET AF_INET6 AF_NETLINK"
    sandbox = Sandbox(user=user, is_on_network=True, sockets=families, memory="2G", sees=[folder], writes=[installation.gateway])
    lines = ["Type=exec", f"ExecStart={python('homeroom.gateway.run')} {word(str(folder))}", *RESTART, *sandbox.lines()]
    return unit("gateway", ["Wants=network-online.target", f"After={after}", "StartLimitIntervalSec=0"]) + service(lines) + INSTALL


def owner_of(folder: Path) -> str:
    """Returns the user who made an installation without root."""
    return pwd.getpwuid(folder.stat().st_uid).pw_name


def mark(installation: Installation) -> str:
    return f"{MARK}{installation.folder}"


def change(installation: Installation, into: Path | None, *, dry_run: bool) -> Change:
    """Writes units that are missing or differ, and removes those that are no longer wanted. Raises NotDone before anything is changed."""
    place = into or SYSTEM
    if not place.is_dir():
        raise NotDone(f"There is no folder {place}. Units are for a computer with systemd; name another folder with --into.")
    texts = wanted(installation)
    for name in texts:
        refuse_foreign(installation, place / name)
    written = [name for name, text in texts.items() if not (place / name).exists() or (place / name).read_text() != text]
    gone = [name for name in own(installation, place) if name not in texts]
    if not dry_run:
        _record(installation, place)
        write_all_whole({place / name: texts[name].encode() for name in written}, 0o644)
        take_away(place, gone)
        if written:
            _systemctl(place, "daemon-reload")
            _systemctl(place, "enable", "--quiet", *heads(texts, written))
    return Change(place, texts, written, [name for name in texts if name not in written], gone)


def heads(texts: Mapping[str, str], written: Iterable[str]) -> list[str]:
    """Returns the units to enable and to restart for these: a portal's target brings all its services and sockets."""
    stems = {name.rsplit(".", 2)[0] if name.startswith("homeroom-") and not name.endswith(".target") else name.removesuffix(".target") for name in written}
    return [name for name, text in texts.items() if text.endswith(INSTALL) and name.removesuffix(".target") in stems]


def refuse_foreign(installation: Installation, path: Path) -> None:
    """Raises NotDone."""
    first = _first_line(path)
    if first is None or first == mark(installation):
        return
    if first.startswith(MARK):
        raise NotDone(f"{path} is the unit of another installation, in {first.removeprefix(MARK)}. Nothing was changed.")
    raise NotDone(f"{path} exists, and Homeroom did not write it. Move it away, then run this again. Nothing was changed.")


def _record(installation: Installation, place: Path) -> None:
    """Writes down where the units are, for a removal. Raises NotDone if units still exist in another folder."""
    before = recorded(installation)
    if before is not None and before != place.resolve() and own(installation, before):
        raise NotDone(f"This installation has units in {before}. Say --into {before}, or remove them first.")
    write_whole(installation.folder / RECORD, f"{place.resolve()}\n".encode(), 0o644)


def recorded(installation: Installation) -> Path | None:
    path = installation.folder / RECORD
    return Path(path.read_text().strip()) if path.exists() else None


def installed(installation: Installation, slug: str = "") -> list[Path]:
    """Returns the installed units of this installation, or only those of the portal `slug`."""
    place = recorded(installation)
    if place is None:
        return []
    return [place / name for name in own(installation, place) if not slug or name.startswith(f"homeroom-{slug}.")]


def own(installation: Installation, place: Path) -> list[str]:
    """Returns targets first: stopping one stops its sockets, which would start the services again."""
    names = [path.name for path in place.glob("homeroom*") if path.suffix in KINDS and _first_line(path) == mark(installation)]
    return sorted(names, key=lambda name: (not name.endswith(".target"), name))


def _first_line(path: Path) -> str | None:
    """Returns None if there is no such file."""
    try:
        return (path.read_text(errors="replace").splitlines() or [""])[0]
    except FileNotFoundError:
        return "" if path.is_symlink() else None  # a masked or broken one isn't this installation's


def take_away(place: Path, names: Iterable[str]) -> None:
    """Stops and disables each unit, then removes its file. Raises NotDone."""
    names = list(names)
    for name in names:
        _systemctl(place, "disable", "--now", "--quiet", name)
        (place / name).unlink(missing_ok=True)
    if names:
        _systemctl(place, "daemon-reload")


def is_live(place: Path) -> bool:
    """Returns True if systemd runs here and reads this folder, and this process is root."""
    return BOOTED.is_dir() and place.resolve() == SYSTEM and is_root()


def _systemctl(place: Path, *words: str) -> None:
    """Does nothing if systemd doesn't run or doesn't read this folder. Raises NotDone."""
    if not is_live(place):
        return
    ended = subprocess.run(["systemctl", *words], capture_output=True, text=True, env={**os.environ, "SYSTEMD_PAGER": ""})
    if ended.returncode:
        said = (ended.stderr.strip() or "no word").splitlines()[-1]
        raise NotDone(f"systemctl {' '.join(words)} failed: {said}. Put that right, then run this again.")
