"""One step of an opening in a process of its own, which answers with a small verdict when it has ended well."""

import ctypes
import json
import logging
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, <sys/prctl.h>


class OpeningInterrupted(Exception):
    """A process of the opening ended before it had a verdict: nothing is known about the file. Open it again."""


class Stage:
    def __init__(self, work: Callable[[], dict[str, Any]], *, keep: Sequence[int]) -> None:
        """Forks; the child has no open file but `keep` and the standard ones, and dies with this process."""
        self._answer, out = os.pipe()
        parent = os.getpid()
        self._pid: int | None = os.fork()
        if self._pid == 0:
            _work(work, parent, out, {*keep, out})
        os.close(out)

    def verdict(self) -> dict[str, Any]:
        """Waits for it. Raises OpeningInterrupted where the process died."""
        with os.fdopen(self._answer, "rb") as stream:
            said = stream.read()
        self._answer = -1
        if not said:
            raise OpeningInterrupted("The opening was interrupted before it had ended.")
        verdict: dict[str, Any] = json.loads(said)
        return verdict

    def end(self) -> None:
        """Ends it where it still runs."""
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
    except Exception as error:  # noqa: BLE001 - the edge of a process: the missing verdict tells the parent
        logging.getLogger(__name__).error("A step of the opening stopped: %s.", type(error).__name__)
    finally:
        os._exit(code)


def die_with(parent: int) -> None:
    """Whoever reads what we write is gone when our parent is: then nobody may keep the plain text."""
    ctypes.CDLL(None, use_errno=True).prctl(DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _close_others(keep: set[int]) -> None:
    """A pipe's end kept open by a process that does not use it would never end."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names, not paths
        if int(name) > 2 and int(name) not in keep:
            try:
                os.close(int(name))
            except OSError as error:
                if error.errno != 9:  # the folder's own handle is gone by now
                    raise
