"""Writes files so that a power failure leaves the old file or the new one, and never half of one."""

import os
import secrets
from pathlib import Path

TEMPORARY = ".new-"  # a file with this prefix is never whole, and a start removes it


def sync_folder(folder: Path) -> None:
    """Syncs a folder. A rename or an unlink is safe only once its folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read. The owner is that of the folder, because an operator who is root writes for the gateway's user."""
    temporary = path.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            give_to_owner_of(path.parent, descriptor)
            os.fsync(descriptor)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Makes the folder and its parents for their owner only, and syncs each into its parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    give_to_owner_of(folder.parent, folder)
    sync_folder(folder.parent)


def remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def give_to_owner_of(folder: Path, made: Path | int) -> None:
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(made, owner.st_uid, owner.st_gid)
