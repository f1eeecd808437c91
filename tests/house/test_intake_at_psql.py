"""Someone holds the login `intake` at psql. They can't write tables that give power, and of these they can read only settings."""

import pytest

from tests.house.at_psql import psql
from tests.school import School

ALL_OF_POWER = ("account", "credential", "session", "sign_in_try", "wrong_password", "administrator", "duty", "tie", "restriction", "ledger", "ledger_student",
                "opening", "closing", "look_count", "look_student", "brake", "cap_raise", "view_day")  # fmt: skip
LEDGER = {"ledger", "ledger_student"}  # ledger_import(), ledger_undo() and ledger_answers() write there
SETTINGS = ("district", "signer", "attendance_code", "unread_column")
A_COLUMN = {"session": "key", "ledger_student": "entry_id", "opening": "entry_id", "signer": "fingerprint", "look_count": "person_id",
            "look_student": "person_id", "brake": "person_id", "credential": "account_id", "view_day": "entry_id", "wrong_password": "of"}  # fmt: skip
MARK = "UPDATE unread_column u SET emptied_at"  # it says when a column was emptied, and not which columns are off
# Functions that intake may call have their owner's rights. None of them may write what intake may not.
WRITERS = f"""SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
    AND has_function_privilege('intake', p.oid, 'EXECUTE')
    AND replace(p.prosrc, '{MARK}', '') ~* '(insert into|update|delete from|copy|truncate)\\s+({"|".join({*ALL_OF_POWER, *SETTINGS} - LEDGER)})\\M'"""
CLIMBS = (
    "SET ROLE owner",
    "ALTER ROLE intake SUPERUSER",
    "GRANT owner TO intake",
    "ALTER TABLE tie OWNER TO intake",
    "GRANT INSERT ON administrator TO intake",
    "ALTER TABLE tie DISABLE TRIGGER ALL",
    "CREATE RULE mine AS ON INSERT TO role DO ALSO INSERT INTO administrator (person_id, start_date) VALUES (1, now())",
    "CREATE TRIGGER mine AFTER INSERT ON role EXECUTE FUNCTION close_openings()",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SELECT first_load_open('tie')",
    "SELECT first_load_open('administrator; DROP TABLE tie')",
    "SELECT ledger_change('tie made', 1, 1, 'operator', 1, '')",
    "SELECT look('', 'home', NULL)",
    "SELECT ledger_same_person(1, 'merge', 1)",
    "INSERT INTO answer (question_id, answer, proposed_by_id) SELECT id, 'new person', 1 FROM question",
    "UPDATE answer SET proposed_by_id = 1",
    "UPDATE question SET person_id = 1",
    "UPDATE decision SET by_id = 1",
    "UPDATE decision SET verdict = 'undo'",
    "UPDATE decision SET at = now()",
    "INSERT INTO decision (delivery_id, verdict, by_id) SELECT id, 'undo', 1 FROM delivery",
)


def denied(answer: str) -> bool:
    return "permission denied" in answer or "must be owner" in answer or "no first load of" in answer


@pytest.mark.parametrize("table", [*ALL_OF_POWER, *SETTINGS])
def test_intake_writes_nothing_that_gives_power(school: School, table: str) -> None:
    column = A_COLUMN.get(table, "id")
    for statement in (
        f"INSERT INTO {table} SELECT * FROM {table};",
        f"INSERT INTO {table} DEFAULT VALUES;",
        f"UPDATE {table} SET {column} = {column};",
        f"DELETE FROM {table};",
        f"TRUNCATE {table} CASCADE;",
        f"COPY {table} FROM STDIN;\n\\.\n",
        f"MERGE INTO {table} USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE;",
        f"SELECT {column} FROM {table} FOR UPDATE;",
    ):
        assert denied(psql(school, statement, "intake")), statement


@pytest.mark.parametrize("table", ALL_OF_POWER)
def test_intake_does_not_even_read_who_has_power(school: School, table: str) -> None:
    assert "permission denied" in psql(school, f"SELECT count(*) FROM {table};", "intake")


@pytest.mark.parametrize("statement", CLIMBS)
def test_intake_climbs_nowhere(school: School, statement: str) -> None:
    answer = psql(school, f"{statement};", "intake")
    assert denied(answer), answer


def test_no_function_writes_for_intake_what_it_may_not(school: School) -> None:
    assert sorted(psql(school, f"{WRITERS};", "intake").split()) == ["close_staff_accounts", "open_staff_accounts"]  # the next test has these
    assert "look" in psql(school, WRITERS.replace("'intake'", "'app'") + ";", "app").split(), "the search finds what is there"


def test_intake_closes_no_account_whose_person_works_here_and_opens_none_that_a_person_closed(own_school: School) -> None:
    own_school.change("UPDATE account SET is_active = false WHERE sign_in_name = 'rosa.staff'")
    call = f"SELECT close_staff_accounts({own_school.ids['file']}), open_staff_accounts({own_school.ids['file']})"
    assert psql(own_school, f"{call};", "intake") == "0|0"
    with own_school.connect("owner") as owner:
        closed = owner.execute("SELECT sign_in_name FROM account WHERE NOT is_active").fetchall()
    assert closed == [("rosa.staff",)]


def test_an_undone_import_names_the_person_who_decided_to_undo_it_and_no_one_else(own_school: School) -> None:
    """Carl's open decision is an approval at first."""
    for verdict, person in (("approve", None), ("undo", own_school.ids["carl"])):
        own_school.change("UPDATE decision SET done_at = NULL, verdict = %s", verdict)
        psql(own_school, f"SELECT ledger_undo({own_school.ids['file']});", "intake")
        with own_school.connect("owner") as owner:
            assert owner.execute("SELECT person_id FROM ledger WHERE event = 'undo' ORDER BY id DESC LIMIT 1").fetchone() == (person,)


def test_intake_tells_families_of_no_answer_that_was_not_given_and_of_none_twice(school: School) -> None:
    """Carl and Pat answered that two records of Max are one. No one has answered anything about Nina."""
    with school.connect("owner") as owner, school.connect("intake") as intake:
        for _time in range(2):
            intake.execute("UPDATE question SET applied_by_id = delivery_id")
            intake.execute("SELECT ledger_answers(id) FROM delivery")
            intake.commit()
        found = owner.execute("SELECT l.event, l.person_id, s.student_id FROM ledger l JOIN ledger_student s ON s.entry_id = l.id"
                              " WHERE l.event IN ('same person', 'new person', 'merge')").fetchall()  # fmt: skip
        assert found == [("merge", school.ids["carl"], school.ids["max"])]
