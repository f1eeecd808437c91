"""The doctor's checks of the host: users, files and their owners, disk space and the clock."""

import ctypes
import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from homeroom.confined.filters import why_none
from homeroom.ops.host.finding import Finding
from homeroom.ops.host.installation import Installation, is_root
from homeroom.ops.host.port_owners import read_of
from homeroom.ops.host.served import processes
from homeroom.ops.host.units import change, recorded
from homeroom.portal.door.breached import OF_A_PORTAL, Filter, FilterOdd
from homeroom.portal.processes.child import become
from homeroom.portal.processes.owners import wrongs
from homeroom.portal.processes.users import PROCESSES, UsersMissing, check_users, user_of

LEAST_ROOM = 2 << 30  # bytes
CLOCK_UNKNOWN = 5  # TIME_ERROR of adjtimex(2)
CLOCK_KEEPERS = {"chronyd", "systemd-timesyn", "ntpd", "ntpsec", "openntpd"}  # as the kernel shortens their names


def host(installation: Installation) -> Iterator[Finding]:
    if is_root():
        yield Finding("ok", "users", "Each process has a system user of its own.")
    else:
        yield Finding(
            "warn", "users", "All runs as one user: no process is kept from another's secret. Run it as root."
        )
    room = shutil.disk_usage(installation.folder)
    free = f"{room.free / (1 << 30):.1f} GB free"
    is_short = room.free < LEAST_ROOM or room.free < room.total // 20
    told = f"{free}. A full disk stops imports: make room." if is_short else f"{free}."
    yield Finding("bad" if room.free < LEAST_ROOM else "warn" if is_short else "ok", "disk", told)
    yield clock()
    yield system_calls()


def system_calls() -> Finding:
    """Says whether Linux can limit what a process that someone took over may do."""
    if why := why_none():
        return Finding("warn", "system calls", f"Not limited: {why}. A process that someone takes over may make all of them.")
    return Finding("ok", "system calls", "Each process may make only those that it needs.")


def units(folder: Path) -> Iterator[Finding]:
    """Says whether systemd's units are as the settings say now: ports, tiers of backups, the relay of alarms. Nothing on a host without units."""
    installation = Installation.at(folder)
    place = recorded(installation)
    if place is None:
        return
    found = change(installation, place, dry_run=True)
    if odd := [*found.written, *found.gone]:
        more = f" and {len(odd) - 1} more are" if len(odd) > 1 else " is"
        told = f"{odd[0]}{more} not as the settings say. Run `homeroom host units --into {place}`, and restart what it wrote."
        yield Finding("bad", "units", told)
    else:
        yield Finding("ok", "units", "As the settings say.")


def clock() -> Finding:
    """Asks the kernel whether something (chrony, ntpd, systemd-timesyncd, a container's host) keeps the clock right."""
    answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(512))
    if answer == CLOCK_UNKNOWN:
        return Finding(
            "warn", "clock", "Nothing keeps it right. A file signed 10 minutes ahead is refused: install chrony."
        )
    if answer < 0:
        return Finding("warn", "clock", "Cannot be asked.")
    keepers = CLOCK_KEEPERS & {read_of(pid, "comm").decode(errors="replace").strip() for pid in processes()}
    return Finding("ok", "clock", f"Kept right by {', '.join(sorted(keepers)) or 'the system'}.")


def files(portal: Path) -> Iterator[Finding]:
    try:
        check_users(portal)
    except UsersMissing as missing:
        yield Finding("bad", f"{portal.name}: system users", str(missing))
        return
    odd = list(wrongs(portal))
    for sentence in odd:
        yield Finding("bad", f"{portal.name}: files", sentence)
    if not odd:
        yield Finding("ok", f"{portal.name}: files", "Each belongs to the user of its process, and no other user can read it.")


def secrets(portal: Path) -> Iterator[Finding]:
    """Tries to open every secret as each process's user, because modes don't prove that a user is kept out. An open mode only prevents the ok."""
    if not is_root() or user_of(portal, "web") is None:
        yield Finding("warn", f"{portal.name}: secrets", "Run the doctor as root to try them as each user.")
        return
    own = {path: pwd.getpwuid(path.stat().st_uid).pw_name for path in sorted((portal / "secrets").iterdir())}
    read = [
        (user, path.name)
        for process in (*PROCESSES, "db", "dump")
        if (user := str(user_of(portal, process)))
        for path in own
        if own[path] != user and can_read(user, path)
    ]
    for user, name in read:
        yield Finding("bad", f"{portal.name}: secrets", f"{user} can read secrets/{name}. Restart the portal.")
    open_ways = [path for path in own if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    if not read and not open_ways:
        yield Finding("ok", f"{portal.name}: secrets", "Tried: no process's user can read another's.")


def passwords(portal: Path) -> Iterator[Finding]:
    """Reads the portal's own filter of breached passwords, if it has one."""
    own, what = portal / OF_A_PORTAL, f"{portal.name}: breached passwords"
    if not own.exists():
        return
    try:
        yield Finding("ok", what, f"Its own list has {Filter.read(own).entries:,}.")
    except FilterOdd as odd:
        told = f"No one can choose a password. Run `homeroom portal passwords {portal.name} FILE` again, or remove the file."
        yield Finding("bad", what, f"{odd} {told}")


def can_read(user: str, path: Path) -> bool:
    """Tries it in a child process that becomes this user."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    code = 1
    try:
        become(user)
        os.close(os.open(path, os.O_RDONLY))
        code = 0
    finally:
        os._exit(code)

