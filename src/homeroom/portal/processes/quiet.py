"""A portal's logs name an exception and its place, never its message, which may contain a child's name."""

import logging
import sys
import threading
import traceback
from types import TracebackType


class Quiet(logging.Formatter):
    """Leaves an exception's own words out. PostgreSQL's errors contain values ("Key (email)=(…) already exists")."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")

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


def log_quietly() -> None:
    """Sends everything that this process logs, also its last message, to its own log in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Quiet())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("fido2").setLevel(logging.WARNING)  # it would log which passkey signed in
    logging.captureWarnings(capture=True)
    sys.excepthook = lambda kind, value, frames: logging.error("ended: %s", wordless(kind, value, frames))
    threading.excepthook = lambda told: logging.error(
        "thread ended: %s", wordless(told.exc_type, told.exc_value, told.exc_traceback)
    )
