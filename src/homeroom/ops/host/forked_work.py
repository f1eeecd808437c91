"""Runs one piece of work in its own process. It has another system user, one secret, and a pipe to the parent that waits for the answer.

The process is forked, so it already has what it needs. A process that has used a store must not fork, because the child loses the store's threads.
"""

import io
import os
import pickle
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from homeroom.ops.answers import NotDone, sentence
from homeroom.portal.processes.child import become, close_all_but, die_with_parent, name_process, stand_back

Line = Connection  # carries pairs: a word and its value


class Apart:
    """A child process. Use it as a context: a child that still runs at the end is killed. `behind` is its niceness. 0 changes nothing."""

    def __init__(self, name: str, user: str | None, groups: Sequence[int], work: Callable[[Any], Any], *, behind: int = 0) -> None:
        self.line, theirs = Pipe()
        self.name = name
        self.pid = os.fork()
        if self.pid == 0:
            close_all_but([theirs])  # this child must not use the pipes to other children
            if behind:
                os.setsid()  # Linux schedules whole sessions, so the child gets its own
                stand_back(behind)
            _work(name, user, groups, work, theirs)
        theirs.close()

    def __enter__(self) -> "Apart":
        return self

    def __exit__(self, *_: object) -> None:
        if self.pid:
            with suppress(ProcessLookupError):  # the usual case: it has ended
                os.kill(self.pid, signal.SIGKILL)
            self._reap()

    def hear(self, word: str, on: Callable[[str, Any], object] = lambda *_: None) -> Any:
        """Waits for this word and returns its value. Calls `on` for every other word. Raises NotDone with the sentence of a child that failed."""
        while True:
            try:
                said, value = _plain(self.line.recv_bytes())
            except (EOFError, OSError) as gone:
                self._reap()
                raise NotDone(f"The process {self.name} was ended from outside. Run it again.") from gone
            if said == "failed":
                raise NotDone(str(value))
            if said == word:
                return value
            on(said, value)

    def say(self, word: str, value: Any = None) -> None:
        self.line.send((word, value))

    def _reap(self) -> None:
        if self.pid:
            os.waitpid(self.pid, 0)
            self.pid = 0
            self.line.close()


class _Plain(pickle.Unpickler):
    """Reads only text, numbers, bytes and containers of them. The reader may be root, and a pickle could make it call any function."""

    def find_class(self, module: str, name: str) -> Any:
        raise NotDone(f"A process of its own answered with more than words: {module}.{name}. Nothing of it was believed.")


def _plain(content: bytes) -> Any:
    return _Plain(io.BytesIO(content)).load()


def _work(name: str, user: str | None, groups: Sequence[int], work: Callable[[Any], Any], line: Any) -> None:
    code = 1
    try:
        name_process(f"hr-{name}")
        become(user, groups)
        die_with_parent()
        line.send(("done", work(line)))
        code = 0
    except KeyboardInterrupt:
        code = 130
    except Exception as trouble:  # noqa: BLE001  the parent raises it
        with suppress(OSError):  # the parent is gone
            line.send(("failed", sentence(trouble)))
    finally:
        os._exit(code)
