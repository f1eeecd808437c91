"""Internet addresses: networks that an operator wrote down, and where a request came from."""

import hmac
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

type Address = IPv4Address | IPv6Address
type Network = IPv4Network | IPv6Network


def network(text: str) -> Network:
    """Reads "203.0.113.0/24" or one address. Raises ValueError."""
    return ip_network(text.strip(), strict=True)


def is_in(address: str, networks: Iterable[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in each for each in networks)


def block_of(address: str) -> str:
    """Returns the /64 of an IPv6 address. A customer has at least a /64 and could come from each address in it."""
    parsed = _parsed(address)
    if parsed is None:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


def client_of(peer: str, forwarded: Iterable[str], trusted: Iterable[Network]) -> str:
    """Returns who asks: the last hop that isn't a trusted proxy. `peer` is the connection's address and `forwarded` the X-Forwarded-For lines, to which
    each proxy adds the address that it saw. Only a trusted proxy's line counts, and it ends at the first entry that is no address."""
    trusted, client = tuple(trusted), peer
    hops = [hop for line in forwarded for hop in line.split(",")]
    while hops and is_in(client, trusted):
        hop = _parsed(_without_port(hops.pop().strip()))
        if hop is None:
            break
        client = str(hop)
    return client


KEYED = "X-Forwarded-Mark"  # from the front, which drops headers of visitors that begin like this
_MARK = re.compile(r"[0-9a-f]{32}")


def mark_of(address: str, key: bytes) -> str:
    """Returns the keyed hash under which security events know an address: 32 hex digits. Without the key, no one can try out addresses."""
    return hmac.digest(key, f"address {block_of(address)}".encode(), "sha256").hex()[:32]


def keyed(headers: Mapping[str, str]) -> str:
    """Returns the keyed hash that the front added. Empty without a front."""
    mark = headers.get(KEYED, "")
    return mark if _MARK.fullmatch(mark) else ""


@lru_cache(512)  # a request asks several times about one address
def _parsed(text: str) -> Address | None:
    """Returns None if it is no address. An IPv4 address inside an IPv6 one, as a socket for both gives it, is the IPv4 address."""
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    return (isinstance(parsed, IPv6Address) and parsed.ipv4_mapped) or parsed


def _without_port(hop: str) -> str:
    """Some proxies write 203.0.113.5:4711 or [2001:db8::5]:4711."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
