"""Whether classes and schools read a student's alias or name, depending on the day."""

import pytest

from homeroom.portal.membership.masking.tests.masking import called, mask
from tests.cast import identity
from tests.school import School, proof_of


def reads_name(school: School, who: str, whom: str) -> bool:
    """Returns whether the rule lists this student for this staff member."""
    with school.connect("owner") as owner:
        owner.execute("SELECT claim(%s, NULL)", [proof_of(who, "staff")])
        return bool(owner.execute("SELECT names_i_read(ARRAY[%s::integer])", [school.ids[whom]]).fetchall())


def test_a_district_administrator_cannot_read_a_name_that_a_court_restricts_her_from(own_school: School) -> None:
    bar = "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today() - 1)"
    own_school.change(bar, own_school.ids["carl"], own_school.ids["nina"])
    assert not reads_name(own_school, "carl", "nina") and reads_name(own_school, "carl", "max")


def test_a_teacher_reads_the_alias_until_the_student_joins_the_class(own_school: School) -> None:
    mask(own_school, "nina")
    assert called(own_school, "bo", "staff", "nina") == "Nina Ruiz"
    own_school.change("UPDATE enrollment SET begin_date = today() + 1 WHERE key = %s", identity("algebra/nina"))
    assert called(own_school, "bo", "staff", "nina") == "Robin Vale"
    own_school.change("UPDATE enrollment SET begin_date = today() WHERE key = %s", identity("algebra/nina"))
    assert called(own_school, "bo", "staff", "nina") == "Nina Ruiz"


def test_the_school_that_a_student_left_for_another_one_reads_the_alias(own_school: School) -> None:
    own_school.change("DELETE FROM masking")
    mask(own_school, "leo")
    own_school.change("""INSERT INTO role (uuid, sourced_id, person_id, school_id, role, ended_at)
        VALUES (gen_random_uuid(), 'before', %s, %s, 'student', now())""", own_school.ids["leo"], own_school.ids["middle"])  # fmt: skip
    assert called(own_school, "pat", "staff", "leo") == "Robin Vale"
    own_school.change("UPDATE role SET ended_at = now() WHERE person_id = %s", own_school.ids["leo"])
    assert called(own_school, "pat", "staff", "leo") == "Leo Ruiz"


@pytest.mark.parametrize(("change", "then"), [
    ("UPDATE person SET is_student = false WHERE id = %s", "masked"),
    ("UPDATE person SET ended_at = now() WHERE id = %s", "masked"),
    ("UPDATE role SET role = 'aide' WHERE person_id = %s", "masked"),
    ("UPDATE role SET ended_at = now() WHERE person_id = %s", "masked"),
    ("UPDATE role SET school_id = (SELECT id FROM school WHERE sourced_id = 'elementary') WHERE person_id = %s", "masked"),
    ("UPDATE person SET preferred_given_name = '' WHERE id = %s", "used"),
])  # fmt: skip
def test_an_alias_is_used_where_a_student_of_the_same_school_is_called_so(own_school: School, change: str, then: str) -> None:
    own_school.change(change, own_school.ids["max"])
    assert mask(own_school, "nina", "Max Moss") == then


def test_a_reader_who_sees_the_alias_finds_no_one_by_the_real_name(own_school: School) -> None:
    assert mask(own_school, "nina") == "masked"
    with own_school.connect("owner") as owner:
        owner.execute("SELECT begin_request(%s)", [proof_of("vera", "staff")])
        found = [owner.execute("SELECT count(*) FROM people_found(%s)", [typed]).fetchone() for typed in ("nina ruiz", "robin vale")]
    assert found == [(0,), (1,)]
