"""Sets up a portal in a PostgreSQL server of the operator's own, version 16 or newer. No other portal may use that server."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from homeroom.ops.answers import NotDone
from homeroom.ops.host.addresses import checked_address
from homeroom.ops.portal.create import Tell, write_logins
from homeroom.portal.place import Place
from homeroom.portal.processes.logins import close_schema, set_password

LEAST_VERSION = 160000
PEERS = ("owner", "dump")  # with the portal's own PostgreSQL, these are local peers without a password

__all__ = ["checked_address", "somebody_elses"]


@contextmanager
def somebody_elses(portal: Path, url: str, tell: Tell) -> Iterator[None]:
    """Makes the logins and the database on that server. Its administrator's password comes from PGPASSWORD. Raises NotDone."""
    tell("logins in the PostgreSQL you named")
    try:
        with psycopg.connect(url, autocommit=True) as admin:
            check_server(admin)
            write_logins(portal, admin)
            write_peers(portal, admin)
    except psycopg.errors.InsufficientPrivilege as refused:
        raise NotDone("The user of --database may not make logins there. Name a superuser of that server.") from refused
    except psycopg.OperationalError as away:
        raise NotDone("The PostgreSQL of --database did not let us in. Check its address and PGPASSWORD.") from away
    with psycopg.connect(
        Place.read(portal).database_url, user=psycopg.conninfo.conninfo_to_dict(url).get("user")
    ) as inside:
        close_schema(inside)
    yield


def check_server(admin: psycopg.Connection) -> None:
    """Raises NotDone."""
    version = admin.info.server_version
    if version < LEAST_VERSION:
        raise NotDone(f"The PostgreSQL server is version {version // 10000}. Homeroom needs 16 or newer.")
    if admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() != (True,):
        raise NotDone("The user of --database may not make logins there. Name a superuser of that server.")
    if admin.execute("SELECT 1 FROM pg_roles WHERE rolname IN ('app', 'door', 'intake', 'owner')").fetchone():
        raise NotDone(
            "The PostgreSQL server already has logins with these names, perhaps from another portal. Each portal needs its own server."
        )


def write_peers(portal: Path, admin: psycopg.Connection) -> None:
    """Gives owner and dump passwords, in a libpq password file of the operator (usually root)."""
    lines = []
    for login in PEERS:
        password = secrets.token_urlsafe(32)
        set_password(admin, login, password)
        lines.append(f"*:*:*:{login}:{password}\n")
    path = portal / "secrets" / "owner.pgpass"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(lines)
