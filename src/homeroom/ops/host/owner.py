"""Works as the portal's owner, by local peer sign-in. Starts PostgreSQL for that time if it doesn't run."""

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from homeroom.ops.answers import NotDone
from homeroom.ops.host.release import stamp
from homeroom.portal.place import Place
from homeroom.portal.processes.cluster import is_running, start, stop
from homeroom.portal.processes.layout import make_run_folder, own_cluster
from homeroom.portal.processes.owners import give
from homeroom.portal.processes.users import check_users

if TYPE_CHECKING:
    from django.db.migrations.state import ProjectState

ZONE = "UPDATE district SET time_zone = %s"
STEP = re.compile(r"(\d+) of (\d+)")
Tell = Callable[[str, int, int], object]  # what is being done, steps done, steps in total


@contextmanager
def database_up(portal: Path) -> Iterator[None]:
    """Makes sure that PostgreSQL answers inside the block: the running portal's, or one started only for this command."""
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
    """Opens one transaction as owner. Raises NotDone."""
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
    """Uses the owner's password file, if there is one. An external PostgreSQL has no local peer sign-in, so the operator keeps the owner's password in a
    file."""
    path = portal / "secrets" / "owner.pgpass"
    if path.exists():
        os.environ["PGPASSFILE"] = str(path)
        os.environ.pop("PGPASSWORD", None)  # the password of the server's administrator, which libpq would prefer


def speak_django(portal: Path) -> None:
    """Makes Django's models use this portal's database as owner. Works for one portal in a process. Raises NotDone for another one."""
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
    """Makes three keys once. The door seals second factors with the first. If it changed, every authenticator app would have to be set up again. The
    second names the vault's notes, and the third hashes addresses for security events."""
    for name in ("factors", "notes", "addresses"):
        path = portal / "secrets" / name
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
            give(portal)


def migrate(portal: Path, tell: Tell = lambda *_: None) -> None:
    """Brings the tables to this release and rebuilds every grant, policy and function. The database gets the time zone of portal.toml. All of it is one
    transaction, so an interrupted upgrade leaves the old tables and rights. `tell` gets the progress of a long migration."""
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
        owner.execute("SELECT name_news_again(NULL)")  # this release may find more names
        owner.execute(ZONE, [Place.read(portal).time_zone])
    stamp(portal)


@contextmanager
def telling(owner: psycopg.Connection[Any], tell: Tell) -> Iterator[None]:
    """Passes on what a migration says while its statement runs: a notice with a detail such as “3 of 40”."""

    def hear(notice: psycopg.errors.Diagnostic) -> None:
        if step := STEP.fullmatch(notice.message_detail or ""):
            tell(notice.message_primary or "", int(step[1]), int(step[2]))

    owner.add_notice_handler(hear)
    try:
        yield
    finally:
        owner.remove_notice_handler(hear)


def change_tables() -> None:
    """Runs Django's migrations in the current transaction. PostgreSQL checks foreign keys after each one, because the next one can't alter a table with
    deferred checks."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    def checked(action: str, *_: Any) -> None:
        if action == "apply_success":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    executor = MigrationExecutor(connection, checked)
    executor.loader.check_consistent_history(connection)
    state = None if executor.loader.applied_migrations else new_tables()
    executor.migrate(executor.loader.graph.leaf_nodes(), state=state)


def new_tables() -> "ProjectState":
    """Returns an empty state that renders a changed model with the models that point to it. Django renders all that its relations reach, which takes
    six of the eight seconds of a new database. tests/house/test_schema.py compares the tables."""
    from django.db.migrations.state import ProjectState

    class Sparing(ProjectState):
        def _find_reload_model(self, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:  # noqa: ARG002  Django passes it
            self.is_delayed = True  # then Django renders everything for a migration that runs Python
            known = self.apps.all_models[app_label].get(model_name)
            pointing = [each.related_model._meta for each in known._meta.related_objects] if known else []
            return {(app_label, model_name), *((each.app_label, each.model_name or "") for each in pointing)}

    return Sparing()
