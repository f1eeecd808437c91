"""Aliases that have ended, start later or are another student's, when a student gets a new alias or two records are merged."""

from typing import Any

import pytest

from homeroom.portal.membership.masking.tests.masking import called, mask, masking_of
from homeroom.portal.membership.tests.acting import appoint, ask, listed, second
from tests.cast import identity
from tests.school import School

MERGE = "INSERT INTO merge (question_id, old_id, into_id, delivery_id) SELECT id, %s, %s, delivery_id FROM question WHERE uuid = %s"
MASKINGS = "SELECT p.sourced_id, m.given_name, m.ended_at IS NULL FROM masking m JOIN person p ON p.id = m.student_id ORDER BY m.id"
DAYS = "SELECT start_date - today(), end_date - today() FROM masking WHERE student_id = %s AND ended_at IS NULL"
OVER = """INSERT INTO masking (student_id, given_name, family_name, basis, start_date, end_date, ended_at, masked_by_id)
    VALUES (%s, %s, 'Moor', 'threat', today() - 9, today() - 1, %s, %s)"""
LISTED = "SELECT jsonb_agg(alias) FROM maskings_shown()"


@pytest.fixture
def office(own_school: School) -> School:
    """No student has an alias."""
    own_school.change("DELETE FROM masking")
    return own_school


def over(school: School, whom: str, name: str, ended: str | None = None) -> None:
    """The alias's last day was two days ago. `ended` is when someone also ended it."""
    school.change(OVER, school.ids[whom], name, ended, school.ids["carl"])


def merge(school: School, old: str, into: str) -> None:
    school.change(MERGE, school.ids[old], school.ids[into], identity("question"))


def maskings(school: School) -> list[tuple[Any, ...]]:
    with school.connect("owner") as owner:
        return owner.execute(MASKINGS).fetchall()


def days(school: School, whom: str) -> Any:
    with school.connect("owner") as owner:
        return owner.execute(DAYS, [school.ids[whom]]).fetchone()


def test_a_new_mask_ends_the_same_students_old_one_alone_and_only_once(office: School) -> None:
    over(office, "nina", "Ash")
    over(office, "kai", "Fay")
    over(office, "nina", "Rue", "2026-01-01")
    assert mask(office, "nina") == "masked"
    assert maskings(office) == [("nina", "Ash", False), ("kai", "Fay", True), ("nina", "Rue", False), ("nina", "Robin", True)]
    with office.connect("owner") as owner:
        assert owner.execute("SELECT ended_at::date::text FROM masking WHERE given_name = 'Rue'").fetchone() == ("2026-01-01",)


def test_a_mask_that_is_over_by_its_date_is_in_no_list(office: School) -> None:
    over(office, "kai", "Fay")
    assert mask(office, "nina", last=0) == "masked"
    assert listed(office, "carl", "masked", LISTED) == ["Robin Vale"]


def test_the_list_goes_on_after_the_students_of_the_page_before(office: School) -> None:
    for whom, alias in (("nina", "Robin Vale"), ("kai", "Sky Moor"), ("max", "Ash Hill")):
        assert mask(office, whom, alias) == "masked"
    assert listed(office, "carl", "masked", LISTED) == ["Ash Hill", "Sky Moor", "Robin Vale"]
    assert listed(office, "carl", "masked", LISTED, after=1) == ["Sky Moor", "Robin Vale"]


def test_a_merge_takes_over_the_mask_of_the_other_record_alone_and_only_one_that_runs(office: School) -> None:
    """Max has an alias, Kai had one, and Nina has none."""
    mask(office, "max")
    over(office, "kai", "Ash", "2026-01-01")
    merge(office, "kai", "nina")
    assert maskings(office) == [("max", "Robin", True), ("kai", "Ash", False)]


def test_a_merge_ends_the_old_mask_of_the_record_that_stays_alone_and_only_once(office: School) -> None:
    over(office, "nina", "Ash")
    over(office, "nina", "Rue", "2026-01-01")
    over(office, "kai", "Fay")
    mask(office, "leo")
    merge(office, "leo", "nina")
    assert maskings(office) == [("nina", "Ash", False), ("nina", "Rue", False), ("kai", "Fay", True), ("leo", "Robin", True), ("nina", "Robin", True)]
    with office.connect("owner") as owner:
        assert owner.execute("SELECT ended_at::date::text FROM masking WHERE given_name = 'Rue'").fetchone() == ("2026-01-01",)


@pytest.mark.parametrize(
    ("own", "other", "both"),
    [((5, 9), (0, None), (0, None)), ((5, None), (0, 2), (0, None)), ((0, 9), (2, 3), (0, 10)), ((0, 3), (2, 9), (0, 10))],
)
def test_the_mask_that_stays_after_a_merge_covers_each_day_of_both_masks(
    office: School, own: tuple[int, int | None], other: tuple[int, int | None], both: tuple[int, int | None]
) -> None:
    """A name stays hidden on each day that either record hides it. Max's alias and an old one of Nina's make no difference and don't change."""
    mask(office, "max", "Fay Moor", first=20, last=29)
    over(office, "nina", "Rue", "2026-01-01")
    mask(office, "nina", first=own[0], last=own[1])
    mask(office, "leo", "Sol Winter", first=other[0], last=other[1])
    merge(office, "leo", "nina")
    assert days(office, "nina") == both and called(office, "tia", "family", "nina") == "Robin Vale"
    assert days(office, "max") == (20, 30)
    with office.connect("owner") as owner:
        assert owner.execute("SELECT start_date - today(), end_date - today() FROM masking WHERE given_name = 'Rue'").fetchone() == (-9, -1)


@pytest.mark.parametrize("ended", [None, "2026-01-01"])
def test_a_mask_that_was_over_makes_no_other_one_longer(office: School, ended: str | None) -> None:
    mask(office, "nina", first=5, last=9)
    over(office, "leo", "Fay", ended)
    merge(office, "leo", "nina")
    assert days(office, "nina") == (5, 10)


def test_a_duty_that_no_room_declares_any_more_reads_no_name(office: School) -> None:
    """Sam teaches Leo. Bo does not."""
    mask(office, "leo")
    given = "INSERT INTO duty (uuid, person_id, school_id, duty, start_date) VALUES (gen_random_uuid(), %s, %s, 'librarian', today())"
    office.change(given, office.ids["bo"], office.ids["elementary"])
    assert called(office, "bo", "staff", "leo") == "Robin Vale"
    office.change("UPDATE duty SET duty = 'registrar' WHERE person_id = %s", office.ids["bo"])
    assert called(office, "bo", "staff", "leo") == "Leo Ruiz"


def test_a_yes_to_end_one_mask_does_not_end_the_next_one(office: School) -> None:
    appoint(office, "pat")
    mask(office, "nina")
    assert ask(office, "carl", "SELECT propose_unmasking(%s, 'The danger is over')", [masking_of(office, "nina")]) == "proposed"
    office.change("UPDATE masking SET ended_at = now()")
    assert mask(office, "nina", "Sky Moor") == "masked"
    assert second(office, "pat") == "not possible" and called(office, "tia", "family", "nina") == "Sky Moor"
