"""Someone holds the login `app` at psql, even with the proof of a signed-in person: what they try and get."""

import pytest

from tests.house.at_psql import claim_of, key_in_hex, look_of, proof_in_hex, psql, scores_of
from tests.school import School

TABLES = """SELECT oid::regclass FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT starts_with(relname, 'procrastinate_')"""
HELD = """SELECT has_table_privilege('{0}', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER, MAINTAIN')
    OR has_any_column_privilege('{0}', 'SELECT, INSERT, UPDATE, REFERENCES');"""


def as_ana(school: School, script: str, look: str = "NULL") -> str:
    """Runs the script in a transaction claimed with Ana's proof and this view. Returns only what the script itself printed."""
    return psql(school, f"BEGIN; SELECT {claim_of('ana', 'family', look)} IS NOT NULL; {script} COMMIT;").removeprefix("t").strip()


def looks_written(school: School) -> int:
    with school.connect("owner") as owner:
        return int(owner.execute("SELECT count(*) FROM ledger").fetchone()[0])  # type: ignore[index]


def test_app_holds_no_right_on_any_table_view_or_sequence(school: School) -> None:
    for name in psql(school, TABLES).split():
        if name.endswith("_seq"):
            continue
        assert psql(school, HELD.format(name)) == "f", name
        assert "permission denied" in psql(school, f"SELECT FROM {name} LIMIT 1;")
    sequences = "SELECT count(*) FROM pg_class WHERE CASE relkind WHEN 'S' THEN has_sequence_privilege(oid, 'USAGE, SELECT, UPDATE') END"
    assert psql(school, f"{sequences};") == "0"


def test_anas_proof_without_a_view_opens_no_record_of_her_own_children(school: School) -> None:
    assert as_ana(school, scores_of(school)) == "0"


def test_a_view_written_and_committed_opens_them(own_school: School) -> None:
    """The control: the attacks below fail for a reason, and not because every view stays closed."""
    entry = psql(own_school, f"SELECT {look_of('ana', 'family', 'child', 'nina', own_school)};")
    assert int(entry) > 0
    assert as_ana(own_school, scores_of(own_school), entry) == "4"
    assert as_ana(own_school, scores_of(own_school)) == "0", "a request that does not name it"


@pytest.mark.parametrize("between", ["ROLLBACK;", "ROLLBACK AND CHAIN;", "SELECT 1/0; COMMIT;", "\\q"])
def test_an_undone_view_opens_nothing_and_its_entry_is_gone(own_school: School, between: str) -> None:
    before = looks_written(own_school)
    entry = psql(own_school, f"BEGIN; SELECT {look_of('ana', 'family', 'child', 'nina', own_school)}; {between}").splitlines()[0]
    assert as_ana(own_school, scores_of(own_school), entry) == "0"
    assert looks_written(own_school) == before


@pytest.mark.parametrize("script", [
    "BEGIN; SELECT {look} AS entry \\gset\nSELECT {claim} IS NOT NULL; {scores} ROLLBACK;",
    "BEGIN; SAVEPOINT a; SELECT {look} AS entry \\gset\nRELEASE a; SELECT {claim} IS NOT NULL; {scores} ROLLBACK;",
    "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT {look} AS entry \\gset\nSELECT {claim} IS NULL; {scores} ROLLBACK;",
])  # fmt: skip
def test_a_view_and_the_read_in_one_transaction_read_nothing(own_school: School, script: str) -> None:
    """If both were rolled back together, no one would ever know about the read."""
    look, claim = look_of("ana", "family", "child", "nina", own_school), claim_of("ana", "family", ":entry")
    assert psql(own_school, script.format(look=look, claim=claim, scores=scores_of(own_school))).splitlines() == ["t", "0"]


@pytest.mark.parametrize("look", ["", "0", "-1", "x", "1e9", "9" * 40])
@pytest.mark.parametrize("proof", ["", "00", "ff" * 32, "FF" * 32, "not hex", "e" * 63, "\\x" + "00" * 31])
def test_made_up_settings_return_no_data_and_raise_no_error(school: School, proof: str, look: str) -> None:
    script = f"SELECT set_config('homeroom.proof', '{proof}', true) || set_config('homeroom.look', '{look}', true) = '.';"
    assert psql(school, f"BEGIN; {script} {scores_of(school)} SELECT count(*) FROM attendance_codes_shown();").splitlines() == ["f", "0", "0"]


def test_a_hash_from_the_session_table_is_no_proof(school: School) -> None:
    """A copy of the table has only hashes of proofs. Someone who claims one is not signed in."""
    key = key_in_hex("ana", "family")
    assert psql(school, f"SELECT begin_request('\\x{key}') IS NULL;") == "t"


def test_anas_proof_lets_her_view_no_one_but_her_own_children(own_school: School) -> None:
    before = looks_written(own_school)
    for subject in ("max", "kai", "bo", "jo", "nobody at all"):
        assert psql(own_school, f"SELECT {look_of('ana', 'family', 'child', subject, own_school)};") == "0"
    assert psql(own_school, f"SELECT {look_of('ana', 'family', 'gradebook', 'algebra', own_school)};") == "0"
    assert looks_written(own_school) == before


def test_the_database_sets_the_person_and_the_time_of_a_view(own_school: School) -> None:
    """look() takes neither, and a time zone that app sets in its own session changes nothing."""
    psql(
        own_school,
        f"SET timezone = 'Pacific/Kiritimati'; SELECT {look_of('ana', 'family', 'child', 'nina', own_school)};",
    )
    with own_school.connect("owner") as owner:
        row = owner.execute(
            "SELECT person_id, clock_timestamp() - at < interval '5 seconds' FROM ledger ORDER BY id DESC"
        ).fetchone()
    assert row == (own_school.ids["ana"], True)


@pytest.mark.parametrize("thief", [("dee", "family"), ("dana", "family"), ("dana", "staff"), ("nina", "student")])
def test_the_number_of_someone_elses_view_shows_no_records(own_school: School, thief: tuple[str, str]) -> None:
    """Someone else names the number of Ana's view, and Dana names the number of her staff view in her family role."""
    own = ("dana", "staff", "gradebook", "english") if thief[0] == "dana" else ("ana", "family", "child", "nina")
    entry = psql(own_school, f"SELECT {look_of(*own, own_school)};")
    assert int(entry) > 0
    seen = psql(own_school, f"BEGIN; SELECT {claim_of(*thief, entry)} IS NOT NULL; {scores_of(own_school)}").splitlines()
    assert seen == ["t", "6" if thief == ("dana", "staff") else "0"]  # the control: her own view


@pytest.mark.parametrize("forged", [
    "INSERT INTO ledger (at, event, xid) VALUES (now(), 'look', 1)",
    "INSERT INTO ledger_student (entry_id, student_id, at, kinds) VALUES (1, 1, now(), '{grades}')",
    "INSERT INTO opening SELECT * FROM opening",
    "UPDATE opening SET until = now() + interval '1 year'",
    "UPDATE ledger SET person_id = 1",
    "DELETE FROM ledger",
    "TRUNCATE ledger CASCADE",
    "SELECT write_opening(1, NULL, now(), NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "SELECT ledger_change('tie made', 1, 1, 'operator', NULL, 'forged')",
    "SELECT ledger_import(1, '{1}', '{null}')",
    "SELECT * FROM viewed()",
    "SELECT asking()",
    "SELECT opened('grades')",
    "SELECT * FROM my_offices()",
    "SELECT barred_from()",
    "SELECT claim(NULL, NULL)",
    "SELECT * FROM open_opening",
    "SELECT * FROM asking_session",
    "SELECT * FROM seen_by('child', NULL)",
    "UPDATE session SET expires_at = now() + interval '1 year'",
    "SELECT password FROM credential",
    "SELECT sign_in_name FROM account",
    "SELECT key FROM session",
    "SELECT setval('ledger_id_seq', 1)",
    "SELECT nextval('ledger_id_seq')",
])  # fmt: skip
def test_the_ledger_openings_and_sessions_are_out_of_reach(school: School, forged: str) -> None:
    assert "permission denied" in as_ana(school, forged + ";")


@pytest.mark.parametrize("statement", [
    "INSERT INTO person (uuid, sourced_id, given_name, family_name) VALUES (gen_random_uuid(), 'max', 'a', 'b')",
    "INSERT INTO person (uuid, sourced_id, given_name, family_name) VALUES (gen_random_uuid(), 'nobody', 'a', 'b')",
    "INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), 1, 'staff', 'dee.family')",
    "INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), 999999, 'staff', 'free')",
])  # fmt: skip
def test_keys_taken_and_keys_free_are_answered_alike(school: School, statement: str) -> None:
    """Unique and foreign keys ignore row security, so their errors would reveal rows. app never gets that far."""
    assert (
        as_ana(school, statement + ";")
        .splitlines()[0]
        .endswith(("denied for table person", "denied for table account"))
    )


def test_planted_session_values_do_not_outlive_the_next_claim(own_school: School) -> None:
    """Someone plants a value in a pooled connection. The next request claims first, with '' if it is anonymous."""
    entry = psql(own_school, f"SELECT {look_of('ana', 'family', 'child', 'nina', own_school)};")
    plant = f"SET homeroom.proof = '{proof_in_hex('ana', 'family')}'; SET homeroom.look = '{entry}';"
    scores = scores_of(own_school)
    assert psql(own_school, f"{plant} BEGIN; {scores} COMMIT;") == "4"  # the control: the planted value works
    assert psql(own_school, f"{plant} BEGIN; SELECT begin_request('') IS NULL; {scores} COMMIT;").splitlines() == ["t", "0"]
    dee = claim_of("dee", "family")
    assert psql(own_school, f"{plant} BEGIN; SELECT {dee} IS NULL; {scores} COMMIT;").splitlines() == ["f", "0"]
