"""A login that raises its own limits is ended all the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import psycopg
import pytest

from homeroom.portal.audit import watcher
from tests.school import School

SOON = """CREATE OR REPLACE FUNCTION limits_watched() RETURNS TABLE (login name, one_statement interval, idle interval, whole interval)
    LANGUAGE sql STABLE AS $$ SELECT u, %s::interval, %s::interval, %s::interval FROM unnest(ARRAY['app', 'door', 'jobs', 'sealer']::name[]) u $$"""
NEVER, NOW = "1 day", "0"


def limited(school: School, *, one_statement: str = NEVER, idle: str = NEVER, whole: str = NEVER) -> None:
    with school.connect("owner") as owner:
        owner.execute(SOON.replace("%s", "{}").format(*(f"'{each}'" for each in (one_statement, idle, whole))).encode())


def ended(school: School) -> list[tuple[str, str]]:
    with school.connect("watcher") as watching:
        return watching.execute("SELECT login, why FROM end_overdue()").fetchall()


@contextmanager
def asleep(connection: psycopg.Connection[Any]) -> Iterator[list[BaseException]]:
    """Runs a statement of a minute meanwhile. Yields what ends it."""
    trouble: list[BaseException] = []

    def sleep() -> None:
        try:
            connection.execute("SET statement_timeout = 0")
            connection.execute("SELECT pg_sleep(60)")
        except psycopg.Error as end:
            trouble.append(end)

    sleeper = Thread(target=sleep)
    sleeper.start()
    try:
        yield trouble
    finally:
        connection.cancel()
        sleeper.join()


@pytest.mark.parametrize("login", ["app", "door", "jobs", "sealer"])
def test_a_statement_past_its_limit_ends_with_its_connection(own_school: School, login: str) -> None:
    with own_school.connect(login, autocommit=True) as connection, asleep(connection) as trouble:
        wait_for_statement(own_school, login)
        assert ended(own_school) == [], "a minute is not past the limit after a moment"
        limited(own_school, one_statement=NOW)
        assert ended(own_school) == [(login, "statement")]
    assert isinstance(trouble[0], psycopg.errors.AdminShutdown | psycopg.OperationalError)


@pytest.mark.parametrize(("limit", "why"), [("idle", "idle in transaction"), ("whole", "transaction")])
def test_a_transaction_past_its_limit_ends(own_school: School, limit: str, why: str) -> None:
    with own_school.connect("app") as connection:
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        assert ended(own_school) == []
        limited(own_school, **{limit: NOW})
        assert ended(own_school) == [("app", why)]
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_no_import_no_dump_and_no_command_of_the_owner_is_ended(own_school: School) -> None:
    limited(own_school, one_statement=NOW, idle=NOW, whole=NOW)
    with own_school.connect("intake") as intake, own_school.connect("owner") as owner, own_school.connect("dump") as dump:
        for connection in (intake, owner, dump):
            connection.execute("SELECT 1")
        assert ended(own_school) == []


def test_the_log_names_the_login_and_no_statement(own_school: School, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(psycopg.OperationalError), own_school.connect("app") as connection:
        connection.execute("SELECT 'Nina'")
        limited(own_school, idle=NOW)
        with own_school.connect("watcher", autocommit=True) as watching:
            watcher.end_overdue(watching)
        connection.execute("SELECT 1")
    assert caplog.messages == ["a connection of app was ended: idle in transaction past its limit"]


@pytest.mark.parametrize("login", ["app", "door", "intake", "jobs", "sealer"])
def test_only_the_watcher_ends_connections(own_school: School, login: str) -> None:
    with own_school.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT end_overdue()")


def wait_for_statement(school: School, login: str) -> None:
    with school.connect("owner", autocommit=True) as owner:
        running = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename = %s AND query LIKE '%%pg_sleep%%' AND state = 'active'"
        while owner.execute(running, [login]).fetchone() is None:
            pass
