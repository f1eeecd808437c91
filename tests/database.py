"""A real PostgreSQL for tests: one cluster per worker, a template with the cast, and a clone for each test that changes something."""

import json
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from homeroom.portal.processes.cluster import Cluster, make_cluster, start, stop
from homeroom.portal.processes.logins import CONNECTIONS, close_schema, make_logins
from homeroom.portal.processes.users import add_user, one_at_a_time

SERVER_USER = "hr-test-db"
SHARED = "HOMEROOM_TEST_SHARED"  # environment variable with the cluster, template and ids of a tool that runs tests one by one
PORTAL_TOML = """slug = "lincoln"
name = "Lincoln Unified"
time_zone = "America/Los_Angeles"
phone = "(555) 010-0130"
host = "127.0.0.1"
port = 8000
inbox_port = 8001
database = "postgresql:///homeroom?host={sockets}"
"""


def server_user() -> str | None:
    """Returns the system user for PostgreSQL, or None for the current user. PostgreSQL refuses to run as root, so root creates a system user for it."""
    if os.getuid() != 0:
        return None
    with one_at_a_time():
        if SERVER_USER not in {entry.pw_name for entry in pwd.getpwall()}:
            add_user(SERVER_USER)
    return SERVER_USER


@dataclass(frozen=True, slots=True)
class Server:
    """One cluster, the passwords of its logins, and its databases."""

    folder: Path
    cluster: Cluster
    passwords: dict[str, str]

    def connect(self, login: str, database: str, **words: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(**self.words(login, database), **words)

    def words(self, login: str, database: str) -> dict[str, Any]:
        return {"host": str(self.cluster.sockets), "dbname": database, "user": login, "password": self.passwords.get(login)}

    @contextmanager
    def clone(self, template: str, name: str) -> Iterator[str]:
        """Yields a copy of `template`, and drops it afterwards. It takes 35 ms in memory. A copy through the log takes twice as long."""
        with self.connect("postgres", "postgres", autocommit=True) as admin:
            copy_database(admin, template, name)
            yield name
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def told(running: Server, template: str, ids: dict[str, int]) -> str:
    """Returns the value of SHARED."""
    cluster = (str(running.cluster.data), str(running.cluster.sockets), running.cluster.user)
    return json.dumps([str(running.folder), cluster, running.passwords, template, ids])


def shared() -> tuple[Server, str, dict[str, int]] | None:
    if not (words := os.environ.get(SHARED)):
        return None
    folder, (data, sockets, user), passwords, template, ids = json.loads(words)
    return Server(Path(folder), Cluster(Path(data), Path(sockets), user), passwords), template, ids


def copy_database(admin: psycopg.Connection[Any], template: str, name: str) -> None:
    admin.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", [template])  # those that tests.turns kept
    words = sql.SQL("CREATE DATABASE {} OWNER owner TEMPLATE {} STRATEGY file_copy")
    admin.execute(words.format(sql.Identifier(name), sql.Identifier(template)))
    make_private(admin, name)


def make_private(admin: psycopg.Connection[Any], database: str) -> None:
    """Restricts who may connect. A clone doesn't get that from its template."""
    from homeroom.portal.processes.logins import close_database

    close_database(admin, database)


def memory() -> str | None:
    """Returns a folder in memory, if there is room. A clone has a thousand files. On a disk, making and removing them took four fifths of a suite's time."""
    place = Path("/dev/shm")  # noqa: S108  the folder made in it has a unique name
    return str(place) if os.access(place, os.W_OK | os.X_OK) and shutil.disk_usage(place).free > 2 * 2**30 else None


@contextmanager
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="hr-test-", dir=memory()) as name:
        folder = Path(name)
        folder.chmod(0o711)
        cluster = make_cluster(
            folder / "db", folder / "run", server_user(), databases="all", is_synced=False, peers={"dump": [pwd.getpwuid(os.getuid()).pw_name]},
            settings={"fsync": "off", "autovacuum": "off", "max_connections": "80", "shared_buffers": "64MB", "max_wal_size": "256MB"},
        )  # fmt: skip
        running = start(cluster, log=folder / "server.log")
        try:
            with psycopg.connect(
                host=str(cluster.sockets), user="postgres", dbname="postgres", autocommit=True
            ) as admin:
                passwords = make_logins(admin)
                for login in CONNECTIONS:  # tests keep connections to many databases at the same time
                    admin.execute(sql.SQL("ALTER ROLE {} CONNECTION LIMIT -1").format(sql.Identifier(login)))
            with psycopg.connect(
                host=str(cluster.sockets), user="postgres", dbname="homeroom", autocommit=True
            ) as inside:
                close_schema(inside)
            yield Server(folder, cluster, passwords)
        finally:
            stop(running)
