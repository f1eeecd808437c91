"""Says whether a process that a test watches is running. The process can end between two checks."""

from pathlib import Path

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Returns False for a zombie. It has ended, and its parent has not waited for it yet."""
    try:
        return process.is_running() and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def writer_of(log: Path) -> psutil.Process | None:
    """Returns a process whose errors go into this log."""
    for each in psutil.process_iter():
        try:
            if Path(f"/proc/{each.pid}/fd/2").resolve() == log.resolve():
                return each
        except OSError:  # another user's, or ended
            continue
    return None
