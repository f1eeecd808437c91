"""A student's own record is open to the student, whatever access parents have."""

import pytest

from homeroom.portal.membership.eighteen.tests.aging import due, sees, turning
from tests.school import School, proof_of


@pytest.mark.parametrize("state", ["approved", "suspended", "ended"])
@pytest.mark.parametrize("years", [14, 16, 18])
def test_nothing_about_parents_closes_a_students_own_record(own_school: School, years: int, state: str) -> None:
    """Ed. Code 49076(a)(1): own access from 16, or from 14 if homeless and unaccompanied, whatever access parents have."""
    turning(own_school, (18 - years) * 365 - 30)
    own_school.change("UPDATE tie SET state = %s WHERE student_id = %s", state, own_school.ids["nina"])
    due(own_school)
    assert sees(own_school, "nina", side="student")


def test_a_restriction_on_a_parent_closes_nothing_to_the_student(own_school: School) -> None:
    turning(own_school, 700)
    own_school.change("UPDATE restriction SET person_id = %s, student_id = %s", own_school.ids["ana"], own_school.ids["nina"])
    assert sees(own_school, "nina", side="student") and not sees(own_school, "ana")


@pytest.mark.parametrize(("who", "side"), [("nina", "student"), ("ana", "family")])
def test_a_student_keeps_the_page_after_a_file_gives_their_id_to_someone_else(own_school: School, who: str, side: str) -> None:
    """A person who was never in a file only requests an account. A person who lost a sourcedId is still a student."""
    turning(own_school, 700)
    own_school.change("UPDATE person SET sourced_id = NULL, delivery_id = (SELECT max(id) FROM delivery) WHERE id = %s", own_school.ids["nina"])
    with own_school.asked_by(who, side) as app:
        (said,) = app.execute("SELECT begin_request(%s)", [proof_of(who, side)]).fetchone() or ({},)
    assert "Nina Ruiz" in [child["full_name"] for child in said["children"]] and sees(own_school, who, side=side)
