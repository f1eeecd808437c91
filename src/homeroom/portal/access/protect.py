"""protect(): rebuilds every function, view, grant and policy of the database from the *.sql files, in one transaction. What is in no file does not exist."""

from pathlib import Path
from typing import Any

from psycopg import Connection, sql

ROOMS = Path(__file__).parent.parent
FILES = (
    "access/asking.sql",
    "membership/ties.sql",
    "roster/masking.sql",
    "roster/reach.sql",
    "roster/names.sql",
    "access/look.sql",
    "audit/ledger.sql",
    "audit/who_can_see.sql",
    "audit/withheld.sql",
    "membership/two_people.sql",
    "membership/administrators.sql",
    "membership/restoration.sql",
    "door/codes.sql",
    "door/mail.sql",
    "membership/printing.sql",
    "membership/registering.sql",
    "membership/approving.sql",
    "membership/student_accounts.sql",
    "membership/overdue.sql",
    "membership/letters.sql",
    "membership/challenge.sql",
    "membership/challenge_office.sql",
    "membership/tutor.sql",
    "membership/tutor_consent.sql",
    "membership/tie_over.sql",
    "membership/tutor_office.sql",
    "membership/ages.sql",
    "membership/ages_office.sql",
    "membership/duties.sql",
    "membership/masking_office.sql",
    "membership/leavers.sql",
    "news/news.sql",
    "membership/office_ties.sql",
    "membership/keeping_apart.sql",
    "membership/leaving.sql",
    "membership/access_settings.sql",
    "support/supporters.sql",
    "support/grants.sql",
    "support/masked.sql",
    "intake/images.sql",
    "intake/first_load.sql",
    "intake/same_person.sql",
    "intake/decisions.sql",
    "intake/columns.sql",
    "attendance/codes.sql",
    "intake/uploads.sql",
    "intake/reports.sql",
    "door/notices.sql",
    "door/passwords.sql",
    "door/signing_in.sql",
    "membership/erasing.sql",
    "membership/narrowing.sql",
    "membership/notes.sql",
    "roster/reading.sql",
    "grades/reading.sql",
    "attendance/reading.sql",
    "news/reading.sql",
    "home/reading.sql",
    "intake/reading.sql",
    "access/policies.sql",
    "door/policies.sql",
    "roster/policies.sql",
    "membership/policies.sql",
    "grades/policies.sql",
    "attendance/policies.sql",
    "news/policies.sql",
    "audit/policies.sql",
    "intake/policies.sql",
    "support/policies.sql",
    "jobs.sql",
)
SERVING = ("app", "door", "intake", "jobs", "sealer")
# Everybody who holds anything here, a login somebody made by hand too; columns' grants go with their table's.
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

# A login may set these in its own session. They change what a function answers, or print what it does inside, so every function that a
# serving login may call fixes them, and so does every trigger function.
FIXED = {
    "timezone": "UTC", "datestyle": "ISO, MDY", "intervalstyle": "postgres", "extra_float_digits": "1", "bytea_output": "hex",
    "standard_conforming_strings": "on", "transform_null_equals": "off", "array_nulls": "on", "gin_fuzzy_search_limit": "0",
    "lc_time": "C", "lc_numeric": "C", "lc_monetary": "C", "default_text_search_config": "pg_catalog.simple", "restrict_nonsystem_relation_kind": "",
    "client_min_messages": "error", "debug_print_parse": "off", "debug_print_rewritten": "off", "debug_print_plan": "off", "trace_sort": "off",
    "plpgsql.extra_errors": "none", "plpgsql.extra_warnings": "none", "plpgsql.print_strict_params": "off",
}  # fmt: skip
ENTRIES = """SELECT p.oid::regprocedure::text, has_function_privilege('app', p.oid, 'EXECUTE') FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
      AND (p.prorettype = 'trigger'::regtype OR has_function_privilege('app', p.oid, 'EXECUTE') OR has_function_privilege('door', p.oid, 'EXECUTE'))"""


def protect(owner: Connection[Any]) -> None:
    """Run as owner, after each migration. Waits 10 s at most for open pages (psycopg.errors.LockNotAvailable)."""
    with owner.transaction():
        owner.execute("SET LOCAL lock_timeout = '10s'")
        owner.execute("SET LOCAL check_function_bodies = off")  # files may name each other's functions
        close(owner)
        for name in FILES:
            owner.execute((ROOMS / name).read_text().encode())
        fix_settings(owner)


def fix_settings(owner: Connection[Any]) -> None:
    """A function that app may call is VOLATILE, too: a STABLE one keeps the snapshot of its statement, and a cursor that calls it for each
    row would go on reading after access was closed."""
    fixed = sql.SQL(" ").join(sql.SQL("SET {} = {}").format(sql.SQL(name), sql.Literal(value)) for name, value in FIXED.items())
    for function, is_for_app in owner.execute(ENTRIES).fetchall():
        kind = sql.SQL("VOLATILE") if is_for_app else sql.SQL("")
        owner.execute(sql.SQL("ALTER FUNCTION {} {} {}").format(sql.SQL(function), kind, fixed))


def close(owner: Connection[Any]) -> None:
    """Takes every policy, function, view and grant away: what migrations need, since a column used in a policy cannot be altered."""
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
        # ENABLE and not FORCE: under FORCE the owner's own data migrations would silently touch nothing.
        owner.execute(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))
    holders = {name for (name,) in owner.execute(HOLDERS)}
    roles = sql.SQL(", ").join([sql.SQL("PUBLIC"), *map(sql.Identifier, sorted(holders | set(SERVING)))])
    for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        owner.execute(sql.SQL("REVOKE ALL ON ALL {} IN SCHEMA public FROM {}").format(sql.SQL(kind), roles))
    owner.execute(sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(roles))
    owner.execute(
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.SQL(", ").join(map(sql.Identifier, SERVING)))
    )
    # Functions are open to PUBLIC when made; from here on only to those a file names.
    owner.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
