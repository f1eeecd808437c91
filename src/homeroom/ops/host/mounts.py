"""Lets system users enter the folders that hold Homeroom's code and data. /root lets no one in.

If the kernel allows it, this command and its processes see a closed folder such as /root with only what they need in it. Nothing changes for other
processes. Homeroom's processes can't see what else is there.
"""

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from homeroom.ops.answers import NotDone

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNS = 0x00020000
_MS_BIND, _MS_REC, _MS_PRIVATE, _MS_NOSUID, _MS_NODEV = 4096, 16384, 1 << 18, 2, 4


def open_way(folder: Path) -> None:
    """Call this first, as root, before any fork. Raises NotDone with what to do instead."""
    if os.getuid() != 0:
        return
    needed = [path.resolve() for path in (folder, Path(sys.prefix), Path(sys.base_prefix), Path(__file__).parents[2])]
    shut = shut_above(needed)
    if not shut:
        return
    if _libc.unshare(_CLONE_NEWNS):
        raise NotDone(
            f"Homeroom's processes run as users of their own, and {shut[0]} lets only its owner in. "
            "Move Homeroom and its folder to a place that everybody may enter, such as /srv/homeroom."
        )
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    for folder_shut in shut:
        _open(folder_shut, [path for path in needed if path.is_relative_to(folder_shut)])


def shut_above(paths: Iterable[Path]) -> list[Path]:
    """Returns the topmost folders above these paths that other users can't enter."""
    found: list[Path] = []
    for path in paths:
        way = [*reversed(path.parents)]
        shut = next((above for above in way if not above.stat().st_mode & stat.S_IXOTH), None)
        if shut is not None and shut not in found:
            found.append(shut)
    return found


def _open(shut: Path, needed: list[Path]) -> None:
    held = {path: os.open(path, os.O_PATH) for path in dict.fromkeys(needed)}
    here = os.open(".", os.O_PATH)
    _mount("tmpfs", str(shut), "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=711,size=1m")
    for path, descriptor in held.items():
        path.mkdir(parents=True, exist_ok=True, mode=0o711)
        if not any(path != other and path.is_relative_to(other) for other in held):
            _mount(f"/proc/self/fd/{descriptor}", str(path), None, _MS_BIND | _MS_REC)
    os.fchdir(here)
    for descriptor in (*held.values(), here):
        os.close(descriptor)


def _mount(source: str, target: str, kind: str | None, flags: int, words: str | None = None) -> None:
    encoded = [text.encode() if text else None for text in (source, target, kind, words)]
    if _libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]):
        code = ctypes.get_errno()
        raise NotDone(
            f"{target} could not be opened for Homeroom's own users ({os.strerror(code)}). Use /srv/homeroom."
        )
