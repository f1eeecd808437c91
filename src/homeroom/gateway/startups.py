"""Connections that have not signed in yet. If there are too many, the gateway closes an old one for a new one. Pure: callers pass the clock."""

from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import IPv6Address, ip_address, ip_network
from secrets import randbelow

SIGNS_IN = 3.0  # seconds in which a district signs in, also over a slow connection
LEAST = 4  # connections that are always allowed
SHORT = 60.0  # seconds with a lower limit after the gateway ran out of file descriptors


class Startups[Caller]:
    """`begin`, `rate` and `full` are those of OpenSSH's MaxStartups: from `begin` on, a new connection closes another one with a chance that rises from `rate`
    percent to certainty at `full`. OpenSSH closes the new one. Here it is an old one, because a district signs in within a second and a stranger waits."""

    def __init__(self, *, begin: int, rate: int, full: int, an_address: int, draw: Callable[[int], int] = randbelow) -> None:
        self._begin, self._rate, self._most, self._an_address = begin, rate, full, an_address
        self._draw = draw
        self._full, self._short_until = full, 0.0
        self._waiting: dict[Caller, tuple[str, float]] = {}  # network and time of arrival, the oldest first

    def __iter__(self) -> Iterator[Caller]:
        return iter(self._waiting)

    def __len__(self) -> int:
        return len(self._waiting)

    def arrive(self, caller: Caller, network: str, now: float) -> Caller | None:
        """Adds a connection. Returns the one that must be closed for it."""
        if now >= self._short_until:
            self._full = self._most
        closed = self._to_close(network, now)
        if closed is not None:
            del self._waiting[closed]
        self._waiting[caller] = network, now
        return closed

    def leave(self, caller: Caller) -> None:
        """Forgets a connection that signed in or ended."""
        self._waiting.pop(caller, None)

    def older_than(self, seconds: float, now: float) -> list[Caller]:
        return [caller for caller, (_, since) in self._waiting.items() if now - since > seconds]

    def run_short(self, now: float) -> list[Caller]:
        """Halves the limit for a minute, because there are no more file descriptors. Returns the connections that must be closed."""
        self._full, self._short_until = max(LEAST, len(self) // 2), now + SHORT
        closed = list(self)[: max(0, len(self) - self._full)]
        for caller in closed:
            del self._waiting[caller]
        return closed

    def _to_close(self, network: str, now: float) -> Caller | None:
        here = [caller for caller, (other, _) in self._waiting.items() if other == network]
        if len(here) >= self._an_address:
            return here[0]
        if self._draw(100) < self._chance():
            return self._oldest(now)
        return None

    def _chance(self) -> int:
        """Returns percent."""
        count = len(self)
        if count >= self._full:
            return 100
        if count < self._begin:
            return 0
        return self._rate + (100 - self._rate) * (count - self._begin) // (self._full - self._begin)

    def _oldest(self, now: float) -> Caller:
        """Returns the oldest connection. If all are so new that a district may be among them, it is the oldest of the network that has the most."""
        oldest, (_, since) = next(iter(self._waiting.items()))
        if now - since > SIGNS_IN:
            return oldest
        counts = Counter(network for network, _ in self._waiting.values())
        most = max(counts.values())
        return next(caller for caller, (network, _) in self._waiting.items() if counts[network] == most)


def network_of(peer: str) -> str:
    """Returns an IPv4 address, or the /64 of an IPv6 address, since each customer of a provider has at least a /64."""
    if not peer:  # the connection ended before anyone asked for its address
        return peer
    address = ip_address(peer.partition("%")[0])
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
