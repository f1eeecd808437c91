"""The gateway's log: one JSON line per event. It never has a file's name or a value about a person."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

LINES_A_MINUTE = 20


def say(event: str, **facts: str | int | float | None) -> None:
    """Writes one event. Facts are a sender's or portal's name, a digest, a size, a code or an address: what the gateway may know."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event} | facts
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()


class SparingLog:
    """Writes events that a stranger can cause: at most 20 lines a minute for each event and sender, so that no stranger fills the disk."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._minutes: dict[tuple[str, str], tuple[float, int]] = {}

    def say(self, event: str, sender: str = "", **facts: str | int | float | None) -> None:
        """`sender` is a name in the book, or a fixed word. Otherwise a stranger could make as many kinds of lines as there are names."""
        begun, lines = self._minutes.get((event, sender), (self._now(), 0))
        self._minutes[event, sender] = begun, lines + 1
        if lines < LINES_A_MINUTE:
            say(event, **({"sender": sender} if sender else {}), **facts)

    def tell_left_out(self, *, is_last: bool = False) -> None:
        """Writes how many lines were left out in each minute that is over. Call it often."""
        for (event, sender), (begun, lines) in list(self._minutes.items()):
            if is_last or self._now() - begun >= 60:
                del self._minutes[event, sender]
                if lines > LINES_A_MINUTE:
                    say("lines left out", of=event, sender=sender, lines=lines - LINES_A_MINUTE)


def short(digest: str) -> str:
    return digest[:12]
