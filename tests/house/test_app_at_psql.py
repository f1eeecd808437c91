"""Somebody holds the login `app` at psql, even with the proof of one person signed in: what they try and get."""

import pytest

from tests.house.at_psql import claim_of, key_in_hex, look_of, proof_in_hex, psql
from tests.school import School

READABLE = """SELECT oid::regclass FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')"""
SCORES = "SELECT count(*) FROM result;"
RECORDS = ("result", "result_change", "result_score_scale", "attendance_mark", "demographic", "contact_detail")
COUNTS = "; ".join(f"SELECT '{table} ' || count(*) FROM {table} WHERE true" for table in RECORDS) + ";"


def as_ana(school: School, script: str) -> str:
    """In a transaction claimed with Ana's proof; only what the script itself printed."""
    return (
        psql(school, f"BEGIN; SELECT {claim_of('ana', 'family')} IS NOT NULL; {script} COMMIT;")
        .removeprefix("t")
        .strip()
    )


def looks_written(school: School) -> int:
    with school.connect("owner") as owner:
        return int(owner.execute("SELECT count(*) FROM ledger").fetchone()[0])  # type: ignore[index]


def test_without_a_proof_there_is_nothing_but_the_districts_settings(school: School) -> None:
    tables = psql(school, READABLE)
    assert "result" in tables.split()
    counts = psql(school, "".join(f"SELECT '{table} ' || count(*) FROM {table};" for table in tables.split()))
    assert {line for line in counts.splitlines() if not line.endswith(" 0")} == {"district 1"}


def test_with_anas_proof_and_no_look_no_record_of_her_own_children_opens(school: School) -> None:
    assert as_ana(school, COUNTS).splitlines() == [f"{table} 0" for table in RECORDS if table != "contact_detail"] + [
        "contact_detail 1"
    ]


def test_a_look_written_and_committed_opens_them(own_school: School) -> None:
    """The control: the attacks below fail for a reason, not because nothing ever opens."""
    assert int(psql(own_school, f"SELECT {look_of('ana', 'family', 'child', 'nina', own_school)};")) > 0
    assert as_ana(own_school, SCORES) == "4"


@pytest.mark.parametrize("between", ["ROLLBACK;", "ROLLBACK AND CHAIN;", "SELECT 1/0; COMMIT;", "\\q"])
def test_a_look_taken_back_opens_nothing_and_the_entry_is_gone(own_school: School, between: str) -> None:
    before = looks_written(own_school)
    psql(own_school, f"BEGIN; SELECT {look_of('ana', 'family', 'child', 'nina', own_school)}; {between}")
    assert as_ana(own_school, SCORES) == "0"
    assert looks_written(own_school) == before


@pytest.mark.parametrize("script", [
    "BEGIN; SELECT {look} > 0; {scores} ROLLBACK;",
    "BEGIN; SAVEPOINT a; SELECT {look} > 0; RELEASE a; {scores} ROLLBACK;",
    "BEGIN; SELECT {look} > 0; SELECT {claim} IS NOT NULL; {scores} ROLLBACK;",
    "BEGIN; SELECT {look} AS entry \\gset\nSELECT 't'; SELECT {named} IS NOT NULL; {scores} ROLLBACK;",
    "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT {look} > 0; {scores} ROLLBACK;",
    "SELECT 't' WHERE {look} > 0 UNION ALL SELECT (SELECT count(*) FROM result)::text;",
])  # fmt: skip
def test_a_look_and_the_read_in_one_transaction_read_nothing(own_school: School, script: str) -> None:
    """Undone together, nobody would ever know of the read."""
    look, claim = look_of("ana", "family", "child", "nina", own_school), claim_of("ana", "family")
    named = claim_of("ana", "family", ":entry")
    answer = psql(own_school, script.format(look=look, claim=claim, named=named, scores=SCORES))
    assert answer.splitlines()[0] == "t"
    assert answer.splitlines()[-1] == "0"


@pytest.mark.parametrize("proof", ["", "00", "ff" * 32, "not hex", "e" * 63])
def test_a_proof_made_up_answers_nobody(school: School, proof: str) -> None:
    answer = psql(
        school,
        f"BEGIN; SELECT set_config('homeroom.proof', '{proof}', true) = 'x'; SELECT coalesce(asking(), 0);",
    )
    assert answer.splitlines()[1] == "0" or "invalid hexadecimal" in answer


def test_what_the_session_table_keeps_is_no_proof(school: School) -> None:
    """Somebody with a copy of the table has hashes of proofs: claimed, they answer nobody."""
    key = key_in_hex("ana", "family")
    assert psql(school, f"SELECT begin_request('\\x{key}') IS NULL;") == "t"


def test_anas_proof_looks_at_nobody_but_hers(own_school: School) -> None:
    before = looks_written(own_school)
    for subject in ("max", "kai", "bo", "jo", "nobody at all"):
        assert psql(own_school, f"SELECT {look_of('ana', 'family', 'child', subject, own_school)};") == "0"
    assert psql(own_school, f"SELECT {look_of('ana', 'family', 'gradebook', 'algebra', own_school)};") == "0"
    assert looks_written(own_school) == before


def test_the_person_and_the_time_of_a_look_are_the_databases(own_school: School) -> None:
    """look() takes neither, and a clock that app sets in its own session changes nothing."""
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
def test_the_number_of_somebody_elses_look_opens_nothing(own_school: School, thief: tuple[str, str]) -> None:
    """Ana's number named by Dee; and on the other side of the same person."""
    owner_of_look = (
        ("dana", "staff", "gradebook", "english") if thief[0] == "dana" else ("ana", "family", "child", "nina")
    )
    entry = psql(own_school, f"SELECT {look_of(*owner_of_look, own_school)};")
    assert int(entry) > 0
    seen = psql(own_school, f"BEGIN; SELECT {claim_of(*thief, entry)} IS NOT NULL; {COUNTS}").splitlines()
    if thief == ("dana", "staff"):
        assert seen[1] == "result 6"  # the control: her own
    else:
        assert seen[1:6] == [f"{table} 0" for table in RECORDS[:5]]


@pytest.mark.parametrize("forged", [
    "INSERT INTO ledger (at, event, xid) VALUES (now(), 'look', 1)",
    "INSERT INTO ledger_student (entry_id, student_id, at, kinds) VALUES (1, 1, now(), '{grades}')",
    "INSERT INTO opening SELECT * FROM opening",
    "UPDATE opening SET until = now() + interval '1 year'",
    "UPDATE ledger SET person_id = 1",
    "DELETE FROM ledger",
    "TRUNCATE ledger CASCADE",
    "SELECT write_opening(1, NULL, now(), NULL, NULL, NULL, NULL)",
    "SELECT ledger_change('tie made', 1, 1, 'operator', NULL, 'forged')",
    "SELECT ledger_import(1, '{1}', '{null}')",
    "SELECT * FROM my_openings()",
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


@pytest.mark.parametrize(
    "condition",
    [
        "result WHERE 1/((score - 9)::int) > 0",
        "result WHERE (comment || 'x')::int > 0",
        "person WHERE (CASE family_name WHEN 'Moss' THEN family_name ELSE '0' END)::int > 0",
        "person WHERE 1/(CASE sourced_id WHEN 'dee' THEN 0 ELSE 1 END) < 0",
        "contact WHERE (CASE sourced_id WHEN 'contact/dee/max' THEN phone ELSE '0' END)::int > 0",
        "tie WHERE 1/(CASE state WHEN 'suspended' THEN 0 ELSE 1 END) < 0",
    ],
)
def test_a_condition_that_fails_on_a_row_out_of_reach_never_meets_it(school: School, condition: str) -> None:
    """An error would say that the row is there: policies come before whatever may fail."""
    assert as_ana(school, f"SELECT count(*) FROM {condition};") == "0"


@pytest.mark.parametrize("statement", [
    "INSERT INTO person (uuid, sourced_id, given_name, family_name) VALUES (gen_random_uuid(), 'max', 'a', 'b')",
    "INSERT INTO person (uuid, sourced_id, given_name, family_name) VALUES (gen_random_uuid(), 'nobody', 'a', 'b')",
    "INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), 1, 'staff', 'dee.family')",
    "INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), 999999, 'staff', 'free')",
])  # fmt: skip
def test_keys_taken_and_keys_free_are_answered_alike(school: School, statement: str) -> None:
    """Unique and foreign keys ignore row security, so their errors would tell: app never gets that far."""
    assert (
        as_ana(school, statement + ";")
        .splitlines()[0]
        .endswith(("denied for table person", "denied for table account"))
    )


def test_planted_session_values_do_not_outlive_the_next_claim(own_school: School) -> None:
    """A value planted in a pooled connection: the next request claims first, '' when anonymous."""
    psql(own_school, f"SELECT {look_of('ana', 'family', 'child', 'nina', own_school)};")
    plant = f"SET homeroom.proof = '{proof_in_hex('ana', 'family')}';"
    assert psql(own_school, f"{plant} BEGIN; {SCORES} COMMIT;") == "4"  # the control: planted, it answers
    assert psql(own_school, f"{plant} BEGIN; SELECT begin_request('') IS NULL; {SCORES} COMMIT;").splitlines() == [
        "t",
        "0",
    ]
    dee = claim_of("dee", "family")
    assert psql(own_school, f"{plant} BEGIN; SELECT {dee} IS NULL; {SCORES} COMMIT;").splitlines() == ["f", "0"]
