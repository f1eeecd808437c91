"""`homeroom portal run`: the parent of one portal, and what each of its processes gets before its own program starts (start.py)."""

import os
import pwd
import signal
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from homeroom.portal.place import REMOVING, Place, PlaceOdd
from homeroom.portal.processes.child import (
    become,
    become_program,
    close_all_but,
    die_with_parent,
    leave_network,
    stand_back,
)
from homeroom.portal.processes.cluster import Cluster, become_server, is_ready, prepare_sockets
from homeroom.portal.processes.layout import (
    SocketsTaken,
    is_loopback,
    listen_address,
    make_run_folder,
    own_cluster,
    run_folder,
)
from homeroom.portal.processes.owners import give
from homeroom.portal.processes.start import BEHIND_THE_FRONT, PROGRAM, is_on_network
from homeroom.portal.processes.supervise import Part, supervise
from homeroom.portal.processes.users import UsersMissing, check_users, groups_of, user_of

# The order of starts, after the database. The front is last, so that it serves nothing before something answers.
ORDER = ("opener", "intake", "sealer", "jobs", "inbox", "door", "web", "front")
# Pages wait a little longer when a school signs in at eight. Otherwise people would wait seconds to sign in.
BEHIND_THE_DOOR = 3  # niceness of web: half the weight of the other processes


class InTheClear(Exception):
    """The front would listen to others without TLS. The message says what to do."""


CANNOT_RUN = (PlaceOdd, UsersMissing, SocketsTaken, InTheClear)  # the next try would fail in the same way


def run(portal: Path, tell: Callable[[str], object] = str) -> None:
    """Runs until SIGTERM or SIGINT. Raises CANNOT_RUN, and OSError if an address is taken."""
    place = prepare(portal)
    listeners = network_listeners(place)
    parts = [_part(place, process, listeners) for process in ORDER]
    cluster = own_cluster(place.folder)
    if cluster is not None:
        parts.insert(0, _server(place, cluster))
    supervise(parts, tell)


def prepare(portal: Path) -> Place:
    """Gives each file to its owner and makes the folders of sockets, before any process starts. Raises CANNOT_RUN."""
    if (portal / REMOVING).exists():
        raise PlaceOdd(f"{portal} is being removed.")  # a supervisor that has been running it would start it again
    place = Place.read(portal)
    checked_address(place)
    check_users(place.folder)
    give(place.folder)
    make_run_folder(place.folder)
    cluster = own_cluster(place.folder)
    if cluster is not None:
        prepare_sockets(cluster)
    return place


def network_listeners(place: Place) -> dict[str, socket.socket]:
    """Binds the sockets of front and inbox here, so that they need no network, no right to a port under 1024, and a restart drops no connection."""
    address = checked_address(place)
    return {process: listener_on(address, port) for process, port in (("front", place.port), ("inbox", place.inbox_port))}


def listener_on(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, port), family=family, backlog=512)
    listener.setblocking(False)
    return listener


def checked_address(place: Place) -> str:
    """Returns the address that the front listens on. Raises InTheClear."""
    address = listen_address(place.folder)
    if not is_loopback(address) and not (place.folder / "secrets" / "front-tls.pem").exists():
        raise InTheClear(
            f"{place.slug} would take passwords in the clear on {address}. Give it a certificate with "
            f"`homeroom portal tls {place.slug}`, or let it listen on 127.0.0.1 behind a proxy on this computer."
        )
    return address


def listener_for_front(place: Place, process: str) -> socket.socket:
    """Makes run/web.sock, door.sock or inbox.sock. Only the front's user may connect, of all the portal's users.
    The child binds it before it drops its rights. Once the child has ended no one listens, and the front notices immediately."""
    path = run_folder(place.folder) / f"{process}.sock"
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    front = user_of(place.folder, "front")
    if front is not None:
        os.chown(path, 0, pwd.getpwnam(front).pw_gid)
        path.chmod(0o660)
    listener.listen(256)
    return listener


def _server(place: Place, cluster: Cluster) -> Part:
    return Part(
        name="postgres",
        enter=lambda: become_server(cluster),
        log=place.folder / "log" / "postgres.log",
        word=signal.SIGINT,  # fast shutdown
        patience=3.0,
        is_ready=lambda pid: is_ready(cluster, pid),
    )


def _part(place: Place, process: str, listeners: Mapping[str, socket.socket]) -> Part:
    return Part(name=process, enter=lambda: enter(place, process, listeners), log=place.folder / "log" / f"{process}.log")


def enter(place: Place, process: str, listeners: Mapping[str, socket.socket]) -> NoReturn:
    """Runs in the child: gives up what it does not need, as systemd would for a unit, and becomes the process's own program."""
    sockets = [listeners[process]] if process in listeners else []
    close_all_but(sockets)
    if process in BEHIND_THE_FRONT:
        sockets.append(listener_for_front(place, process))
    if not is_on_network(place, process) and os.getuid() == 0:
        leave_network()
    if process == "web":
        stand_back(BEHIND_THE_DOOR)
    become(user_of(place.folder, process), groups_of(place.folder, process))
    die_with_parent()
    become_program(["-m", PROGRAM, process, str(place.folder)], sockets)
