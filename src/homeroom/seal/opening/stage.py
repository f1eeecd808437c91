"""Runs one step of an opening in a separate process, which returns a small verdict when it has ended well."""

import ctypes
import json
import logging
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, <sys/prctl.h>


class OpeningInterrupted(Exception):
    """A process of the opening ended before it had a verdict. Nothing is known about the file. Open it again."""


class Stage:
    def __init__(self, work: Callable[[], dict[str, Any]], *, keep: Sequence[int]) -> None:
        """Forks. The child has no open files but `keep` and the standard ones, and is killed when this process ends."""
        self._answer, out = os.pipe()
        parent = os.getpid()
        self._pid: int | None = os.fork()
        if self._pid == 0:
            _work(work, parent, out, {*keep, out})
        os.close(out)

    def verdict(self) -> dict[str, Any]:
        """Waits for the verdict. Raises OpeningInterrupted if the process ended without one."""
        with os.fdopen(self._answer, "rb") as stream:
            said = stream.read()
        self._answer = -1
        if not said:
            raise OpeningInterrupted("The opening was interrupted before it had ended.")
        verdict: dict[str, Any] = json.loads(said)
        return verdict

    def end(self) -> None:
        """Ends the process if it is still running."""
        if self._answer >= 0:
            os.close(self._answer)
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = None


def _work(work: Callable[[], dict[str, Any]], parent: int, out: int, keep: set[int]) -> None:
    code = 1
    try:
        die_with(parent)
        _close_others(keep)
        verdict = json.dumps(work()).encode()
        os.write(out, verdict)
        code = 0
    except Exception as error:  # noqa: BLE001  the edge of a process: the missing verdict tells the parent
        logging.getLogger(__name__).error("A step of the opening stopped: %s.", type(error).__name__)
    finally:
        os._exit(code)


def die_with(parent: int) -> None:
    """Kills this process when its parent ends. Then the reader of its output is gone, too, and the plain text must not stay."""
    ctypes.CDLL(None, use_errno=True).prctl(DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _close_others(keep: set[int]) -> None:
    """Closes all other files. A pipe never ends while a process that does not use it has an end open."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  names, not paths
        if int(name) > 2 and int(name) not in keep:
            try:
                os.close(int(name))
            except OSError as error:
                if error.errno != 9:  # the folder's own handle is closed by now
                    raise
