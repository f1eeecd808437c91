"""The program of one process of a portal: `python -m homeroom.portal.processes.start web FOLDER`.

`homeroom portal run` or systemd has given it its user, its network and its sockets, and an environment without the operator's. It gives up core dumps
and system calls, and only then reads its secret.
"""

import ctypes
import gc
import importlib
import os
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from homeroom.confined.dumps import hide_memory_in, refuse_dumps
from homeroom.confined.filters import PROGRAMS, UNIX_ONLY, Allowed, keep_to
from homeroom.portal.place import Place
from homeroom.portal.processes.child import FIRST_SOCKET, name_process
from homeroom.portal.processes.cluster import become_server, is_running
from homeroom.portal.processes.layout import own_cluster
from homeroom.portal.processes.quiet import log_quietly

SERVER, SERVER_READY = "postgres", "postgres-ready"
PROGRAM = "homeroom.portal.processes.start"
# Named by text, because these rooms are above this one, and each process imports only its own.
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
ON_THE_NETWORK = ("jobs",)  # for the mail relay and the syslog server. Front and inbox only accept connections on a socket that they are given
BEHIND_THE_FRONT = ("web", "door", "inbox")  # each listens on a socket in the folder run
M_ARENA_MAX = -8  # <malloc.h>
PROGRAM_STARTERS = ("web",)  # for the process that typesets letters


def is_on_network(place: Place, process: str) -> bool:
    """True for every process with a login if the database is reached over TCP. A drill has no relay, and reaches no one."""
    is_remote = bool(urlsplit(place.database_url).hostname)
    return (process in ON_THE_NETWORK and not place.is_drill) or (is_remote and process in LOGIN_OF)


def allowed_calls(place: Place, process: str) -> Allowed:
    allowed = PROGRAMS if process in PROGRAM_STARTERS else UNIX_ONLY
    return allowed.on_network() if is_on_network(place, process) else allowed


def sockets_given() -> list[socket.socket]:
    """Returns the sockets that this process was given in the manner of systemd (sd_listen_fds(3))."""
    count = int(os.environ.pop("LISTEN_FDS", "0"))
    for name in ("LISTEN_PID", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    return [socket.socket(fileno=number) for number in range(FIRST_SOCKET, FIRST_SOCKET + count)]


def be_server(folder: Path, *, has_started: bool) -> None:
    """Becomes the portal's own PostgreSQL, or waits until it answers. Only systemd's units ask for this."""
    cluster = own_cluster(folder)
    if cluster is None:
        sys.exit(f"{folder} has no database of its own.")
    if not has_started:
        become_server(cluster)
    while not is_running(cluster):
        time.sleep(0.05)


def main() -> None:
    process, folder = sys.argv[1], Path(sys.argv[2])
    if process in (SERVER, SERVER_READY):
        be_server(folder, has_started=process == SERVER_READY)
    else:
        be_process(process, Place.read(folder))


def keep_less_memory() -> None:
    """Lets all threads allocate from one area. By default each thread keeps what it freed in an area of its own (mallopt(3)), which is 40 MB for hashes
    in the door."""
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def be_process(process: str, place: Place) -> None:
    keep_less_memory()
    refuse_dumps()
    hide_memory_in(place.folder)
    name_process(f"hr-{place.slug}-{process}")
    os.umask(0o077)
    log_quietly()
    keep_to(allowed_calls(place, process))
    os.environ["HOMEROOM_PORTAL"] = str(place.folder)
    if process in LOGIN_OF:
        os.environ.update(HOMEROOM_LOGIN=LOGIN_OF[process], DJANGO_SETTINGS_MODULE="homeroom.portal.settings")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # intake forks, and a process with threads must not
    sockets = sockets_given()
    module, _, function = ENTRANCES[process].partition(":")
    run_it = getattr(importlib.import_module(module), function)
    gc.collect()
    gc.freeze()  # a collector would touch, and so copy, every page that a fork shares
    run_it(place.folder, *sockets)


if __name__ == "__main__":
    main()
