"""`homeroom portal create`: users, database, logins, tables, policies, keys, and the first two administrators."""

import fcntl
import os
import pwd
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from homeroom.ops.addresses import database_address
from homeroom.ops.installation import MAKING, toml, write_toml
from homeroom.portal.processes.cluster import Cluster, make_cluster, start, stop
from homeroom.portal.processes.layout import database_sockets, make_run_folder
from homeroom.portal.processes.logins import close_schema, make_logins
from homeroom.portal.processes.owners import give
from homeroom.portal.processes.users import make_users, new_prefix, prefix_of, user_of
from homeroom.seal.keys import make_opening_key, make_receipt_key, write_secrets, written

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator said about the new portal. database: empty, or the address of somebody else's PostgreSQL."""

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
    """The folder with its portal.toml and, first, the mark that keeps everybody from running it until it is whole. Answers the mark's descriptor,
    whose lock says that this command runs."""
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
    """What portal.toml says. prefix: of the portal's system users; "": it has none."""
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
    """Whether the command that left the mark still runs."""
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
    """The system users, and every folder with its owner. Raises UsersMissing."""
    if prefix := prefix_of(portal):
        tell("system users")
        make_users(prefix, portal)
    give(portal)
    make_run_folder(portal)


def own_url(portal: Path, user: str | None) -> str:
    return Cluster(portal / "database", database_sockets(portal), user).url


@contextmanager
def own_database(portal: Path, tell: Tell) -> Iterator[None]:
    """Makes the portal's own PostgreSQL with its logins, and runs it meanwhile. Raises ClusterFailed."""
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
    """The database, its logins, and each password in a file of the one process that may read it."""
    for login, password in make_logins(admin).items():
        path = portal / "secrets" / login
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password)
    give(portal)


def make_keys(portal: Path, name: str) -> None:
    """The key that opens what districts send, and the one that signs receipts; their certificates are for everybody."""
    for secret, public, made in (
        ("opening.pgp", "portal.asc", make_opening_key(name)),
        ("receipts.pgp", "receipts.asc", make_receipt_key(name)),
    ):
        write_secrets([made], portal / "secrets" / secret)
        (portal / "cert" / public).write_text(written(made.extract_certificate()))
    give(portal)


def _me() -> str:
    return pwd.getpwuid(os.getuid()).pw_name
