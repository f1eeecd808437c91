"""`homeroom portal run`: the preloaded parent of one portal, and what each of its processes is and may reach."""

import gc
import importlib
import os
import pwd
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from homeroom.portal.place import REMOVING, Place, PlaceOdd
from homeroom.portal.processes.child import (
    become,
    close_all_but,
    die_with_parent,
    leave_network,
    name_process,
    stand_back,
)
from homeroom.portal.processes.cluster import Cluster, become_server, is_ready
from homeroom.portal.processes.layout import (
    SocketsTaken,
    is_loopback,
    listen_address,
    make_run_folder,
    own_cluster,
    run_folder,
)
from homeroom.portal.processes.owners import give
from homeroom.portal.processes.quiet import log_quietly
from homeroom.portal.processes.supervise import Part, supervise
from homeroom.portal.processes.users import UsersMissing, check_users, groups_of, user_of

# Named by text, because these rooms are above this one, and the parent must not hold what they import with a secret.
ENTRANCES = {
    "front": "homeroom.portal.processes.front:run",
    "web": "homeroom.portal.processes.serve:run_web",
    "door": "homeroom.portal.processes.serve:run_door",
    "inbox": "homeroom.portal.intake.inbox.receive:run",
    "opener": "homeroom.portal.intake.opening.opener:run",
    "intake": "homeroom.portal.intake.run:run",
    "jobs": "homeroom.portal.jobs:run",
    "sealer": "homeroom.portal.audit.sealer:run",
}
LOGIN_OF = {"web": "app", "door": "door", "intake": "intake", "jobs": "jobs", "sealer": "sealer"}
# The order of starts, after the database. The front is last, so that it serves nothing before something answers.
ORDER = ("opener", "intake", "sealer", "jobs", "inbox", "door", "web", "front")
# Pages wait a little longer when a school signs in at eight. Otherwise people would wait seconds to sign in.
BEHIND_THE_DOOR = 5  # niceness of web: a third of the weight of the other processes
ON_THE_NETWORK = ("front", "inbox", "jobs")
PRELOADED = (
    "aiohttp.web",
    "cryptography.x509",
    "django.core.handlers.wsgi",
    "django.db.backends.postgresql.base",
    "django.db.migrations",
    "django.template",
    "gunicorn.app.base",
    "gunicorn.workers.gthread",
    "polars",
    "procrastinate",
    "psycopg_pool",
)


class InTheClear(Exception):
    """The front would listen to others without TLS. The message says what to do."""


CANNOT_RUN = (PlaceOdd, UsersMissing, SocketsTaken, InTheClear)  # the next try would fail in the same way


def run(portal: Path, tell: Callable[[str], object] = str) -> None:
    """Runs until SIGTERM or SIGINT. Raises CANNOT_RUN, and OSError if an address is taken."""
    if (portal / REMOVING).exists():
        raise PlaceOdd(f"{portal} is being removed.")  # a supervisor that has been running it would start it again
    place = Place.read(portal)
    check_users(place.folder)
    give(place.folder)
    make_run_folder(place.folder)
    listener = front_listener(place)
    preload()
    parts = [_part(place, process, listener) for process in ORDER]
    cluster = own_cluster(place.folder)
    if cluster is not None:
        parts.insert(0, _server(place, cluster))
    supervise(parts, tell)


def preload() -> None:
    """Imports once what most children need, and freezes it, because a collector would touch, and so copy, every shared page.
    A thread that a module starts takes no signal. If it took SIGTERM, the supervisor, which stops things in order, would be killed."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a parent with threads must not fork
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        for module in PRELOADED:
            importlib.import_module(module)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    gc.collect()
    gc.freeze()


def is_on_network(place: Place, process: str) -> bool:
    """True for every process with a login if the database is reached over TCP. The opener has no login."""
    is_remote = bool(urlsplit(place.database_url).hostname)
    return process in ON_THE_NETWORK or (is_remote and process in LOGIN_OF)


def front_listener(place: Place) -> socket.socket:
    """Binds the socket here, so that the front needs no right to a port under 1024 and a restart drops no connection."""
    address = checked_address(place)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, place.port), family=family, backlog=512)
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


def _part(place: Place, process: str, listener: socket.socket) -> Part:
    return Part(
        name=process, enter=lambda: enter(place, process, listener), log=place.folder / "log" / f"{process}.log"
    )


def enter(place: Place, process: str, listener: socket.socket) -> None:
    """Runs in the child: gives up what it does not need, then reads its secret and works."""
    sockets = [listener] if process == "front" else []
    close_all_but(sockets)
    if process in ("web", "door", "inbox"):
        sockets = [listener_for_front(place, process)]
    name_process(f"hr-{place.slug}-{process}")
    if not is_on_network(place, process) and os.getuid() == 0:
        leave_network()
    if process == "web":
        stand_back(BEHIND_THE_DOOR)
    become(user_of(place.folder, process), groups_of(place.folder, process))
    die_with_parent()
    os.environ.clear()
    os.environ.update(PATH="/usr/bin:/bin", LC_ALL="C.UTF-8", HOMEROOM_PORTAL=str(place.folder))
    if process in LOGIN_OF:
        os.environ.update(HOMEROOM_LOGIN=LOGIN_OF[process], DJANGO_SETTINGS_MODULE="homeroom.portal.settings")
    log_quietly()
    module, _, function = ENTRANCES[process].partition(":")
    run_it = getattr(importlib.import_module(module), function)
    run_it(place.folder, *sockets)
