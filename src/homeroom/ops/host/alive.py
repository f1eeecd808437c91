"""Tells which long-running commands of an installation run. Each locks a file in the folder. The kernel releases the lock when the process ends."""

import fcntl
import os
import struct
from pathlib import Path

UP = ".up"  # `homeroom up`
KEEPER = ".keeper"  # `homeroom backup keep`, or that part of `homeroom up`
FLOCK = "hhqqi4x"  # struct flock of fcntl(2): type, whence, start, length, process


def hold(folder: Path, what: str) -> bool:
    """Takes the lock until this process ends. Forks don't inherit it. Returns False if another process holds it.

    Any user may ask who holds it: the drill of a backup does. systemd's units would keep the file from them by their UMask."""
    file = os.open(folder / what, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)  # never closed, because that would release the lock
    if os.fstat(file).st_uid == os.geteuid():
        os.fchmod(file, 0o644)
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    return True


def process_of(folder: Path, what: str) -> int | None:
    """Returns the process that holds the lock, 0 if it is in another container, or None if there isn't one. The holder must not call this, because it would
    release its own lock."""
    try:
        file = os.open(folder / what, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        asked = struct.pack(FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = struct.unpack(FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
    finally:
        os.close(file)
    return None if kind == fcntl.F_UNLCK else int(pid)
