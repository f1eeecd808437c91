"""The doctor's check of open ports: what other computers can reach here, compared with the ports that this installation has."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from homeroom.ops.host.finding import Finding
from homeroom.ops.host.installation import Installation
from homeroom.ops.host.port_owners import Listener, all_listeners, promised
from homeroom.portal.place import HTTPS, Place
from homeroom.portal.processes.layout import is_loopback, listen_address

HTTP, SSH = 80, 22
DHCP = {68, 546}  # the client's ports, IPv4 and IPv6
TUNNEL = "wireguard/homeroom.conf"  # in the installation's folder
WHAT = "open ports"


@dataclass(frozen=True, slots=True)
class Belongs:
    """What may listen to other computers: the ports of this installation by their owner, and what else its host needs."""

    folder: Path
    ports: Mapping[int, str]
    has_proxy: bool = False
    tunnels: frozenset[int] = frozenset()  # WireGuard's UDP ports

    def owner(self, listener: Listener) -> str:
        """Returns who it is, or "" if it doesn't belong here."""
        kind, _, port, holder = listener
        if kind == "udp":
            if port in self.tunnels and not holder.pid:
                return "WireGuard"
            return "DHCP" if port in DHCP and holder.folder is None else ""
        if port in self.ports and (holder.folder == self.folder or not holder.pid):  # without root, no process shows
            return self.ports[port]
        if holder.name.startswith("sshd") or (port == SSH and holder.name in ("systemd", "")):
            return "SSH"
        return f"the proxy {holder.name}".strip() if self.has_proxy and port in (HTTP, HTTPS) and holder.folder is None else ""


def listening(folder: Path) -> Iterator[Finding]:
    """Raises PlaceOdd, SettingsOdd."""
    installation = Installation(folder)
    yield from judged(all_listeners(), belonging(installation))


def belonging(installation: Installation) -> Belongs:
    """Raises PlaceOdd, SettingsOdd."""
    return Belongs(installation.folder, promised(installation), has_proxy(installation), tunnels(installation.folder))


def has_proxy(installation: Installation) -> bool:
    """Returns whether a proxy on this host ends TLS for a portal."""
    return any(is_behind_proxy(Place.read(portal)) for portal in installation.whole())


def is_behind_proxy(place: Place) -> bool:
    return place.is_secure and is_loopback(listen_address(place.folder)) and not (place.folder / "secrets" / "front-tls.pem").exists()


def tunnels(folder: Path) -> frozenset[int]:
    """Returns the port of the tunnel that `homeroom host harden --wireguard` made, if it did."""
    path = folder / TUNNEL
    lines = [line.partition("=") for line in path.read_text().splitlines()] if path.exists() else []
    return frozenset(int(value) for name, _, value in lines if name.strip() == "ListenPort")


def judged(found: Iterable[Listener], belongs: Belongs) -> Iterator[Finding]:
    """Yields a finding for each socket that doesn't belong here, and one that lists the others."""
    reached = sorted({each for each in found if not is_only_here(each.address)}, key=lambda each: (each.kind, each.port, each.address))
    for listener in (each for each in reached if not belongs.owner(each)):
        kind, address, port, holder = listener
        who = "the kernel or a program that doesn't show" if kind == "udp" and not holder.pid else holder.told(port)
        todo = "Stop it, let it listen on 127.0.0.1 only, or close the port in the firewall."
        yield Finding("warn", f"{WHAT}: {port}/{kind}", f"{placed(address, port)} is open to other computers and no part of Homeroom: {who} has it. {todo}")
    ours = [f"{placed(each.address, each.port)} ({each.kind}, {owner})" for each in reached if (owner := belongs.owner(each))]
    yield Finding("ok", WHAT, f"Other computers reach {', '.join(ours)}." if ours else "Homeroom listens to this computer only.")


def placed(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def is_only_here(address: str) -> bool:
    parsed = ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback
