"""The owner and mode of each file of a portal's folder: one table, applied at start and checked by doctor."""

import errno
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from homeroom.portal.processes.users import group_of, user_of


@dataclass(frozen=True, slots=True)
class Own:
    """`owner` is a process, or None for the user who hosts. `is_shared`: for the group of inbox, opener, intake and jobs."""

    path: str
    owner: str | None
    mode: int
    is_folder: bool = False
    is_shared: bool = False


TABLE = (
    Own(".", None, 0o711, is_folder=True),
    Own("portal.toml", None, 0o644),
    Own("backup.toml", None, 0o644),
    Own("breached.filter", None, 0o644),
    Own("secrets", None, 0o711, is_folder=True),
    Own("secrets/app", "web", 0o600),
    Own("secrets/door", "door", 0o600),
    Own("secrets/factors", "door", 0o600),
    Own("secrets/intake", "intake", 0o600),
    Own("secrets/jobs", "jobs", 0o600),
    Own("secrets/notes", "jobs", 0o600),
    Own("secrets/relay", "jobs", 0o600),
    Own("secrets/sealer", "sealer", 0o600),
    Own("secrets/watcher", "sealer", 0o600),
    Own("secrets/forwarder", "jobs", 0o600),
    Own("secrets/addresses", "front", 0o600),
    Own("secrets/opening.pgp", "opener", 0o600),
    Own("secrets/receipts.pgp", "intake", 0o600),
    Own("secrets/inbox-tls.pem", "inbox", 0o600),
    Own("secrets/front-tls.pem", "front", 0o600),
    Own("secrets/owner.pgpass", None, 0o600),
    Own("secrets/backup.key", "dump", 0o600),
    Own("secrets/store-add.toml", "dump", 0o600),
    Own("secrets/store-read.toml", "dump", 0o600),
    Own("cert", None, 0o755, is_folder=True),
    Own("cert/*", None, 0o644),
    Own("database", "db", 0o700, is_folder=True),
    Own("inbox", "inbox", 0o2770, is_folder=True, is_shared=True),
    Own("inbox/*", "inbox", 0o640, is_shared=True),
    Own("outbox", "intake", 0o2770, is_folder=True, is_shared=True),
    Own("outbox/*", "intake", 0o640, is_shared=True),
    Own("events", "jobs", 0o2750, is_folder=True, is_shared=True),
    Own("events/*", "jobs", 0o640, is_shared=True),
    Own("notes", "jobs", 0o2770, is_folder=True, is_shared=True),
    Own("notes/*", "jobs", 0o640, is_shared=True),
    # Sticky: opener and intake make their sockets here, and neither can replace the other's.
    Own("run", None, 0o1771, is_folder=True, is_shared=True),
    Own("log", None, 0o700, is_folder=True),
    Own("backup", None, 0o700, is_folder=True),
)


MENDED = "A restart of the portal puts it right."


def give(portal: Path) -> None:
    """Makes the folders that are missing and gives every file of the table to its owner."""
    for own in TABLE:
        for path in _matching(portal, own):
            if own.is_folder:
                path.mkdir(parents=True, exist_ok=True)
            _give(portal, own, path)


def _give(portal: Path, own: Own, path: Path) -> None:
    """Changes no link and no file with a second hard link: a process could plant either in a folder that it shares."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as no:
        if no.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):  # gone, a link, a socket
            return
        raise
    try:
        found = os.fstat(file)
        if stat.S_ISDIR(found.st_mode) != own.is_folder or (_is_of_a_process(own) and found.st_nlink > 1):
            return
        if os.getuid() == 0:
            os.fchown(file, *_ids(portal, own))
        os.fchmod(file, own.mode)
    finally:
        os.close(file)


def wrongs(portal: Path) -> Iterator[str]:
    """Yields one sentence for each row of the table whose files have another owner or mode."""
    for own in TABLE:
        odd = [told for path in _matching(portal, own) if (told := _wrong(portal, own, path))]
        if odd:
            yield odd[0] if len(odd) == 1 else f"{odd[0]} {len(odd) - 1} more files there have the same problem."


def _wrong(portal: Path, own: Own, path: Path) -> str:
    """Returns "" if nothing is wrong."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return f"{path} is missing. {MENDED}" if own.is_folder else ""
    uid, gid = _ids(portal, own) if os.getuid() == 0 else (os.getuid(), found.st_gid)
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISLNK(found.st_mode):
        return f"{path} is a link; a file itself belongs there."
    is_odd = (found.st_uid, found.st_gid) != (uid, gid)
    if is_odd and _is_of_a_process(own) and found.st_nlink > 1:
        return f"{path} has a second hard link. Move it away and find out who made it."
    if is_odd:
        return f"{path} belongs to {_name(found.st_uid)}, not to {_name(uid)}. {MENDED}"
    if mode & ~own.mode:
        return f"{path} is open to others (mode {mode:o}, not {own.mode:o}). {MENDED}"
    if _is_of_a_process(own) and own.mode & ~mode:
        return f"{path} is shut to those who must read it (mode {mode:o}, not {own.mode:o}). {MENDED}"
    return ""


def _is_of_a_process(own: Own) -> bool:
    """Returns whether the row is about files that processes write."""
    return own.is_shared and not own.is_folder


def _matching(portal: Path, own: Own) -> list[Path]:
    return sorted(portal.glob(own.path)) if "*" in own.path else [portal / own.path]


def _ids(portal: Path, own: Own) -> tuple[int, int]:
    user = user_of(portal, own.owner) if own.owner else None
    uid, gid = (pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid) if user else (os.getuid(), os.getgid())
    group = group_of(portal) if own.is_shared else None
    return uid, gid if group is None else group


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
