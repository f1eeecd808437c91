"""Steps of `homeroom portal create`: the folder, system users, database, logins and keys."""

import fcntl
import os
import pwd
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from homeroom.ops.host.addresses import database_address
from homeroom.ops.host.installation import MAKING, toml, write_toml
from homeroom.portal.processes.cluster import Cluster, make_cluster, start, stop
from homeroom.portal.processes.layout import database_sockets, make_run_folder
from homeroom.portal.processes.logins import close_schema, make_logins
from homeroom.portal.processes.owners import give
from homeroom.portal.processes.users import make_users, new_prefix, prefix_of, user_of
from homeroom.seal.hybrid import make_opening_keys
from homeroom.seal.keys import make_receipt_key, write_secrets, written

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Wish:
    """The operator's choices for the new portal. `database` is empty, or the address of a PostgreSQL server of the operator's own."""

    slug: str
    name: str
    time_zone: str
    phone: str
    host: str
    port: int
    inbox_port: int
    listen: str
    is_secure: bool
    database: str = ""


def begin(portal: Path, wish: Wish) -> int:
    """Makes the folder with its portal.toml. First writes the mark that keeps everyone from running the portal until it is complete. Returns the mark's
    descriptor. Its lock shows that this command is running."""
    portal.mkdir(parents=True, exist_ok=True)
    mutex = os.open(portal / MAKING, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    fcntl.flock(mutex, fcntl.LOCK_EX)
    try:
        with new_prefix(wish.slug) as prefix:
            write_toml(portal / "portal.toml", toml(words_of(portal, wish, prefix)))
    except BaseException:
        shutil.rmtree(portal)
        raise
    return mutex


def words_of(portal: Path, wish: Wish, prefix: str) -> dict[str, str | int]:
    """Returns the values of portal.toml. `prefix` begins the names of its system users, or is "" if it has none."""
    return {
        "slug": wish.slug,
        "name": wish.name,
        "time_zone": wish.time_zone,
        "phone": wish.phone,
        "host": wish.host,
        "port": wish.port,
        "inbox_port": wish.inbox_port,
        "listen": wish.listen,
        "secure": wish.is_secure,
        "users": prefix,
        "database": database_address(wish.database) or own_url(portal, f"{prefix}-db" if prefix else None),
    }


def is_being_made(portal: Path) -> bool:
    """Returns whether the command that wrote the mark is still running."""
    try:
        mutex = os.open(portal / MAKING, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(mutex, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(mutex)
    return False


def make_folder(portal: Path, tell: Tell) -> None:
    """Makes the system users and sets the owner of every folder. Raises UsersMissing."""
    if prefix := prefix_of(portal):
        tell("system users")
        make_users(prefix, portal)
    give(portal)
    make_run_folder(portal)


def own_url(portal: Path, user: str | None) -> str:
    return Cluster(portal / "database", database_sockets(portal), user).url


@contextmanager
def own_database(portal: Path, tell: Tell) -> Iterator[None]:
    """Makes the portal's own PostgreSQL with its logins, and runs it until the context ends. Raises ClusterFailed."""
    tell("PostgreSQL")
    dump = user_of(portal, "dump")
    cluster = make_cluster(
        portal / "database", portal / "run" / "postgres", user_of(portal, "db"), peers={"dump": [dump or _me()]}
    )
    server = start(cluster, portal / "log" / "postgres.log")
    try:
        with psycopg.connect(cluster.url, user="postgres", dbname="postgres", autocommit=True) as admin:
            write_logins(portal, admin)
        with psycopg.connect(cluster.url, user="postgres") as inside:
            close_schema(inside)
        yield
    finally:
        stop(server)


def write_logins(portal: Path, admin: psycopg.Connection) -> None:
    """Makes the database and its logins. Writes each password to a file that only its process can read."""
    for login, password in make_logins(admin).items():
        path = portal / "secrets" / login
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password)
    give(portal)


def make_keys(portal: Path, name: str) -> None:
    """Makes the keys that open districts' files and the key that signs receipts. Their certificates are public."""
    opening, hybrid = make_opening_keys(name)
    receipts = make_receipt_key(name)
    write_secrets([opening, hybrid], portal / "secrets" / "opening.pgp")
    write_secrets([receipts], portal / "secrets" / "receipts.pgp")
    for public, made in (("portal.asc", opening), ("hybrid.asc", hybrid), ("receipts.asc", receipts)):
        (portal / "cert" / public).write_text(written(made.extract_certificate()))
    give(portal)


def _me() -> str:
    return pwd.getpwuid(os.getuid()).pw_name
