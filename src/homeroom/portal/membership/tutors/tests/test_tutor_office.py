"""An administrator sees the tutors of the students that the view recorded."""

from homeroom.portal.membership.challenges.tests.challenging import tie
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import appoint, listed
from homeroom.portal.membership.tutors.tests.tutoring import apply, district_of
from tests.cast import identity
from tests.school import School

TIAS = "Tia Bright, Nina Ruiz"
SHOWN = "SELECT coalesce(jsonb_agg(name || ', ' || child ORDER BY number), '[]') FROM tutor_ties_shown()"
ANOTHER = """INSERT INTO tie SELECT (jsonb_populate_record(t, jsonb_build_object('id', 9999, 'uuid', gen_random_uuid(), 'student_id', %s::integer))).*
    FROM tie t WHERE uuid = %s"""


def test_an_administrator_is_not_shown_a_tutor_who_is_an_adult_of_her_own_child(own_school: School) -> None:
    """Tia is Kai's aunt, and Dana is his mother."""
    appoint(own_school, "dana")
    tie(own_school, "tia", "kai")
    assert [listed(own_school, who, "tutor office", SHOWN) for who in ("carl", "dana")] == [[TIAS], []]


def test_a_student_whose_tutor_came_after_the_view_waits_for_the_next_one(own_school: School) -> None:
    with own_school.asked_by("carl", "staff", ("tutor office", None)) as app:
        own_school.change(ANOTHER, own_school.ids["kai"], identity("tie/tia/nina"))
        assert app.execute(SHOWN).fetchone() == ([TIAS],)
    assert len(listed(own_school, "carl", "tutor office", SHOWN)) == 2


def test_an_administrator_of_one_school_is_not_notified_of_an_application(own_school: School) -> None:
    district_of(own_school)
    appoint(own_school, "bo", at="elementary")
    apply(own_school)
    assert "tutor applied" in told(own_school, "carl", "staff") and "tutor applied" not in told(own_school, "bo", "staff")
