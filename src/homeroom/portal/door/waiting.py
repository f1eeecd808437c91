"""The line of passwords that their address has no room for. It is in memory, so that a flood's refusals cost no statements and leave no rows.

The door is one process, so this is the only line. After a restart of the door it begins anew.
"""

import threading
from datetime import timedelta
from time import monotonic as clock
from typing import NamedTuple

from homeroom.portal.door.tries import FIVE_MINUTES, Marks

NO_TIME = timedelta(0)
ASKS_AGAIN = 5.0  # seconds until the database is asked again whether an address has room
KEPT = 3600.0  # seconds that a place in line is kept
MOST = 100_000  # places, about 20 MB. Beyond that, the oldest are lost


class Full(NamedTuple):
    """Moments of the monotonic clock: when the address has room, and when the database is asked again."""

    until: float
    asks_at: float


class Line:
    def __init__(self) -> None:
        self._full: dict[bytes | None, Full] = {}  # by mark of the address
        self._since: dict[int, float] = {}  # by mark of a username at an address: when it came in line. The oldest is first
        self._lock = threading.Lock()

    def waited(self, marks: Marks) -> timedelta:
        """Returns how long this username has been in line at this address."""
        now = clock()
        return timedelta(seconds=now - self._since.get(_short(marks), now))

    def pause(self, marks: Marks) -> timedelta:
        """Returns how long to wait, in line, or 0 if the database must be asked."""
        now = clock()
        full = self._full.get(marks.address)
        if full is None or full.asks_at <= now or self.waited(marks) >= FIVE_MINUTES:
            return NO_TIME
        self._join(marks, now)
        return min(timedelta(seconds=full.until - now), FIVE_MINUTES - self.waited(marks))

    def found_full(self, marks: Marks, pause: timedelta) -> None:
        """The database had no room for this try at its address."""
        now = clock()
        with self._lock:
            self._full = {address: full for address, full in self._full.items() if full.asks_at > now}
            self._full[marks.address] = Full(now + pause.total_seconds(), now + min(ASKS_AGAIN, pause.total_seconds()))
        self._join(marks, now)

    def leave(self, marks: Marks) -> None:
        """This try had its turn."""
        with self._lock:
            self._since.pop(_short(marks), None)

    def made_room(self, marks: Marks) -> None:
        """A right password takes its try back."""
        with self._lock:
            self._full.pop(marks.address, None)

    def clear(self) -> None:
        with self._lock:
            self._full.clear()
            self._since.clear()

    def _join(self, marks: Marks, now: float) -> None:
        with self._lock:
            self._since.setdefault(_short(marks), now)
            while (oldest := next(iter(self._since))) and (len(self._since) > MOST or self._since[oldest] < now - KEPT):
                del self._since[oldest]


def _short(marks: Marks) -> int:
    return int.from_bytes((marks.name or b"")[:8])


line = Line()
