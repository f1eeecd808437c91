"""protect() rebuilds every function, view, grant and policy of the database from the *.sql files, in one transaction. It removes everything that is
in no file."""

import re
from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any

from psycopg import Connection, sql
from psycopg.errors import LockNotAvailable

from homeroom.portal.access.declared import with_declared
from homeroom.portal.access.policy import ROOMS
from homeroom.portal.access.waiting import Named, first_waiting

# Floors from the lowest, each with its folders. A function may call only functions of lower floors and of its own folder. tests/house
# checks that.
FLOORS = {
    "asking, telling": "access/asking access/telling",
    "standing": "access/standing",
    "names": "access/names",
    "reach, door": "access/reach door",
    "reading": "roster grades attendance",
    "second approvals, codes, endings": "membership/two_people membership/codes membership/endings",
    "subjects": "membership/requests membership/ties membership/eighteen membership/masking membership/duties membership/choices support",
    "subjects that need those": "membership/challenges membership/tutors membership/leaving membership/restore"
    " news audit events privacy privacy/corrections privacy/consents incidents",
    "imports, first pages": "intake home membership/carrying_out",
    "request": "access/request membership/erasing",
    "preview": "access/preview processes",
}
# The order within a floor: rules, functions that pages read, functions that change something, triggers, then grants and policies.
KINDS = ("rules", "reading", "acts", "triggers", "policies")


def in_order() -> tuple[str, ...]:
    """The *.sql files of all floors, by floor, then by kind, then by room. acts.sql comes before acts_office.sql."""
    return tuple(
        str(path.relative_to(ROOMS))
        for floor in FLOORS.values()
        for kind in KINDS
        for room in floor.split()
        for path in sorted((ROOMS / room).glob(f"{kind}*.sql"))
    )


FILES = in_order()
SERVING = ("app", "door", "intake", "jobs", "sealer", "watcher", "forwarder")
# Everyone who has a right here, also a login that someone made by hand. Grants on columns go with their table's.
HOLDERS = """SELECT DISTINCT pg_get_userbyid(a.grantee)::text FROM
    (SELECT relacl AS acl FROM pg_class WHERE relnamespace = 'public'::regnamespace
     UNION ALL SELECT attacl FROM pg_attribute
     UNION ALL SELECT proacl FROM pg_proc WHERE pronamespace = 'public'::regnamespace
     UNION ALL SELECT nspacl FROM pg_namespace WHERE nspname = 'public') held, aclexplode(held.acl) a
    WHERE a.grantee <> 0 AND a.grantee <> current_user::regrole"""

TABLES = (
    """SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"""
)
POLICIES = "SELECT polname, polrelid::regclass::text FROM pg_policy"
TRIGGERS = """SELECT t.tgname, t.tgrelid::regclass::text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND p.pronamespace = 'public'::regnamespace AND p.proname NOT LIKE 'procrastinate\\_%%'"""
VIEWS = "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'"
FUNCTIONS = """SELECT oid::regprocedure::text FROM pg_proc p
    WHERE pronamespace = 'public'::regnamespace AND proname NOT LIKE 'procrastinate\\_%%'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"""

# A login can set these in its own session. They change a function's answer, or print what it does inside. So every function that a serving
# login may call sets them, and so does every trigger function.
FIXED = {
    "timezone": "UTC", "datestyle": "ISO, MDY", "intervalstyle": "postgres", "extra_float_digits": "1", "bytea_output": "hex",
    "standard_conforming_strings": "on", "transform_null_equals": "off", "array_nulls": "on", "gin_fuzzy_search_limit": "0",
    "lc_time": "C", "lc_numeric": "C", "lc_monetary": "C", "default_text_search_config": "pg_catalog.simple", "restrict_nonsystem_relation_kind": "",
    "client_min_messages": "error", "debug_print_parse": "off", "debug_print_rewritten": "off", "debug_print_plan": "off", "trace_sort": "off",
    "plpgsql.extra_errors": "none", "plpgsql.extra_warnings": "none", "plpgsql.print_strict_params": "off",
}  # fmt: skip
LOOK = "look()"
ENTRIES = """SELECT p.oid::regprocedure::text, p.proname || '()', pg_get_functiondef(p.oid), has_function_privilege('app', p.oid, 'EXECUTE')
    FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
      AND (p.prorettype = 'trigger'::regtype OR has_function_privilege('app', p.oid, 'EXECUTE') OR has_function_privilege('door', p.oid, 'EXECUTE'))"""


# A function runs with its owner's rights and finds tables only in public. pg_temp comes last, because a temporary table would otherwise be
# found before a real one. A file says SECURITY INVOKER for a function that needs no right of the owner.
HEAD = re.compile(r"CREATE FUNCTION\b.*?(?=\sAS \$\$)", re.DOTALL)
AS_OWNER, AS_CALLER = " SECURITY DEFINER SET search_path = public, pg_temp", " SET search_path = pg_catalog, pg_temp"


def with_usual(statements: str) -> str:
    """Adds to each function's head what the files leave out."""
    return HEAD.sub(_with_usual, statements)


def _with_usual(head: re.Match[str]) -> str:
    if " SET search_path" in head[0]:
        return head[0]
    name, *settings = head[0].split(" SET ")
    return " SET ".join([name + (AS_CALLER if "SECURITY INVOKER" in name else AS_OWNER), *settings])


def protect(owner: Connection[Any]) -> None:
    """Runs as owner, after each migration. Waits at most 10 s for open pages (psycopg.errors.LockNotAvailable). Raises NotDeclared."""

    def exists(function: str) -> bool:
        return owner.execute("SELECT to_regprocedure(%s) IS NOT NULL", [function]).fetchone() == (True,)

    with owner.transaction():
        alone(owner)
        owner.execute("SET LOCAL check_function_bodies = on")  # files call only functions that are loaded before them
        close(owner)
        for name in FILES:
            owner.execute(with_usual(with_declared((ROOMS / name).read_text(), exists)).encode())
        fix_settings(owner)


def alone(owner: Connection[Any]) -> None:
    """Locks the rebuilding of the rules, and every table. A second process waits, at most 10 s, until the first one's transaction has ended.

    Tables are locked all together, or none. So no page waits for a table while the rebuilding waits for that page, and PostgreSQL ends neither of them
    as a deadlock. Raises psycopg.errors.LockNotAvailable after 10 s of open pages.
    """
    owner.execute("SET LOCAL lock_timeout = '10s'")
    owner.execute("SELECT pg_advisory_xact_lock(4117309, 0)")
    tables = [sql.Identifier(name) for (name,) in owner.execute(TABLES).fetchall()]
    until = monotonic() + 10
    while tables and not _locked(owner, tables, "100ms"):
        sleep(0.1)
        if monotonic() > until and not _locked(owner, tables, "3s"):  # long enough that autovacuum gives way
            raise LockNotAvailable("Pages kept tables open for 10 seconds.")


def _locked(owner: Connection[Any], tables: Sequence[sql.Identifier], patience: str) -> bool:
    try:
        with owner.transaction():
            owner.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(patience))
            owner.execute(sql.SQL("LOCK TABLE {}").format(sql.SQL(", ").join(tables)))
            owner.execute("SET LOCAL lock_timeout = '10s'")
    except LockNotAvailable:
        return False
    return True


def fix_settings(owner: Connection[Any]) -> None:
    """Makes each function that app may call first wait for its tables, except look(). A change that look()'s first snapshot did not know closes what
    it opens, and waiting took a fifth of its time.
    Such a function is also VOLATILE. A STABLE one keeps the snapshot of its statement, and a cursor that calls it for each row would still read after
    access was closed."""
    named = Named(owner)
    fixed = sql.SQL(" ").join(sql.SQL("SET {} = {}").format(sql.SQL(name), sql.Literal(value)) for name, value in FIXED.items())
    for function, name, definition, is_for_app in owner.execute(ENTRIES).fetchall():
        if is_for_app and name != LOOK:
            owner.execute(first_waiting(definition, named.tables_of(name)).encode())
        kind = sql.SQL("VOLATILE") if is_for_app else sql.SQL("")
        owner.execute(sql.SQL("ALTER FUNCTION {} {} {}").format(sql.SQL(function), kind, fixed))


def serving(owner: Connection[Any]) -> list[str]:
    """Returns the logins of SERVING that are there. Only the server's administrator can add one, so a server of the operator's own may lack the newest."""
    return sorted(name for (name,) in owner.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", [list(SERVING)]))


def close(owner: Connection[Any]) -> None:
    """Removes every policy, function, view and grant. Migrations need that, because a column that a policy uses can't be altered."""
    for policy, table in owner.execute(POLICIES).fetchall():
        owner.execute(sql.SQL("DROP POLICY {} ON {}").format(sql.Identifier(policy), sql.SQL(table)))
    for trigger, table in owner.execute(TRIGGERS).fetchall():
        owner.execute(sql.SQL("DROP TRIGGER {} ON {}").format(sql.Identifier(trigger), sql.SQL(table)))
    for (view,) in owner.execute(VIEWS).fetchall():
        owner.execute(sql.SQL("DROP VIEW IF EXISTS {} CASCADE").format(sql.SQL(view)))
    functions = [row[0] for row in owner.execute(FUNCTIONS).fetchall()]
    if functions:
        owner.execute(sql.SQL("DROP FUNCTION {} CASCADE").format(sql.SQL(", ").join(map(sql.SQL, functions))))
    for (table,) in owner.execute(TABLES).fetchall():
        # ENABLE and not FORCE: under FORCE the owner's own data migrations would silently change nothing.
        owner.execute(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))
    holders = {name for (name,) in owner.execute(HOLDERS)}
    present = serving(owner)
    roles = sql.SQL(", ").join([sql.SQL("PUBLIC"), *map(sql.Identifier, sorted(holders | set(present)))])
    for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        owner.execute(sql.SQL("REVOKE ALL ON ALL {} IN SCHEMA public FROM {}").format(sql.SQL(kind), roles))
    owner.execute(sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(roles))
    owner.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.SQL(", ").join(map(sql.Identifier, present))))
    # New functions are open to PUBLIC by default. From here on they are open only to the logins that a file names.
    owner.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
