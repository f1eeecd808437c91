"""Checks that no other program listens on the ports of a portal that is about to start."""

from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.ops.host.port_owners import in_use
from homeroom.portal.place import Place
from homeroom.portal.processes.portal import checked_address


def check_free(portal: Path) -> Place:
    """Raises NotDone if a program listens on a port of this portal, or PlaceOdd, InTheClear."""
    place = Place.read(portal)
    address = checked_address(place)
    for port, option in ((place.port, "--port"), (place.inbox_port, "--inbox-port")):
        if taken := in_use(address, port):
            raise NotDone(f"{taken} Stop it, or choose another port with `homeroom portal address {portal.name} {option}`.")
    return place
