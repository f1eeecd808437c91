"""The catalog as an operator reads it, and how changes that someone made by hand are noticed."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from homeroom.portal.access.catalogue import differences, policy_table
from homeroom.portal.access.protect import protect
from homeroom.portal.processes.logins import PATIENCE
from tests.school import School

NEVER_BARRED = """CREATE OR REPLACE FUNCTION is_restricted(adult integer, child integer) RETURNS boolean LANGUAGE sql
    STABLE SECURITY DEFINER SET search_path = public, pg_temp AS 'SELECT false'"""
BACKDOOR = "CREATE FUNCTION backdoor() RETURNS SETOF result LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM result'"


def test_an_operator_reads_which_rows_each_login_may_read_and_write(school: School) -> None:
    with school.connect("owner") as owner:
        table = policy_table(owner)
    (adds,) = [line for line in table if (line.on, line.login, line.verb) == ("result", "intake", "add")]
    assert adds.rows.startswith("every row:")
    assert {line.login for line in table if line.on == "result"} == {"intake"}
    (links,) = [line for line in table if (line.on, line.login, line.verb) == ("ledger_link", "sealer", "add")]
    assert "ledger_link_append_by_sealer (true)" in links.rows
    assert {(line.verb, "owner" in line.rows) for line in table if line.login == "app"} == {("call", True)}


def test_a_database_just_protected_is_what_the_files_say(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        assert differences(owner, PATIENCE) == []
        protect(owner)
        assert differences(owner, PATIENCE) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("CREATE POLICY mine ON result FOR SELECT TO app USING (true)", "in no file: policy mine on result"),
        ("DROP POLICY ledger_link_read_by_sealer ON ledger_link", "missing: policy ledger_link_read_by_sealer"),
        ("ALTER POLICY ledger_link_append_by_sealer ON ledger_link WITH CHECK (false)", "in no file: policy ledger_link_append_by_sealer"),
        ("GRANT SELECT ON session TO app", "in no file: grant SELECT on session to app"),
        ("GRANT SELECT (password) ON credential TO app", "in no file: grant SELECT on credential.password to app"),
        ("GRANT SELECT ON result TO PUBLIC", "in no file: grant SELECT on result to PUBLIC"),
        ("GRANT EXECUTE ON FUNCTION open_ties() TO PUBLIC", "in no file: grant EXECUTE on open_ties() to PUBLIC"),
        ("REVOKE SELECT ON district FROM door", "missing: grant SELECT on district to door"),
        ("ALTER TABLE result DISABLE ROW LEVEL SECURITY", "in no file: row security result OFF"),
        ("ALTER FUNCTION asking() SECURITY INVOKER", "in no file: function asking()"),
        ("ALTER FUNCTION asking() RESET search_path", "in no file: function definer asking()"),
        (NEVER_BARRED, "in no file: function definer is_restricted(integer,integer)"),
        ("ALTER TABLE tie DISABLE TRIGGER tie_changed", "in no file: trigger D CREATE TRIGGER tie_changed"),
        ("DROP TRIGGER password_changed ON credential", "missing: trigger O CREATE TRIGGER password_changed"),
        ("CREATE VIEW everybody AS SELECT * FROM person", "in no file: view everybody"),
        ("CREATE OR REPLACE VIEW asking_session AS SELECT * FROM session", "in no file: view asking_session"),
        ("CREATE MATERIALIZED VIEW everybody AS SELECT * FROM person", "everybody may not be there at all"),
        (BACKDOOR, "in no file: function definer backdoor()"),
    ],
)  # fmt: skip
def test_a_change_by_hand_is_noticed_and_left_as_it_is(school: School, change: str, says: str) -> None:
    with school.connect("owner") as owner:
        owner.execute(change)  # never committed
        found = differences(owner)
        assert [line for line in found if line.startswith(says)], found
        assert differences(owner) == found  # a check repairs nothing
        owner.rollback()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("ALTER ROLE {} BYPASSRLS", "{} stands above row security"),
        ("GRANT pg_read_all_data TO {}", "{} in pg_read_all_data is a member of another role"),
        ("GRANT TEMPORARY ON DATABASE {db} TO {}", "{} in {db} may make things"),
        ("ALTER ROLE {} SET lock_timeout = 0", "{} has lock_timeout = 0, not 3s"),
    ],
)
def test_the_attributes_of_a_login_are_checked_too(own_school: School, change: str, says: str) -> None:
    """Tried on the login door, and its settings are restored: logins belong to the whole cluster."""
    words = {"db": own_school.database}
    with own_school.server.connect("postgres", own_school.database, autocommit=True) as admin:
        admin.execute(change.format("door", **words))
        try:
            with own_school.connect("owner") as owner:
                assert says.format("door", **words) in differences(owner, PATIENCE)
        finally:
            admin.execute("ALTER ROLE door NOBYPASSRLS")
            admin.execute("REVOKE pg_read_all_data FROM door")
            admin.execute("ALTER ROLE door SET lock_timeout = '3s'")


def test_a_login_that_throws_its_own_policies_away_is_noticed(own_school: School) -> None:
    """Anyone may run DROP OWNED BY for themselves. It shows them no record, but no one can sign in until protect() runs."""
    for login in ("app", "door"):
        with own_school.connect(login) as itself:
            itself.execute(f"DROP OWNED BY {login}")
    with own_school.connect("owner") as owner:
        found = differences(owner)
        assert [line for line in found if line.startswith("missing: policy district_read_by_door")]
        assert [line for line in found if "app" in line or line.startswith("in no file")] == []
        owner.commit()
        protect(owner)
        assert differences(owner) == []


def test_a_check_and_a_transaction_with_open_tables_do_not_wait_for_each_other(own_school: School) -> None:
    """PostgreSQL would end one of them as a deadlock, and it could be a page's."""
    waits = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
    readable = "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')"
    with own_school.connect("owner") as owner, own_school.connect("intake") as reading, ThreadPoolExecutor(1) as pool:
        tables = [name for (name,) in reading.execute(readable)]
        reading.commit()
        assert {"person", "result", "line_item"} <= set(tables)
        reading.execute("SELECT FROM person LIMIT 1")
        found = pool.submit(differences, owner, PATIENCE)
        with own_school.server.connect("postgres", own_school.database, autocommit=True) as admin:
            while admin.execute(waits, [owner.info.backend_pid]).fetchone() != (True,):
                assert not found.done()
                sleep(0.01)
        for table in tables:
            reading.execute(f"SELECT FROM {table} LIMIT 1".encode())
        reading.commit()
        assert found.result(30) == []
