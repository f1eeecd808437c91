"""Row security works only if it is on everywhere, it is written down, and no serving login is above it."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from homeroom.portal.access.protect import FILES, ROOMS, protect
from homeroom.portal.processes.logins import PATIENCE
from tests.house.expected import NOBODYS, VERBS, VIEWS, tables, verbs_of
from tests.school import School

READ, WRITE, UPDATE, REMOVE = "r", "a", "w", "d"  # pg_policy.polcmd
VERB_OF_POLICY = {
    READ: ("read",),
    WRITE: ("write", "add", "append"),
    UPDATE: ("end", "change", "rehash"),
    REMOVE: ("sweep", "remove"),
}
MINE = "NOT starts_with(c.relname, 'procrastinate_')"
POLICIES = f"""SELECT c.relname, p.polname, p.polcmd, p.polroles::regrole[]::text[], p.polpermissive
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE {MINE}"""
GRANTS = """SELECT DISTINCT c.relname, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
    FROM pg_class c LEFT JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(coalesce(t.attacl, c.relacl)) a
    WHERE c.relnamespace = 'public'::regnamespace"""
SECRET = """account credential code card mail_address account_mail session sign_in_try wrong_password sign_in_step passkey authenticator
    recovery_code restriction look_count look_student brake cap_raise view_day opening closing
    ledger ledger_student supporter support_grant support_session support_opening"""
POLICY_FILES = [ROOMS / name for name in FILES if name.endswith("policies.sql")]


def test_row_security_is_on_and_never_forced(school: School) -> None:
    """With FORCE, the owner's data migrations would silently change nothing."""
    with school.connect("owner") as owner:
        rows = owner.execute("""SELECT relname, relrowsecurity, relforcerowsecurity, relowner::regrole::text
            FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')""").fetchall()
    assert len(rows) > 30
    assert [row for row in rows if row[1:] != (True, False, "owner")] == []


def test_there_is_nothing_that_row_security_does_not_reach(school: School) -> None:
    """A view or a materialized view answers with its owner's rights."""
    with school.connect("owner") as owner:
        others = owner.execute("""SELECT relname, relkind FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('r', 'i', 'S')""").fetchall()
        schemas = owner.execute("""SELECT nspname FROM pg_namespace
            WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')""").fetchall()
    assert sorted(others) == [(view, "v") for view in sorted(tables(VIEWS))]  # no login may read these (test_verbs)
    assert schemas == []


def test_every_table_is_in_a_policies_file() -> None:
    """Anyone who adds a table writes down who may use it, even if no one may."""
    written = "\n".join(path.read_text() for path in POLICY_FILES)
    every = {table for login in VERBS for table in verbs_of(login)} | tables(NOBODYS) - {"django_migrations"}
    assert [table for table in sorted(every) if not re.search(rf"\b{table}\b", written)] == []


def test_a_policy_has_one_command_one_login_and_says_so(school: School) -> None:
    with school.connect("owner") as owner:
        policies = owner.execute(POLICIES).fetchall()
    assert policies
    for table, name, command, logins, is_permissive in policies:
        assert command in VERB_OF_POLICY, f"{name} is for every command: its USING would also widen SELECT"
        begins = tuple(f"{table}_{verb}_" for verb in VERB_OF_POLICY[command])
        assert name.startswith(begins), f"{name} should begin with one of {begins}"
        assert len(logins) == 1 and logins[0] in VERBS, f"{name} is for {logins}"
        assert is_permissive, f"{name} is restrictive: DROP OWNED BY would let its own login take it away"
        assert {READ: "S", WRITE: "I", UPDATE: "U", REMOVE: "D"}[command] in verbs_of(logins[0]).get(table, "").upper(), (
            f"{name} without its grant"
        )


def test_every_grant_of_a_bound_login_has_a_policy(school: School) -> None:
    """Without a policy, the table is silently empty, and update() says 0 rows."""
    with school.connect("owner") as owner:
        assert without_a_policy(owner) == set()


def without_a_policy(connection: psycopg.Connection[Any]) -> set[tuple[str, str, str]]:
    covered = {(logins[0], table, command) for table, _, command, logins, _ in connection.execute(POLICIES.encode())}
    needed = {
        (login, table, {"S": READ, "I": WRITE, "U": UPDATE, "u": UPDATE, "D": REMOVE}[verb])
        for login in VERBS
        for table, verbs in verbs_of(login).items()
        for verb in verbs
        if login != "intake"  # no policies, because COPY fails for a login that has them
    }
    return needed - covered


def test_no_login_but_the_named_ones_has_a_grant(school: School) -> None:
    with school.connect("owner") as owner:
        grants = set(owner.execute(GRANTS).fetchall())
    assert {login for _, login in grants} <= {"owner", *VERBS}
    for login in VERBS:
        assert {
            table for table, holder in grants if holder == login and not table.startswith("procrastinate_")
        } == set(verbs_of(login))


def test_app_has_no_grant_on_what_is_secret(school: School) -> None:
    for table in SECRET.split():
        assert table not in verbs_of("app")
        with school.connect("app") as app:
            held = app.execute("SELECT has_any_column_privilege(%s, 'SELECT, INSERT, UPDATE')", [table])
            assert held.fetchone() == (False,)


def test_no_serving_login_bypasses_row_security(school: School) -> None:
    with school.connect("owner") as owner:
        roles = owner.execute("""SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
            FROM pg_roles WHERE rolcanlogin AND rolname <> 'postgres'""").fetchall()
        members = owner.execute("SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members").fetchall()
        owned = owner.execute("SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE oid >= 16384").fetchall()
    assert {name for name, *rights in roles if any(rights[:4])} == set()
    assert {name for name, *rights in roles if rights[4]} == {"intake", "dump"}
    assert sorted(row for row in members if row[0] in {name for name, *_ in roles}) == [
        ("dump", "pg_read_all_data"), ("owner", "pg_read_all_stats"), ("owner", "pg_signal_backend"),
    ]  # fmt: skip
    assert owned == [("owner",)]


@pytest.mark.parametrize("login", sorted({"owner", "dump", *VERBS}))
def test_no_login_waits_for_ever(school: School, login: str) -> None:
    with school.connect("owner") as owner:
        (settings,) = owner.execute("SELECT rolconfig FROM pg_roles WHERE rolname = %s", [login]).fetchone() or ([],)
    assert set(settings) == {f"{k}={v}" for k, v in PATIENCE[login].items()} | {"search_path=public, pg_temp"}
    assert PATIENCE[login]["lock_timeout"] != "0"


def test_the_clusters_settings_let_no_value_into_a_log(school: School) -> None:
    expected = {
        "log_statement": "none", "log_min_error_statement": "panic", "log_min_duration_statement": "-1",
        "log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0", "log_error_verbosity": "terse",
        "log_duration": "off", "max_prepared_transactions": "0", "listen_addresses": "",
    }  # fmt: skip
    with school.server.connect("postgres", "postgres") as admin:
        found = {name: admin.execute("SELECT current_setting(%s)", [name]).fetchone()[0] for name in expected}  # type: ignore[index]
    assert found == expected


def test_every_sql_file_of_a_room_is_loaded_by_protect() -> None:
    """A policies.sql that protect() does not list would have no effect."""
    there = {str(path.relative_to(ROOMS)) for path in Path(ROOMS).rglob("*.sql")}
    assert there == set(FILES)


def test_protect_takes_back_privileges_that_someone_granted_by_hand(own_school: School) -> None:
    with own_school.server.connect("postgres", "postgres", autocommit=True) as admin:
        admin.execute("CREATE ROLE vendor")
        try:
            with own_school.connect("owner") as owner:
                owner.execute("GRANT SELECT ON result TO vendor")
                owner.execute("GRANT SELECT (birth_date) ON demographic TO vendor, PUBLIC")
                owner.execute("GRANT EXECUTE ON FUNCTION open_ties() TO vendor")
                owner.execute("GRANT USAGE ON SCHEMA public TO vendor")
                owner.commit()
                protect(owner)
                held = owner.execute(GRANTS).fetchall()
            assert {login for _, login in held} <= {"owner", *VERBS}
        finally:
            with own_school.server.connect("postgres", own_school.database, autocommit=True) as inside:
                assert inside.execute("SELECT has_schema_privilege('vendor', 'public', 'USAGE')").fetchone() == (
                    False,
                )
                inside.execute("DROP ROLE vendor")  # refused while anything is still granted to it
