"""Acting as the portal's owner: by local peer sign-in, with PostgreSQL started meanwhile where it is not up."""

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from homeroom.ops.answers import NotDone
from homeroom.ops.release import stamp
from homeroom.portal.place import Place
from homeroom.portal.processes.cluster import is_running, start, stop
from homeroom.portal.processes.layout import make_run_folder, own_cluster
from homeroom.portal.processes.owners import give
from homeroom.portal.processes.users import check_users

ZONE = "UPDATE district SET time_zone = %s"
STEP = re.compile(r"(\d+) of (\d+)")
Tell = Callable[[str, int, int], object]  # what is done, steps done, steps in all


@contextmanager
def database_up(portal: Path) -> Iterator[None]:
    """PostgreSQL answers inside: the running portal's, or one started for this command alone."""
    check_users(portal)
    cluster = own_cluster(portal)
    if cluster is None or is_running(cluster):
        yield
        return
    make_run_folder(portal)
    server = start(cluster, portal / "log" / "postgres.log")
    try:
        yield
    finally:
        stop(server)


@contextmanager
def owner(portal: Path) -> Iterator[psycopg.Connection[Any]]:
    """One transaction as owner. Raises NotDone."""
    use_password_file(portal)
    with database_up(portal):
        try:
            connection = psycopg.connect(**Place.read(portal).conninfo("owner"))
        except psycopg.OperationalError as refused:
            raise NotDone(
                f"The database of {portal.name} is away, or does not let this user in as owner. Run this command as the user who "
                "created the portal (root, as a rule), on the portal's own host."
            ) from refused
        with connection:
            yield connection


def use_password_file(portal: Path) -> None:
    """Somebody else's PostgreSQL knows no local peers: there the owner has a password, in a file of whoever hosts."""
    path = portal / "secrets" / "owner.pgpass"
    if path.exists():
        os.environ["PGPASSFILE"] = str(path)
        os.environ.pop("PGPASSWORD", None)  # the server's administrator's, which libpq would prefer


def speak_django(portal: Path) -> None:
    """From here on Django's models speak to this portal's database as owner. Once a process."""
    use_password_file(portal)
    os.environ.update(
        HOMEROOM_PORTAL=str(portal), HOMEROOM_LOGIN="owner", DJANGO_SETTINGS_MODULE="homeroom.portal.settings"
    )
    import django  # slow, and not every command needs it
    from django.conf import settings

    if settings.configured and portal != settings.PLACE.folder:
        raise NotDone("One command speaks to one portal.")
    django.setup()


def make_keys(portal: Path) -> None:
    """Made once: what the door seals second factors with (with another one, every authenticator app would have to be set up anew), and what
    names the vault's notes."""
    for path in (portal / "secrets" / "factors", portal / "secrets" / "notes"):
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
            give(portal)


def migrate(portal: Path, tell: Tell = lambda *_: None) -> None:
    """Brings the tables to this release and rebuilds every grant, policy and function; the database's days become portal.toml's. All of it
    is one transaction: an interrupted upgrade leaves the old tables and rights. tell: hears how far a long migration is."""
    from procrastinate import schema

    make_keys(portal)
    speak_django(portal)
    from django.db import connection, transaction

    from homeroom.portal.access.protect import alone, close, protect

    with transaction.atomic():
        connection.ensure_connection()
        owner: psycopg.Connection[Any] = connection.connection
        alone(owner)
        close(owner)  # a column that a policy uses cannot be altered
        has_queue = owner.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() != (None,)
        with telling(owner, tell):
            change_tables()
        if not has_queue:
            owner.execute(schema.SchemaManager.get_schema().encode())
        protect(owner)
        owner.execute(ZONE, [Place.read(portal).time_zone])
    stamp(portal)


@contextmanager
def telling(owner: psycopg.Connection[Any], tell: Tell) -> Iterator[None]:
    """Passes on what a migration says while its statement runs: a notice whose detail is like “3 of 40”."""

    def hear(notice: psycopg.errors.Diagnostic) -> None:
        if step := STEP.fullmatch(notice.message_detail or ""):
            tell(notice.message_primary or "", int(step[1]), int(step[2]))

    owner.add_notice_handler(hear)
    try:
        yield
    finally:
        owner.remove_notice_handler(hear)


def change_tables() -> None:
    """Runs Django's migrations in the transaction that is under way. After each one PostgreSQL checks foreign keys: a table with checks that
    wait can't be altered by the next."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    def checked(action: str, *_: Any) -> None:
        if action == "apply_success":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    executor = MigrationExecutor(connection, checked)
    executor.loader.check_consistent_history(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
