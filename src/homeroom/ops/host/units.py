"""`homeroom host units`: writes and removes an installation's systemd units, one for each portal, the gateway and the backup timer."""

import os
import pwd
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from homeroom.ops.answers import CANNOT_START, NotDone
from homeroom.ops.host.installation import Installation, is_root
from homeroom.portal.processes.users import prefix_of
from homeroom.seal.whole import write_all_whole, write_whole

SYSTEM = Path("/etc/systemd/system")
BOOTED = Path("/run/systemd/system")  # sd_booted(3)
RECORD = "units"  # a file in the installation's folder with the folder of its units
MARK = "# Homeroom's unit for "
PLAIN = re.compile(r"[\w./:@+-]+", re.ASCII)
GATEWAY, BACKUPS = "homeroom.gateway.service", "homeroom.backups.service"  # no portal's name has a dot
FILES = 65_536  # open files. An upload, a page and an SFTP session each need some

UNIT = """{mark}
# `homeroom host units` rewrites this file. Put your own settings into a drop-in: systemctl edit {name}
[Unit]
Description=Homeroom: {what}
Wants=network-online.target
After={after}

[Service]
Type=exec
ExecStart={command}
Environment=LC_ALL=C.UTF-8
{user}Restart=always
RestartSec=5
RestartPreventExitStatus={cannot}
KillMode=mixed
TimeoutStopSec=30
OOMPolicy=continue
LimitNOFILE={files}

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True, slots=True)
class Change:
    """Units that are written, stay as they are, and go. `texts` has all units of the installation, by name."""

    into: Path
    texts: Mapping[str, str]
    written: list[str]
    unchanged: list[str]
    gone: list[str]


def unit_of(slug: str) -> str:
    return f"homeroom-{slug}.service"


def wanted(installation: Installation) -> dict[str, str]:
    """Returns the text of each unit, by name. Portals start first, then the gateway and the backup timer. They stop in the opposite order. Raises NotDone."""
    here, folder = "network-online.target", word(str(installation.folder))
    portals = {unit_of(portal.name): portal for portal in installation.whole()}
    after = " ".join([here, *portals])
    texts = {}
    for name, portal in portals.items():
        user = None if prefix_of(portal) else portal
        texts[name] = _text(installation, name, f"portal {portal.name}", f"portal run {portal.name} --folder {folder}", here, user)
    own = None if installation.gateway_user else installation.folder
    if installation.has_gateway:
        texts[GATEWAY] = _text(installation, GATEWAY, "gateway", f"gateway run --folder {folder}", after, own)
    if any(installation.folder.glob("portals/*/backup.toml")) or any(installation.folder.glob("vault/*/vault.toml")):
        texts[BACKUPS] = _text(installation, BACKUPS, "clock of backups", f"backup keep --folder {folder}", after, own)
    return texts


def _text(installation: Installation, name: str, what: str, words: str, after: str, owner: Path | None) -> str:
    """`owner` is a folder that was made without root. Its unit runs as the user who owns it."""
    user = f"User={pwd.getpwuid(owner.stat().st_uid).pw_name}\n" if owner else ""
    command = f"{executable()} {words}"
    return UNIT.format(mark=mark(installation), name=name, what=what, after=after, command=command, user=user, cannot=CANNOT_START, files=FILES)


def mark(installation: Installation) -> str:
    return f"{MARK}{installation.folder}"


def executable() -> str:
    command = Path(sys.executable).with_name("homeroom")
    return word(str(command)) if command.exists() else f"{word(sys.executable)} -m homeroom.ops"


def word(text: str) -> str:
    """Quotes a word as systemd.service(5) says. Raises NotDone."""
    if not text.isprintable():
        raise NotDone(f"systemd can't be configured for {text!r}. Move the folder to a place such as /srv/homeroom.")
    if PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


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
            _systemctl(place, "enable", "--quiet", *written)
    return Change(place, texts, written, [name for name in texts if name not in written], gone)


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
    """Returns the installed units of this installation, or only the unit of the portal `slug`."""
    place = recorded(installation)
    if place is None:
        return []
    return [place / name for name in own(installation, place) if not slug or name == unit_of(slug)]


def own(installation: Installation, place: Path) -> list[str]:
    return sorted(path.name for path in place.glob("homeroom*.service") if _first_line(path) == mark(installation))


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
