"""No value about a person gets into the database's log, no matter what goes wrong. Nothing from outside forges a line of a log."""

import psycopg
import pytest
from django.test import Client

from tests.cast import CANARY
from tests.school import School, proof_of

FAILING = (
    ("app", f"SELECT '{CANARY}'::int"),
    ("app", f"SELECT '{CANARY}'::date FROM district"),
    ("app", f"SELEC '{CANARY}'"),
    ("app", f"SELECT * FROM \"{CANARY}\""),
    ("app", f"INSERT INTO person (given_name) VALUES ('{CANARY}')"),
    ("app", f"DO $$ BEGIN RAISE EXCEPTION '{CANARY}'; END $$"),
    ("intake", f"INSERT INTO person (uuid, sourced_id, given_name, family_name) "
               f"SELECT gen_random_uuid(), sourced_id, '{CANARY}', '' FROM person"),
    ("intake", f"UPDATE enrollment SET person_id = -1 WHERE role = '{CANARY}' OR true"),
    ("intake", f"INSERT INTO term (uuid, sourced_id, title, kind, start_date, end_date, school_year) "
               f"VALUES (gen_random_uuid(), '{CANARY}', '{CANARY}', '', '2026-01-02', '2026-01-01', 2026)"),
    ("door", f"SELECT use_code('{CANARY}'::bytea, '{CANARY}', ''), 1/0"),
    ("door", f"SELECT ask_for_reset('{CANARY}', '{CANARY}'), '{CANARY}'::int"),
    ("app", f"SELECT print_code(NULL, '{CANARY}', '{CANARY}', '{CANARY}'::bytea, '{CANARY}'), 1/0"),
    ("door", f"INSERT INTO session (key, side) VALUES ('{CANARY}', '{CANARY}')"),
)  # fmt: skip


@pytest.mark.parametrize(("login", "statement"), FAILING)
def test_a_statement_that_fails_leaves_its_values_out_of_the_log(school: School, login: str, statement: str) -> None:
    with school.connect(login) as connection, pytest.raises(psycopg.Error):
        connection.execute(statement)
        connection.commit()  # foreign keys are checked here
    assert CANARY not in log(school)


def test_a_parameter_and_a_proof_leave_no_trace_in_the_log(school: School) -> None:
    with school.connect("app") as app, pytest.raises(psycopg.Error):
        app.execute("SELECT begin_request(%s), %s::text::int", [proof_of("ana", "family"), CANARY])
    assert CANARY not in log(school)
    assert proof_of("ana", "family").hex() not in log(school)


def test_the_log_is_written_to_at_all(school: School) -> None:
    """The control."""
    assert "ready to accept connections" in log(school)


def test_forged_forms_hosts_and_paths_are_logged_and_begin_no_line_of_their_own(school: School, caplog: pytest.LogCaptureFixture) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.get("/no%0A2026-12-01T11:05:00Z%1b[31m", HTTP_HOST="127.0.0.1:8000")
    client.post("/imports/upload", {}, HTTP_HOST="127.0.0.1:8000")
    client.get("/", HTTP_HOST="evil.example\n2026-12-01T11:05:00Z")
    assert {record.name for record in caplog.records} == {"django.request", "django.security.csrf", "django.security.DisallowedHost"}
    assert not [line for line in caplog.messages if "\n" in line or "\x1b" in line]


def log(school: School) -> str:
    return (school.server.folder / "server.log").read_text()
