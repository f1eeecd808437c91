"""Turning 18 is about one student: a birth date that moves is no one else's, and who reads by another right is in nobody's way."""

import pytest

from homeroom.portal.membership.tests.acting import ask
from homeroom.portal.membership.tests.aging import born, due, lift, majority, moved, of_age, one, record, turning
from homeroom.portal.membership.tests.challenging import tie
from tests.cast import identity
from tests.school import TODAY, School


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


def test_a_registrar_lifts_no_suspension_of_the_mother_of_her_own_child(own_school: School) -> None:
    of_age(own_school)
    tie(own_school, "rosa", "leo")
    assert lift(own_school) == "" and lift(own_school, which="tie/jo/nina") == "opened"


def test_no_day_that_is_over_lifts_a_suspension(own_school: School) -> None:
    of_age(own_school)
    until = f"SELECT lift_suspension_by_age(%s, 'dependent', 'tax return', {TODAY} + %s)"
    assert [ask(own_school, "rosa", until, [identity("tie/ana/nina"), days]) for days in (-1, 0, 1)] == ["odd", "odd", "opened"]


def test_a_later_dependence_leaves_when_an_earlier_one_ended(own_school: School) -> None:
    of_age(own_school)
    for who in ("rosa", "carl", "rosa"):
        assert record(own_school, ["nina"], who=who) == {}
    ended = one(own_school, "SELECT array_agg(ended_by_id ORDER BY id) FROM dependence WHERE student_id = %s", own_school.ids["nina"])
    assert ended == [own_school.ids["carl"], own_school.ids["rosa"], None]


def test_an_agreement_that_lasts_is_in_the_way_of_no_other(own_school: School) -> None:
    of_age(own_school)
    own_school.change("INSERT INTO age_agreement (tie_id) SELECT id FROM tie WHERE uuid = %s", identity("tie/ana/nina"))
    assert lift(own_school, "agreed") == "opened"
