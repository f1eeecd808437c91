"""Writes a small file so that a power failure leaves the old one or the new one, and never half of one. It also lets only one process write in a folder."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Lets one process in at a time. Others wait. The lock ends with the process, however it ends."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Writes a file with the owner of the old file, or of its folder. An operator who is root writes for a system user."""
    write_all_whole({path: content}, mode)


def write_all_whole(contents: Mapping[Path, bytes], mode: int) -> None:
    """Does the same with several files. If one can't be written, all of them stay as they were."""
    written: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            fresh = path.with_name(path.name + ".new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
                written[path] = fresh
                file.write(content)
                file.flush()
                if os.geteuid() == 0:
                    owner = (path if path.exists() else path.parent).stat()
                    os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
        for path, fresh in written.items():
            fresh.replace(path)
    except OSError:
        for fresh in written.values():
            fresh.unlink(missing_ok=True)
        raise
    for folder in {path.parent for path in contents}:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # a rename is safe only once its folder is on the disk
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
