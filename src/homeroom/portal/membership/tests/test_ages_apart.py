"""Turning 18 is about one student: a birth date that moves is no one else's, and who reads by another right is in nobody's way."""

import pytest

from homeroom.portal.membership.tests.aging import born, due, majority, moved, of_age, record, turning
from homeroom.portal.membership.tests.challenging import tie
from tests.cast import identity
from tests.school import School


@pytest.fixture
def nina(own_school: School) -> School:
    return turning(own_school, 3000)


def test_one_students_date_that_moves_is_no_other_students(nina: School) -> None:
    """Max's is held. Nina's moves where nothing is near, and again when she is of age."""
    born(nina, 2000, "max")
    moved(nina, -5, "max")
    held = majority(nina, "max")
    moved(nina, 2900)
    assert held and majority(nina, "max") == held and majority(nina) is None
    born(nina, 0)
    assert due(nina) == ["announced", "applied"]
    moved(nina, -20)
    now = majority(nina)
    assert now and now["in_days"] == -20 and not now["held_at"] and majority(nina, "max") == held


def test_an_adults_birth_date_moves_nothing(nina: School) -> None:
    born(nina, 2000, "jo")
    moved(nina, -5, "jo")
    assert majority(nina, "jo") is None


def test_a_conservator_is_in_the_way_of_no_dependence(own_school: School) -> None:
    """Dana, Kai's mother, does not decide about Jo, his father. As Nina's parent Jo would read by a dependence; as her conservator he does anyway."""
    of_age(own_school)
    own_school.change("UPDATE duty SET person_id = %s WHERE duty = 'registrar'", own_school.ids["dana"])
    tie(own_school, "jo", "kai")
    assert record(own_school, ["nina"], who="dana") == {"nina": "unknown"}
    own_school.change("UPDATE tie SET kind = 'conservator' WHERE uuid = %s", identity("tie/jo/nina"))
    assert record(own_school, ["nina"], who="dana") == {}
