"""The places of a portal's sockets in its folder, and the address that the front listens on."""

import os
import stat
import tomllib
from ipaddress import ip_address
from pathlib import Path

from homeroom.portal.processes.cluster import Cluster, socket_folder
from homeroom.portal.processes.users import user_of


class SocketsTaken(Exception):
    """The short folder for sockets belongs to another user. The message says what to do."""


def run_folder(portal: Path) -> Path:
    """Returns the folder of web.sock, door.sock, inbox.sock, opener.sock and intake.sock."""
    return socket_folder(portal / "run")


def make_run_folder(portal: Path) -> None:
    """Makes portal/run. If its path is too long for a socket, it also makes the short folder under /tmp with the same rights."""
    run, wished = run_folder(portal), portal / "run"
    wished.mkdir(exist_ok=True)
    if run == wished:
        return
    run.mkdir(mode=0o700, exist_ok=True)
    found, model = run.lstat(), wished.stat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise SocketsTaken(f"{run} belongs to somebody else. Remove it, then start again.")
    os.chown(run, model.st_uid, model.st_gid)
    run.chmod(stat.S_IMODE(model.st_mode))


def database_sockets(portal: Path) -> Path:
    """Returns a folder of the server's own, so that no other process can put a socket in place of the database's."""
    return socket_folder(portal / "run" / "postgres")


def own_cluster(portal: Path) -> Cluster | None:
    """Returns the portal's own PostgreSQL. None if portal.toml names another one."""
    data = portal / "database"
    if not (data / "PG_VERSION").exists():
        return None
    return Cluster(data, database_sockets(portal), user_of(portal, "db"))


def is_loopback(address: str) -> bool:
    return address == "localhost" or ((address[0].isdigit() or ":" in address) and ip_address(address).is_loopback)


def listen_address(portal: Path) -> str:
    """Returns the address that the front binds: `listen` in portal.toml, or only this computer."""
    return str(tomllib.loads((portal / "portal.toml").read_text()).get("listen", "127.0.0.1"))


def inside_address(portal: Path) -> str:
    """Returns how this computer itself reaches listen_address(), for a URL."""
    address = listen_address(portal)
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(address, f"[{address}]" if ":" in address else address)  # noqa: S104  read, not bound
