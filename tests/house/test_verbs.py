"""Tries each login × table × verb. A login may do what expected.py grants, and is refused everything else."""

from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.house.expected import NOBODYS, VERBS, VIEWS, tables, verbs_of
from tests.house.test_reach import TABLES
from tests.school import School

LOGINS = tuple(VERBS)
OTHERS = (
    *LOGINS,
    "postgres",
    "owner",
    "dump",
    "pg_read_all_data",
    "pg_write_all_data",
    "pg_monitor",
    "pg_signal_backend",
)
COLUMNS = """SELECT c.relname, max(a.attname::text) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attidentity <> 'a' AND NOT starts_with(c.relname, 'procrastinate_') GROUP BY c.relname"""
ATTEMPTS = {
    "select": ("S", "SELECT count(*) FROM {table}"),
    "select a column": ("S", "SELECT {column} FROM {table} LIMIT 1"),
    "copy out": ("S", "COPY (SELECT * FROM {table}) TO STDOUT"),
    "select for update": ("Uu", "SELECT FROM {table} FOR UPDATE"),
    "select for key share": ("Uu", "SELECT FROM {table} FOR KEY SHARE"),
    "insert": ("I", "INSERT INTO {table} DEFAULT VALUES"),
    "update": ("U", "UPDATE {table} SET {column} = {column}"),
    "delete": ("D", "DELETE FROM {table}"),
    "merge": ("D", "MERGE INTO {table} USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE"),
    "truncate": ("nobody", "TRUNCATE {table} CASCADE"),
    "lock": ("UD", "LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"),
    "drop": ("nobody", "DROP TABLE {table}"),
    "alter": ("nobody", "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"),
    "policy": ("nobody", "CREATE POLICY mine ON {table} USING (true)"),
    "trigger": ("nobody", "CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION close_openings()"),
    "reference": ("nobody", "CREATE TABLE mine (LIKE {table})"),
}  # fmt: skip
BECOME = (
    "SET ROLE {role}",
    "SET LOCAL ROLE {role}",
    "SET SESSION AUTHORIZATION {role}",
    "SELECT set_config('role', {word}, false)",
    "SELECT set_config('session_authorization', {word}, false)",
    "GRANT {role} TO CURRENT_USER",
)
FORBIDDEN = (
    "CREATE TABLE mine (a int)",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION asking() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "ALTER FUNCTION asking() SECURITY INVOKER",
    "DROP FUNCTION asking()",
    "CREATE TYPE mine AS (a int)",
    "CREATE SEQUENCE mine",
    "CREATE EXTENSION pg_trgm",
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "CREATE TABLESPACE mine LOCATION '/tmp'",
    "CREATE PUBLICATION mine",
    "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION f()",
    "ALTER ROLE owner PASSWORD 'mine'",
    "ALTER DATABASE postgres SET work_mem = '1MB'",
    "ALTER SYSTEM SET work_mem = '1MB'",
    "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO PUBLIC",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/mine'",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'mine')",
    "LOAD 'plpython3'",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/hostname')",
    "SELECT * FROM pg_authid",
    "SELECT pg_reload_conf()",
    "SELECT pg_stat_reset()",
    "SET session_replication_role = replica",
    "SET log_statement = 'all'",
    "SET log_min_error_statement = 'error'",
)


@pytest.fixture(scope="module")
def columns(school: School) -> dict[str, str]:
    """Returns a column of each table that may be set to itself."""
    with school.connect("owner") as owner:
        return dict(owner.execute(COLUMNS).fetchall())


@pytest.mark.parametrize("login", LOGINS)
def test_every_verb_on_every_table_is_allowed_or_refused_as_written(
    school: School, columns: dict[str, str], login: str
) -> None:
    with school.connect(login) as connection:
        assert unlike_verbs(connection, login, columns) == []


def unlike_verbs(connection: psycopg.Connection[Any], login: str, columns: Mapping[str, str]) -> list[str]:
    """Returns where the rights of this login's connection on these tables differ from what is written."""
    granted, wrong = verbs_of(login), []
    for table, column in columns.items():
        for name, (needs, statement) in ATTEMPTS.items():
            words = sql.SQL(statement).format(table=sql.Identifier(table), column=sql.Identifier(column))  # type: ignore[arg-type]
            may = any(verb in granted.get(table, "") for verb in needs) if needs != "nobody" else False
            if may == is_refused(connection, words):
                wrong.append(f"{login} {name} {table}: {'refused' if may else 'allowed'}")
    return wrong


def is_refused(connection: psycopg.Connection[Any], statement: sql.Composed) -> bool:
    """Says whether a right was missing. Any other error, such as a row that may not be empty, means that the right was there."""
    try:
        with connection.transaction(force_rollback=True):
            if statement.as_string().startswith("COPY"):
                with connection.cursor().copy(statement) as rows:
                    list(rows)
            else:
                connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as refused:
        return "row-level security" not in str(refused)
    except psycopg.errors.IntegrityError:
        return False
    return False


def test_every_table_is_tried(columns: dict[str, str], school: School) -> None:
    with school.connect("owner") as owner:
        there = {name for (name,) in owner.execute(TABLES) if not name.startswith("procrastinate_")}
    assert there >= tables(VIEWS)
    assert set(columns) == there - tables(VIEWS) == {t for login in LOGINS for t in verbs_of(login)} | tables(NOBODYS)


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("view", sorted(tables(VIEWS)))
def test_no_login_reads_through_a_view(school: School, view: str, login: str) -> None:
    """A view reads with its owner's rights, past row security."""
    with school.connect(login) as connection:
        for statement in ("SELECT count(*) FROM {}", "COPY (SELECT * FROM {}) TO STDOUT", "DROP VIEW {}"):
            assert is_refused(connection, sql.SQL(statement).format(sql.Identifier(view))), statement


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("other", OTHERS)
def test_no_login_becomes_another(school: School, login: str, other: str) -> None:
    refusals = (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidGrantOperation)
    with school.connect(login) as connection:
        for statement in BECOME if other != login else BECOME[-1:]:
            with pytest.raises(refusals), connection.transaction():
                connection.execute(sql.SQL(statement).format(role=sql.Identifier(other), word=sql.Literal(other)))


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("statement", FORBIDDEN)
def test_no_login_makes_anything_or_leaves_the_database(school: School, login: str, statement: str) -> None:
    refusals = (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFunction)
    with school.connect(login, autocommit=True) as connection, pytest.raises(refusals):
        connection.execute(statement)


@pytest.mark.parametrize("login", LOGINS)
def test_no_login_passes_its_rights_on(school: School, login: str) -> None:
    """PostgreSQL only warns, so the rights are compared before and after."""
    rights = "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
    with school.connect(login) as connection:
        before = connection.execute(rights).fetchall()
        for table in verbs_of(login):
            connection.execute(sql.SQL("GRANT SELECT ON {} TO PUBLIC").format(sql.Identifier(table)))
        assert connection.execute(rights).fetchall() == before


@pytest.mark.parametrize("login", [login for login in LOGINS if login != "intake"])
def test_no_login_but_intake_makes_a_temporary_table(school: School, login: str) -> None:
    """A temporary table shadowed a real one in the next transaction of a pooled connection."""
    with school.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TEMP TABLE person (id int)")


@pytest.mark.parametrize("login", LOGINS)
def test_no_login_knocks_at_another_database(school: School, login: str) -> None:
    for database in ("postgres", "template1", "template0"):
        with pytest.raises(psycopg.OperationalError):
            school.server.connect(login, database)


@pytest.mark.parametrize("login", ["app", "jobs"])
def test_app_and_jobs_cannot_hold_the_locks_that_imports_and_the_sealer_wait_for(school: School, login: str) -> None:
    with school.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT pg_advisory_lock(4117303)")
