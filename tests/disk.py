"""A real file system that is soon full. Only root can mount one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

needs_mount = pytest.mark.skipif(os.getuid() != 0, reason="a disk of its own is root's to mount")


@contextmanager
def disk(folder: Path, size: str, mode: str = "755") -> Iterator[Path]:
    """Mounts a file system at `folder`, and makes the folder if it isn't there. `size` is as mount reads it, such as 100k."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode={mode}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def grow(folder: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)
