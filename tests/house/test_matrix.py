"""Function × role → rows and changes: who gets what from every function that app may execute."""

from typing import Any

import psycopg
import pytest

from tests.house.expected_all import ACTS, READS, RECORDS
from tests.house.expected_views import views
from tests.house.matrix import everybody, matrix
from tests.house.matrix_school import MatrixSchool, prepare
from tests.house.notation import ROLES, roles_of
from tests.school import School

FOR_APP = """SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND has_function_privilege('app', oid, 'EXECUTE')
    AND NOT starts_with(proname, 'probe_') AND NOT starts_with(proname, 'matrix_')"""
FOR_ANYBODY = {"schools_listed", "settings_published"}  # to register as a parent, and to read how records are protected


@pytest.fixture(scope="module")
def ready(school: School) -> MatrixSchool:
    return prepare(school)


def test_every_function_that_app_may_execute_is_expected_to_do_something(school: School, ready: MatrixSchool) -> None:
    with school.connect("owner") as owner:
        there = {name for (name,) in owner.execute(FOR_APP)}
    named = {label.partition(":")[0] for table in (READS, RECORDS, ACTS) for label in table}
    assert there == named | {"look"}


def test_each_function_answers_someone_but_not_everyone() -> None:
    viewed = views().values()
    for function, read in READS.items():
        rows = everybody(read.rows)
        assert any(rows.values()), function
        assert function in FOR_ANYBODY or not all(rows.values()), function
    for function, record in RECORDS.items():
        opened = [bool(record.opens(view)) for view in viewed if view.act in (record.after or view.act)]
        assert any(opened) and not all(opened), function
    for function, act in ACTS.items():
        said = [answer for answer in roles_of(act.said).values() if answer not in (act.refused, "again")]
        assert said and len(roles_of(act.said)) < len(ROLES), function


def test_each_role_gets_exactly_the_rows_and_changes_that_the_rules_give_it(
    school: School, ready: MatrixSchool
) -> None:
    with school.connect("app") as app:
        assert matrix(app, ready) == []


# Parts that are taken out of a function: (function, text, replacement, who then gets something).
TAKEN_OUT = [
    (
        "marks_of_view",
        "AND m.student_id = ANY (o.attendance)",
        "",
        "marks_shown as tia/family after viewing child nina",
    ),
    ("ledger_of", "AND s.entry_id <> ALL (withheld)", "", "ledger_of as ana/family after viewing child nina"),
    ("end_duty", "AND (d.end_date IS NULL OR d.end_date > today())", "AND true", ""),
    ("take_down_news", "WHERE may_publish(s.id)", "", "take_down_news as pat/staff"),
    ("my_students", "full_name(p)", "p.given_name || ' ' || p.family_name", "my_students as tia/family"),
]


@pytest.mark.parametrize(("function", "text", "instead", "noticed"), TAKEN_OUT)
def test_the_matrix_notices_what_is_taken_out_in_its_own_transaction(
    school: School, ready: MatrixSchool, function: str, text: str, instead: str, noticed: str
) -> None:
    """Uses one connection, which rolls back all of it."""
    with school.connect("postgres") as anybody:
        without(anybody, function, text, instead)
        anybody.execute("SET LOCAL ROLE app")
        asked = {"marks_shown", "child_shown"} if function == "marks_of_view" else {function}
        found = matrix(anybody, ready, asked)
        anybody.rollback()
        anybody.execute("SET LOCAL ROLE app")
        assert matrix(anybody, ready, asked) == []
    assert any(line.startswith(noticed) for line in found) if noticed else not found


def without(anybody: psycopg.Connection[Any], function: str, text: str, instead: str) -> None:
    (written,) = anybody.execute(
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s", [function]
    ).fetchone() or ("",)
    assert text in written
    anybody.execute(written.replace(text, instead).encode())
