"""Says whether a process that a test watches is running. The process can end between two checks."""

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Returns False for a zombie. It has ended, and its parent has not waited for it yet."""
    try:
        return process.is_running() and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
