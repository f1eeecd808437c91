"""Which long-running commands of an installation run: each holds a lock on a file of the folder, which the kernel ends with the process."""

import fcntl
import os
import struct
from pathlib import Path

UP = ".up"  # `homeroom up`
KEEPER = ".keeper"  # `homeroom backup keep`, or that part of `homeroom up`
FLOCK = "hhqqi4x"  # struct flock of fcntl(2): type, whence, start, length, process


def hold(folder: Path, what: str) -> bool:
    """For as long as this process lives; its forks don't inherit it. Whether no other process holds it."""
    file = os.open(folder / what, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)  # never closed: that would end the lock
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    return True


def process_of(folder: Path, what: str) -> int | None:
    """The process that holds it; 0 if it is of another container. None: it does not run. The holder itself must not ask: the answer ends its lock."""
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
