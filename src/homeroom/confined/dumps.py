"""No core dump: it would write keys and records to the disk, or into the pipe of a program that collects dumps."""

import ctypes
import os
import resource
from pathlib import Path

_DUMPABLE = 4  # PR_SET_DUMPABLE, <linux/prctl.h>
_FILTER = Path("/proc/self/coredump_filter")  # which memory a dump holds, core(5). It stays after execve


def refuse_dumps() -> None:
    """Holds for this process and what it starts. systemd-coredump and apport keep nothing of a dump whose limit is 0 bytes, and the dump has no memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.access(_FILTER, os.W_OK):  # not if this process's memory is hidden: then there is no dump at all
        _FILTER.write_text("0")


def hide_memory() -> None:
    """Makes no dump at all, and lets no one but root read this process's memory or files in /proc. Forks keep it. A program that it starts does not."""
    control(_DUMPABLE, 0)


def hide_memory_in(folder: Path) -> None:
    """Does that if the process has a user of its own. Where everything runs as the folder's owner, commands find running processes by their files."""
    if folder.stat().st_uid != os.getuid():
        hide_memory()


def control(option: int, *values: int) -> None:
    """Calls prctl(2). Raises OSError."""
    words = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    if ctypes.CDLL(None, use_errno=True).prctl(option, *words) < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{os.strerror(code)} (prctl {option})")
