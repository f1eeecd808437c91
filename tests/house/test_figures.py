"""A login sees changes in PostgreSQL's catalog while others write, but none that shows how large or how busy a table is.

PostgreSQL lets everyone read such figures. The portal takes that away when it makes the database (close_figures). A server that was made in another way may
still show them. test_no_oracle.py doesn't depend on this.
"""

import psycopg
import pytest
from psycopg import sql

from tests.school import School

RELATIONS = """SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'v')
    AND c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) ORDER BY 1"""
FUNCTIONS = """SELECT p.oid::regprocedure::text, p.proname, p.proargtypes[0]::regtype::text FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND p.proargtypes[0] IN ('oid'::regtype, 'regclass'::regtype)
      AND p.pronargs - p.pronargdefaults <= 1 AND p.pronargs >= 1 AND has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1"""
COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND has_column_privilege(attrelid, attnum, 'SELECT')"
WRITES = """INSERT INTO attendance_mark (id, student_id, school_id, day, status)
    SELECT gen_random_uuid(), p.id, r.school_id, timezone('PST8PDT', now())::date - d, 'absent'
    FROM person p JOIN role r ON r.person_id = p.id, generate_series(1, 3000) d
    WHERE p.sourced_id = 'kai' AND r.role = 'student'"""
# Relations that still change, for any login. THREATS.md says what they reveal.
LEFT = {
    "pg_stat_activity": "which logins are connected and since when; of other connections of the same login, what they call",
    "pg_stat_ssl": "how many connections there are",
    "pg_stat_gssapi": "how many connections there are",
    "pg_locks": "which tables are being written or read at this moment, and by how many connections",
}


def everything_shown(school: School, login: str) -> dict[str, str]:
    """Returns relation or function of the catalog → all that this login reads there."""
    shown = {}
    with school.server.connect(login, school.database, autocommit=True, prepare_threshold=None) as app:
        for (relation,) in app.execute(RELATIONS).fetchall():
            columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in app.execute(COLUMNS, [relation]))
            if columns.as_string():
                # PostgreSQL updates figures of its own catalog at any time.
                ours = sql.SQL("WHERE schemaname = 'public'" if relation == "pg_stats" else "")
                whole = sql.SQL("SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM (SELECT {} FROM {} {}) t")
                shown[relation] = read(app, whole.format(columns, sql.SQL(relation), ours))
        for signature, name, of in app.execute(FUNCTIONS).fetchall():
            of_each = "SELECT string_agg({}(c.oid::{})::text, ' ' ORDER BY c.oid) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
            shown[signature] = read(app, sql.SQL(of_each).format(sql.Identifier(name), sql.SQL(of)))
    return shown


def read(app: psycopg.Connection[tuple[str | None]], statement: sql.Composed) -> str:
    try:
        return (app.execute(statement).fetchone() or ("",))[0] or ""
    except psycopg.Error as refused:
        return str(refused)


@pytest.mark.parametrize("login", ["app", "door", "jobs", "sealer", "watcher"])
def test_a_login_sees_no_figure_of_a_table(own_school: School, login: str) -> None:
    before = everything_shown(own_school, login)
    own_school.change(WRITES)
    with own_school.connect("owner", autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE attendance_mark")
    after = everything_shown(own_school, login)
    assert len(before) > 250
    changed = {name for name, shown in after.items() if shown != before[name]}
    assert changed - set(LEFT) == set()


def test_logins_that_load_dump_and_migrate_can_read_table_figures(own_school: School) -> None:
    for login in ("owner", "intake", "dump"):
        with own_school.connect(login) as reader:
            figures = "SELECT pg_table_size('person'), relpages, (SELECT count(*) FROM pg_stat_user_tables) FROM pg_class WHERE relname = 'person'"
            found = reader.execute(figures)
            assert all(number is not None for number in found.fetchone() or [None])
