"""A portal's logs name an exception and its place, never its message, which may contain a child's name."""

import logging
import sys
import threading
import time
import traceback
from types import TracebackType
from typing import TextIO

LINES, WINDOW = 300, 10.0  # lines in that many seconds


class Quiet(logging.Formatter):
    """Writes UTC, as every log does. Leaves an exception's own words out. PostgreSQL's errors contain values ("Key (email)=(…) already exists")."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime  # Django sets the process's time zone to the district's

    def formatException(self, ei: object) -> str:
        kind, value, frames = ei if isinstance(ei, tuple) else sys.exc_info()
        return wordless(kind, value, frames)


def wordless(kind: type[BaseException] | None, value: BaseException | None, frames: TracebackType | None) -> str:
    """Returns the exception, its causes and their places, without their messages."""
    if kind is None:
        return "no exception"
    lines = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(frames)]
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind.__module__.startswith("homeroom."):  # our own messages contain no value, and say what to do
        name += f": {value}"
    told = "\n".join([name, *lines])
    cause = value and (value.__cause__ or value.__context__)
    return told if not cause else f"{told}\nafter {wordless(type(cause), cause, cause.__traceback__)}"


class Sparing(logging.StreamHandler[TextIO]):
    """Leaves lines out if there are too many, so that no stranger fills the disk. The next line says how many."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.since, self.written, self.left_out = time.monotonic(), 0, 0

    def emit(self, record: logging.LogRecord) -> None:
        if time.monotonic() - self.since >= WINDOW:
            if self.left_out:
                super().emit(logging.makeLogRecord({"levelname": "WARNING", "name": "log", "msg": f"{self.left_out} lines were left out"}))
            self.since, self.written, self.left_out = time.monotonic(), 0, 0
        if self.written >= LINES:
            self.left_out += 1
            return
        self.written += 1
        super().emit(record)


def log_quietly() -> None:
    """Sends everything that this process logs, also its last message, to its own log in this form."""
    handler = Sparing(sys.stderr)
    handler.setFormatter(Quiet())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("fido2").setLevel(logging.WARNING)  # it would log which passkey signed in
    logging.captureWarnings(capture=True)
    sys.excepthook = lambda kind, value, frames: logging.error("ended: %s", wordless(kind, value, frames))
    threading.excepthook = lambda told: logging.error(
        "thread ended: %s", wordless(told.exc_type, told.exc_value, told.exc_traceback)
    )
