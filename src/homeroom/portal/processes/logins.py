"""The database's logins: who owns, who serves, who reads everything. Each has its own password, limits on waiting, and a number of connections."""

import secrets
from collections.abc import Collection, Mapping, Sequence

import psycopg
from psycopg import sql

from homeroom.portal.processes.cluster import DATABASE, PASSWORD_LOGINS

# intake loads with COPY, which PostgreSQL refuses to a login under row security. dump must see every row.
BYPASSES_ROW_SECURITY = ("intake", "dump")
PATIENCE: Mapping[str, Mapping[str, str]] = {
    "owner": {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "0"},
    "app": {"lock_timeout": "3s", "statement_timeout": "15s", "idle_in_transaction_session_timeout": "30s"},
    "door": {"lock_timeout": "3s", "statement_timeout": "15s", "idle_in_transaction_session_timeout": "30s"},
    "intake": {"lock_timeout": "30s", "idle_in_transaction_session_timeout": "15min"},
    "jobs": {"lock_timeout": "10s", "statement_timeout": "5min"},
    "sealer": {"lock_timeout": "10s", "statement_timeout": "60s"},
    "watcher": {"lock_timeout": "10s", "statement_timeout": "10s"},
    "forwarder": {"lock_timeout": "10s", "statement_timeout": "60s"},
    "dump": {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "0"},
}
# More than each ever needs, so that no login can take all connections and keep the others out. The owner has no limit, and some are left for it.
CONNECTIONS: Mapping[str, int] = {"app": 20, "door": 10, "intake": 6, "jobs": 8, "sealer": 3, "watcher": 2, "forwarder": 3, "dump": 5}
# For end_overdue() (audit/acts_watcher.sql), which the login `watcher` calls and which runs as owner.
ENDS_CONNECTIONS = ("pg_read_all_stats", "pg_signal_backend")

# Statistics of tables: functions that return them, also behind the views pg_stat_* and pg_statio_*, and columns of pg_class.
FIGURES = r"""SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname <> ALL (%s)
    AND (proname LIKE 'pg\_stat\_get\_%%' OR proname LIKE 'pg\_%%\_size' OR proname IN ('pg_stat_have_stats', 'pg_relation_filepath', 'pg_relation_filenode'))
    AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0)"""
FIGURES_LEFT = ("pg_stat_get_activity", "pg_column_size")  # who is connected, without others' statements, and the size of one's own value
FIGURES_OF_TABLES = ("relpages", "reltuples", "relallvisible", "relallfrozen", "relfrozenxid", "relminmxid")
WRITES_LOG = """SELECT EXISTS (SELECT FROM pg_proc p, unnest(%s::name[]) AS u (login) WHERE p.proname = 'pg_logical_emit_message'
    AND login <> 'owner' AND has_function_privilege(login, p.oid, 'EXECUTE'))"""
READS_FIGURES = ("owner", "intake", "dump")  # intake and dump divide their work among processes by the size of a table


def make_logins(admin: psycopg.Connection, database: str = DATABASE, *, keeps: Collection[str] = ()) -> dict[str, str]:
    """Makes the database and its logins, and gives them new passwords. Logins in `keeps` that are there keep theirs. Returns {login: password} of the
    others.

    `admin` may create roles and databases, and is in autocommit. protect() decides what each login may use.
    """
    present = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles")}
    passwords = {login: secrets.token_urlsafe(32) for login in PASSWORD_LOGINS if login not in keeps or login not in present}
    for login in PATIENCE:
        _make_login(admin, login, passwords.get(login), is_new=login not in present)
    admin.execute(sql.SQL("GRANT {} TO owner").format(sql.SQL(", ").join(map(sql.Identifier, ENDS_CONNECTIONS))))
    if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is None:
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER owner TEMPLATE template0").format(sql.Identifier(database)))
    close_database(admin, database)
    return passwords


def close_database(admin: psycopg.Connection, database: str, others: Sequence[str] = ("postgres", "template1")) -> None:
    """Lets only the logins connect, and only intake make temporary tables, because in another login one shadowed a real table."""
    for name in (database, *others):
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    logins = sql.SQL(", ").join(map(sql.Identifier, PATIENCE))
    admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), logins))
    admin.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO intake").format(sql.Identifier(database)))


def close_schema(inside: psycopg.Connection) -> None:
    """Runs inside the database, as a user who may. The schema becomes the owner's, and only the logins may use it."""
    inside.execute("ALTER SCHEMA public OWNER TO owner")
    inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    logins = sql.SQL(", ").join(map(sql.Identifier, PATIENCE))
    inside.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(logins))
    close_advisory_locks(inside)
    close_large_objects(inside)
    close_log(inside)
    close_figures(inside)


def close_advisory_locks(inside: psycopg.Connection) -> None:
    """Closes advisory locks, which are open to anyone by default. app could hold the ones that imports, the sealer and the door's count wait for."""
    functions = inside.execute(
        r"SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname LIKE '%advisory%'"
    ).fetchall()
    for (name,) in functions:
        inside.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC, door").format(sql.SQL(name)))
        inside.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO owner, intake, sealer").format(sql.SQL(name)))


def close_large_objects(inside: psycopg.Connection) -> None:
    """Closes large objects, which anyone may make by default, outside every table and grant. A login that serves pages could fill the disk, or keep
    things there."""
    functions = inside.execute(
        r"SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^lo(_|read$|write$)'"
    ).fetchall()
    for (name,) in functions:
        inside.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(sql.SQL(name)))


def close_log(inside: psycopg.Connection) -> None:
    """Closes messages in the write-ahead log, which anyone may write by default. One login could fill the disk with them in minutes."""
    for (name,) in inside.execute("SELECT oid::regprocedure::text FROM pg_proc WHERE proname = 'pg_logical_emit_message'").fetchall():
        inside.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(sql.SQL(name)))


def close_figures(inside: psycopg.Connection) -> None:
    """Takes statistics of tables away from everyone but the logins that load, dump and migrate.

    By default every login can see how many rows and pages each table has, and how often it is read and written. For a small table these numbers
    reveal something about one person: "1 challenge" becomes 2. pg_stat_activity, pg_locks and statistics of the cluster stay open.
    """
    functions = inside.execute(FIGURES, [list(FIGURES_LEFT)]).fetchall()
    readers = sql.SQL(", ").join(map(sql.Identifier, READS_FIGURES))
    for (name,) in functions:
        inside.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(sql.SQL(name)))
        inside.execute(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(name), readers))
    columns = inside.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'pg_class'::regclass AND attnum > 0 AND attname <> ALL (%s)",
        [list(FIGURES_OF_TABLES)],
    ).fetchall()
    named = sql.SQL(", ").join(sql.Identifier(column) for (column,) in columns)
    inside.execute("REVOKE SELECT ON pg_class FROM PUBLIC")
    inside.execute(sql.SQL("GRANT SELECT ({}) ON pg_class TO PUBLIC").format(named))
    inside.execute(sql.SQL("GRANT SELECT ON pg_class TO {}").format(readers))


def unfinished(connection: psycopg.Connection) -> list[str]:
    """Lists, as owner, what only the server's administrator can put right: an older release left it open. Empty as delivered."""
    limits: dict[str, int] = dict(connection.execute("SELECT rolname, rolconnlimit FROM pg_roles").fetchall())
    found = [f"there is no login {login}" for login in PATIENCE if login not in limits]
    found += [f"{login} may have any number of connections" for login, most in CONNECTIONS.items() if limits.get(login, most) != most]
    if not all(connection.execute("SELECT pg_has_role('owner', %s, 'USAGE')", [role]).fetchone() == (True,) for role in ENDS_CONNECTIONS):
        found.append("no one may end a connection that works past its limits")
    if connection.execute(WRITES_LOG, [list(limits.keys() & PATIENCE.keys())]).fetchone() != (False,):
        found.append("every login may fill the disk with messages")
    return found


def _make_login(admin: psycopg.Connection, login: str, password: str | None, *, is_new: bool) -> None:
    name = sql.Identifier(login)
    bypass = sql.SQL("BYPASSRLS" if login in BYPASSES_ROW_SECURITY else "NOBYPASSRLS")
    verb = sql.SQL("CREATE" if is_new else "ALTER")
    words = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {} CONNECTION LIMIT {}")
    admin.execute(words.format(verb, name, bypass, CONNECTIONS.get(login, -1)))
    if password is not None:
        set_password(admin, login, password)
    for setting, value in {**PATIENCE[login], "search_path": "public, pg_temp"}.items():
        said = sql.SQL("public, pg_temp") if setting == "search_path" else sql.Literal(value)
        admin.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.Identifier(setting), said))
    if login == "dump":
        admin.execute("GRANT pg_read_all_data TO dump")


def set_password(admin: psycopg.Connection, login: str, password: str) -> None:
    """Hashes the password here, so that the server never sees it."""
    verifier = admin.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode()
    words = sql.SQL("ALTER ROLE {} PASSWORD {}")
    admin.execute(words.format(sql.Identifier(login), sql.Literal(verifier)))
