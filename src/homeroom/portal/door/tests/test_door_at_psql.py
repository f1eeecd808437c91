"""Someone who stole the login of the door without the web process, or the login of the web process without the door."""

import psycopg
import pytest

from tests.house.at_psql import claim_of
from tests.school import School, proof_of

BEGIN = """SELECT ended FROM begin_session((SELECT uuid FROM account_named('{name}')), sha256(%s), NULL, 'password', true, '', {own},
    interval '90 days', interval '90 days', interval '90 days', NULL, 'browser', 20, NULL, NULL, NULL)"""
KEPT = """SELECT a.sign_in_name, s.idle_limit <= interval '{idle}', s.expires_at <= now() + interval '{lasts} 1 minute',
    s.person_id = a.person_id AND s.side = a.side FROM session s JOIN account a ON a.id = s.account_id WHERE s.key = sha256(%s)"""
HOURS, DAYS = ("1 hour", "1 day"), ("30 days", "30 days")


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize(("name", "bounds"), [("bo.staff", HOURS), ("ana.family", DAYS)])
def test_a_stolen_door_makes_no_long_session_however_long_it_asks_for(own_school: School, name: str, own: bool, bounds: tuple[str, str]) -> None:
    with own_school.connect("door") as door:
        assert door.execute(BEGIN.format(name=name, own=own), [b"forged"]).fetchone() == ("first",)
    with own_school.connect("owner") as owner:
        kept = owner.execute(KEPT.format(idle=bounds[0], lasts=bounds[1]), [b"forged"]).fetchone()
    assert kept == (name, True, True, True)


def test_a_stolen_door_opens_no_session_for_a_closed_or_missing_account(own_school: School) -> None:
    own_school.change("UPDATE account SET is_active = false WHERE sign_in_name = 'dee.family'")
    with own_school.connect("door") as door:
        for name in ("dee.family", "nobody"):
            assert door.execute(BEGIN.format(name=name, own=False), [b"forged"]).fetchone() == ("closed",)


def test_it_opens_no_session_that_ended_before(own_school: School) -> None:
    key = "sha256(%s)"
    keep = f"SELECT keep_session({key}, sha256('new'), true)"
    with own_school.connect("door") as door:
        door.execute(f"SELECT end_session({key})", [proof_of("ana", "family")])
        door.commit()
        assert door.execute(keep, [proof_of("ana", "family")]).fetchone() == (False,)
        assert door.execute(keep, [proof_of("dana", "family")]).fetchone() == (True,)  # the control: a running session


def test_it_reads_no_table_and_no_function_lists_or_numbers_accounts(own_school: School) -> None:
    """Functions take a key, a username, a random id, or the door's own count. No number of an account or a person can be tried in turn."""
    with own_school.connect("door") as door:
        tables = door.execute("SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')").fetchall()
        held = [name for (name,) in tables if door.execute("SELECT has_table_privilege(%s, 'SELECT, INSERT, UPDATE, DELETE')", [name]).fetchone() == (True,)]
        assert held == ["district"]
        taken = door.execute(TAKEN).fetchall()
    assert taken == []


TAKEN = """SELECT p.proname, a.name FROM pg_proc p, unnest(p.proargtypes::oid[], p.proargnames) a (type, name)
    WHERE p.pronamespace = 'public'::regnamespace AND has_function_privilege(p.oid, 'EXECUTE')
      AND a.type IN ('integer'::regtype, 'bigint'::regtype, 'jsonb'::regtype) AND a.name NOT IN ('most', 'count', 'step', 'of_state', 'said')"""


def test_each_question_is_answered_of_one_account(own_school: School) -> None:
    """Ana's passkey, app and address come only by her session, her uuid and her username."""
    own_school.change("INSERT INTO mail_address (account_id, address) SELECT id, sign_in_name || '@mail.example' FROM account")
    own_school.change("""INSERT INTO passkey (uuid, account_id, name, credential_id, attested, sign_count)
        SELECT gen_random_uuid(), id, sign_in_name, sign_in_name::bytea, sign_in_name::bytea, 0 FROM account""")
    asked = {
        "SELECT sign_in_name FROM account_named('ana.family')": "ana.family",
        "SELECT address FROM addresses_shown(sha256(%(proof)s))": "ana.family@mail.example",
        "SELECT name FROM factors_shown((SELECT uuid FROM account_named('ana.family')))": "ana.family",
        "SELECT convert_from(attested, 'UTF8') FROM passkeys_shown((SELECT uuid FROM account_named('ana.family')))": "ana.family",
        "SELECT sign_in_name FROM passkey_shown('ana.family'::bytea)": "ana.family",
    }
    with own_school.connect("owner") as owner:
        owner.execute("UPDATE session SET ended_at = NULL")  # an added passkey ends them
    with own_school.connect("door") as door:
        for statement, answer in asked.items():
            assert door.execute(statement.encode(), {"proof": proof_of("ana", "family")}).fetchall() == [(answer,)], statement
            for nothing in ("NULL", "'%%'", "''"):
                tried = statement.replace("'ana.family'", nothing).replace("sha256(%(proof)s)", f"{nothing}::bytea")
                assert door.execute(tried.encode(), {}).fetchall() == [], tried


def test_a_view_in_a_forged_session_is_in_the_ledger_under_that_persons_name(own_school: School) -> None:
    """The session opens no record by itself. The door reads none, and the web's way to one records the view first."""
    own_school.change("UPDATE session SET ended_at = now()")
    with own_school.connect("door") as door:
        door.execute(BEGIN.format(name="ana.family", own=False), [proof_of("forged", "family")])
        with pytest.raises(psycopg.errors.InsufficientPrivilege), door.transaction():
            door.execute("SELECT * FROM result")
    with own_school.connect("app") as app:
        app.execute("SELECT look(%s, 'child', %s)", [proof_of("forged", "family"), own_school.uuid("nina")])
        app.commit()
    with own_school.connect("owner") as owner:
        last = owner.execute("SELECT person_id, act FROM ledger WHERE event = 'look' ORDER BY id DESC LIMIT 1").fetchone()
    assert last == (own_school.ids["ana"], "child")


def test_a_stolen_app_makes_no_session_and_proves_nothing_again(own_school: School) -> None:
    with own_school.connect("app") as app:
        for statement in ("INSERT INTO session (key) VALUES ('x')", "UPDATE session SET proven_at = now()", "SELECT key FROM session",
                          "SELECT * FROM credential", "SELECT must_be_strong(1, 'staff')", "SELECT tell_account(1, 'staff', 'new device')",
                          "SELECT account_named('bo.staff')", "SELECT keep_session('x', 'y', true)"):  # fmt: skip
            app.execute(f"SELECT {claim_of('carl', 'staff')}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
            app.rollback()
