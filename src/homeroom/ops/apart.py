"""A piece of work in a process of its own: another system user, one secret, and a line to the one that waits for its answer.

Forked, so that what it needs is there already; never by a process that has spoken to a store, whose threads a fork would lose.
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

Line = Connection  # carries pairs: a word, and what belongs to it


class Apart:
    """Use as a context: what still runs at its end is killed. behind: how far it stands back from whoever wants the processor, too."""

    def __init__(self, name: str, user: str | None, groups: Sequence[int], work: Callable[[Any], Any], *, behind: int = 0) -> None:
        self.line, theirs = Pipe()
        self.name = name
        self.pid = os.fork()
        if self.pid == 0:
            close_all_but([theirs])  # the lines to other children are not for this one
            if behind:
                os.setsid()  # a session of its own is weighed by itself
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
        """Waits for this word and answers what came with it; `on` hears all others. Raises NotDone with the sentence of one that failed."""
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
    """Words, numbers, bytes and what holds them. The one that listens may be root, and a pickle could name any function for it to call."""

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
    except Exception as trouble:  # noqa: BLE001  its last word, which the parent raises
        with suppress(OSError):  # nobody listens any more
            line.send(("failed", sentence(trouble)))
    finally:
        os._exit(code)
