"""A list shows only the students that its view recorded, and checks them again when it is read."""

from collections.abc import Callable
from typing import Any

import pytest

from homeroom.portal.membership.eighteen.tests.aging import of_age
from homeroom.portal.membership.tests.acting import appoint, listed
from tests.cast import identity
from tests.school import School, calls_of, proof_of

LISTS = [
    ("masked", "students_for_masking()"),
    ("masked", f"student_for_masking('{identity('nina')}')"),
    ("ties", "students_for_ties()"),
    ("support students", "students_for_support()"),
    ("support students", f"students_named_for_support(ARRAY['{identity('nina')}'::uuid])"),
]


def after_view(school: School, who: str, act: str, words: str, change: Callable[[], None], statement: str) -> Any:
    """Returns what the database answers as app to a view that was committed before this change."""
    with school.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, %s, NULL, NULL, %s)", [proof_of(who, "staff"), act, words]).fetchone() or (0,)
    assert entry > 0
    change()
    with school.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of(who, "staff"), entry])
        return (app.execute(statement.encode()).fetchone() or (None,))[0]


@pytest.mark.parametrize(("act", "shown"), LISTS)
def test_a_student_whose_contact_the_reader_became_since_the_view_is_listed_no_more(own_school: School, act: str, shown: str) -> None:
    """A file between the view and the page doesn't close the view."""
    count = f"SELECT count(*) FROM {shown}"
    assert listed(own_school, "carl", act, count, words="nina ruiz") == 1

    def become() -> None:
        own_school.change("UPDATE contact SET person_id = %s WHERE uuid = %s", own_school.ids["carl"], identity("contact/jo/nina"))

    assert after_view(own_school, "carl", act, "nina ruiz", become, count) == 0


@pytest.mark.parametrize("shown", [shown for act, shown in LISTS if act == "support students"])
def test_an_administrator_whose_district_office_ended_since_the_view_sees_no_one_for_support(own_school: School, shown: str) -> None:
    """The end of a day doesn't close a view."""
    appoint(own_school, "carl", at="middle")

    def pass_day() -> None:
        own_school.change("ALTER TABLE administrator DISABLE TRIGGER USER")
        own_school.change("UPDATE administrator SET end_date = today() WHERE person_id = %s AND school_id IS NULL", own_school.ids["carl"])

    assert after_view(own_school, "carl", "support students", "nina ruiz", pass_day, f"SELECT count(*) FROM {shown}") == 0


def test_access_that_age_closed_after_the_view_is_not_in_its_list(own_school: School) -> None:
    of_age(own_school)
    closed = """INSERT INTO age_effect (tie_id, had_consent, had_correct, had_challenge, closed_at, state_was)
        SELECT id, true, true, true, now(), 'approved' FROM tie WHERE uuid = %s"""
    names = "SELECT jsonb_agg(DISTINCT student) FROM suspended_by_age()"
    assert after_view(own_school, "rosa", "ages", "", lambda: own_school.change(closed, identity("tie/dee/max")), names) == ["Nina Ruiz"]
    assert listed(own_school, "rosa", "ages", names) == ["Max Moss", "Nina Ruiz"]


@pytest.mark.parametrize(
    ("called", "who", "call"),
    [
        ("i_decide_for", "carl", "students_for_support()"),
        ("i_decide_for", "carl", f"students_named_for_support(ARRAY['{identity('nina')}'::uuid])"),
        ("schools_of_my_office", "carl", f"students_for_letters('{identity('nobody')}')"),
        ("students_of_view", "bo", f"students_shown(ARRAY['{identity('nina')}'::uuid], '-infinity')"),
        ("schools_of_students", "bo", "students_i_keep(ARRAY[{nina}])"),
        ("classes_of_child", "bo", "substitute_classes_of({nina})"),
    ],
)
def test_nothing_more_is_queried_without_a_view_a_school_or_an_office(school: School, called: str, who: str, call: str) -> None:
    asked = f"SELECT begin_request(%s), (SELECT count(*) FROM {call.format(nina=school.ids['nina'])})"
    only_begun = calls_of(school, called, "SELECT begin_request(%s)", proof_of(who, "staff"))
    assert calls_of(school, called, asked, proof_of(who, "staff")) == only_begun
