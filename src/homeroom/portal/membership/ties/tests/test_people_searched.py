"""Who is found when Carl searches for someone to restrict from Nina."""

from homeroom.portal.membership.tests.acting import listed
from tests.cast import identity
from tests.school import School

NAMES = "SELECT jsonb_agg(name) FROM people_to_bar()"


def test_carl_finds_neither_his_own_child_nor_an_adult_around_it(own_school: School) -> None:
    assert listed(own_school, "carl", "people", NAMES, subject=identity("nina"), words="moss") == ["Dee Moss", "Gus Moss", "Max Moss"]
    own_school.change("UPDATE tie SET adult_id = %s WHERE uuid = %s", own_school.ids["carl"], identity("tie/dee/max"))
    assert listed(own_school, "carl", "people", NAMES, subject=identity("nina"), words="moss") is None


def test_an_address_that_has_a_students_name_finds_no_student(school: School) -> None:
    assert listed(school, "carl", "people", NAMES, subject=identity("nina"), words="max@moss") is None
