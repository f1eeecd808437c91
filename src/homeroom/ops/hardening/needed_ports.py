"""The ports of this host that other computers need, and who needs them. The firewall is written from it and compared with it."""

from dataclasses import dataclass

from homeroom.gateway.settings import read_settings
from homeroom.ops.doctor.listening import HTTP, has_proxy, tunnels
from homeroom.ops.hardening import ssh_server
from homeroom.ops.hardening.asking import NoAnswer, ask
from homeroom.ops.host.installation import Installation
from homeroom.portal.addresses import Network
from homeroom.portal.place import HTTPS, Place
from homeroom.portal.processes.layout import is_loopback, listen_address

SSH = 22


@dataclass(frozen=True, slots=True)
class NeededPorts:
    """`pages` and `sftp` are open to everyone. A front behind a proxy on another host is in `proxied`, open to that proxy. `inboxes` are for a gateway on
    another host."""

    pages: tuple[int, ...] = ()
    proxied: tuple[tuple[int, tuple[Network, ...]], ...] = ()
    sftp: tuple[int, ...] = ()
    inboxes: tuple[int, ...] = ()
    ssh: tuple[int, ...] = (SSH,)
    tunnels: tuple[int, ...] = ()

    @property
    def for_all(self) -> set[int]:
        return {*self.pages, *self.sftp}


def needed_ports(installation: Installation) -> NeededPorts:
    """Raises PlaceOdd, SettingsOdd."""
    places = {portal: Place.read(portal) for portal in installation.whole()}
    reached = {portal: place for portal, place in places.items() if not is_loopback(listen_address(portal))}
    pages = {place.port for place in reached.values() if not place.trusted_proxy}
    settings = read_settings(installation.folder) if installation.has_gateway else None
    return NeededPorts(
        pages=tuple(sorted(pages | ({HTTP, HTTPS} if has_proxy(installation) else set()))),
        proxied=tuple(sorted((place.port, place.trusted_proxy) for place in reached.values() if place.trusted_proxy)),
        sftp=(settings.sftp_port,) if settings and not settings.is_closed else (),
        inboxes=tuple(sorted(place.inbox_port for place in reached.values())) if not settings else (),
        ssh=ssh_ports(),
        tunnels=tuple(sorted(tunnels(installation.folder))),
    )


def ssh_ports() -> tuple[int, ...]:
    """Returns the ports that the SSH server has, or 22 if it can't be asked."""
    try:
        return tuple(ssh_server.ports(ask("sshd", "-T"))) or (SSH,)
    except NoAnswer:
        return (SSH,)
