"""Whose each file of a portal's folder is, and who may open it: one table, applied at start, checked by doctor."""

import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from homeroom.portal.processes.users import group_of, user_of


@dataclass(frozen=True, slots=True)
class Own:
    """owner: a process, or None for whoever hosts. shared: the group of inbox, opener, intake and jobs."""

    path: str
    owner: str | None
    mode: int
    is_folder: bool = False
    is_shared: bool = False


TABLE = (
    Own(".", None, 0o711, is_folder=True),
    Own("portal.toml", None, 0o644),
    Own("backup.toml", None, 0o644),
    Own("secrets", None, 0o711, is_folder=True),
    Own("secrets/app", "web", 0o600),
    Own("secrets/door", "door", 0o600),
    Own("secrets/factors", "door", 0o600),
    Own("secrets/intake", "intake", 0o600),
    Own("secrets/jobs", "jobs", 0o600),
    Own("secrets/notes", "jobs", 0o600),
    Own("secrets/relay", "jobs", 0o600),
    Own("secrets/sealer", "sealer", 0o600),
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
    Own("outbox", "intake", 0o2770, is_folder=True, is_shared=True),
    Own("notes", "jobs", 0o2770, is_folder=True, is_shared=True),
    # Sticky: opener and intake make their sockets here, and neither can put one in the other's place.
    Own("run", None, 0o1771, is_folder=True, is_shared=True),
    Own("log", None, 0o700, is_folder=True),
    Own("backup", None, 0o700, is_folder=True),
)


def give(portal: Path) -> None:
    """Makes the folders that are missing and gives every file of the table to its owner."""
    for own, path in _paths(portal):
        if own.is_folder:
            path.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() or not path.exists():
            continue
        if os.getuid() == 0:
            os.chown(path, *_ids(portal, own))
        path.chmod(own.mode)


def wrongs(portal: Path) -> Iterator[str]:
    """A sentence for each file that somebody else owns or may open."""
    for own, path in _paths(portal):
        try:
            found = path.lstat()
        except FileNotFoundError:
            if own.is_folder:
                yield f"{path} is missing."
            continue
        uid, gid = _ids(portal, own) if os.getuid() == 0 else (os.getuid(), found.st_gid)
        if stat.S_ISLNK(found.st_mode):
            yield f"{path} is a link; a file itself belongs there."
        elif (found.st_uid, found.st_gid) != (uid, gid):
            yield f"{path} belongs to {_name(found.st_uid)}, not to {_name(uid)}."
        elif stat.S_IMODE(found.st_mode) & ~own.mode:
            yield f"{path} is open to others (mode {stat.S_IMODE(found.st_mode):o}, not {own.mode:o})."


def _paths(portal: Path) -> Iterator[tuple[Own, Path]]:
    for own in TABLE:
        for path in sorted(portal.glob(own.path)) if "*" in own.path else [portal / own.path]:
            yield own, path


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
