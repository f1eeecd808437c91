"""Whether a process that a test watches still runs. It can end between two questions about it."""

import psutil


def is_alive(process: psutil.Process) -> bool:
    """A zombie has ended: whoever should wait for it did not yet."""
    try:
        return process.is_running() and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
