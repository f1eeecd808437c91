"""An administrator separates two contacts of one child again. Nothing that keeps someone out is undone."""

import pytest

from homeroom.portal.membership.challenges.tests.challenging import tie
from homeroom.portal.membership.ties.tests.one_person import empty_record, joins, row
from homeroom.portal.membership.ties.tests.test_joining_contacts import join_of, says
from tests.cast import identity
from tests.school import School


@pytest.fixture
def office(own_school: School) -> School:
    return empty_record(own_school)


def test_a_restriction_that_is_over_or_of_another_child_keeps_no_contacts_together(office: School) -> None:
    row(office, "gus", person="gus", relation="Father")
    row(office, "lou", name="L. Ibarra", relation="Uncle")
    for child, last in (("nina", "today()"), ("max", "NULL")):
        assert says(office, "join", identity("lou"), identity("gus")) == "joined"
        office.change(f"UPDATE restriction SET student_id = %s, end_date = {last}", office.ids[child])
        assert says(office, "part", join_of(office)) == "undone", child


def test_an_administrator_separates_no_contact_from_the_mother_of_his_own_child(office: School) -> None:
    row(office, "zoe", name="Zoe Stone", relation="Aunt")
    tie(office, "dee", "nina")
    assert says(office, "join", identity("zoe"), identity("dee")) == "joined"
    tie(office, "carl", "max")
    says(office, "part", join_of(office))
    assert len(joins(office)) == 1


def test_no_one_can_separate_a_childs_contacts_on_another_childs_page(office: School) -> None:
    for key in ("x", "y"):
        row(office, key, "leo", name=key, relation="Aunt")
    office.change("INSERT INTO contact_join (contact_id, other_id, how) SELECT min(id), max(id), 'office' FROM contact WHERE name IN ('x', 'y')")
    says(office, "part", join_of(office))
    assert len(joins(office)) == 1
