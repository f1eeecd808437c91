"""The book while the gateway runs. It is read again after an operator writes it, so that a revocation counts immediately."""

from collections.abc import Mapping
from pathlib import Path

from homeroom.gateway.book import PORTALS, SENDERS, BookOdd, Portal, Sender, read_portals, read_senders
from homeroom.gateway.log import say

type Mark = tuple[int, int, int] | None


class LiveBook:
    """Raises BookOdd when it is made. Later it keeps using the last good book and logs the fault."""

    def __init__(self, gateway: Path) -> None:
        self._gateway = gateway
        self._marks = self._now()
        self._senders = read_senders(gateway)
        self._portals = read_portals(gateway)

    @property
    def senders(self) -> Mapping[str, Sender]:
        self._refresh()
        return self._senders

    @property
    def portals(self) -> Mapping[str, Portal]:
        self._refresh()
        return self._portals

    def _refresh(self) -> None:
        marks = self._now()
        if marks == self._marks:
            return
        self._marks = marks
        try:
            self._senders, self._portals = read_senders(self._gateway), read_portals(self._gateway)
        except BookOdd as odd:
            say("book unreadable, the last good one stays in force", reason=str(odd))
        else:
            say("book read again", senders=len(self._senders), portals=len(self._portals))

    def _now(self) -> tuple[Mark, Mark]:
        return _mark(self._gateway / SENDERS), _mark(self._gateway / PORTALS)


def _mark(path: Path) -> Mark:
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return seen.st_mtime_ns, seen.st_ino, seen.st_size
