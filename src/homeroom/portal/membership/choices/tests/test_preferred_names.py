"""Preferred names: off by default, turned on with a second approval, for staff or everyone. Papers that go home have the name in the record."""

from typing import Any

import pytest

from homeroom.portal.membership.masking.tests.masking import called, mask
from homeroom.portal.membership.requests.tests.registering import match, newest, office_of, register
from homeroom.portal.membership.tests.acting import appoint, ask, listed, second
from tests.browser import Browser
from tests.cast import SIDES, identity
from tests.school import School, proof_of

HATS = [(who, side) for who, sides in SIDES.items() for side in sides]
CHANGE = "SELECT change_setting('preferred_names', %s, %s)"
CARDS = "SELECT jsonb_agg(first_name || ' ' || family_name ORDER BY first_name) FROM students_for_cards(%s)"


@pytest.fixture
def school(own_school: School) -> School:
    """Nina's name at school is Milo Ruiz. Her mother doesn't know it."""
    own_school.change("UPDATE person SET preferred_given_name = 'Milo' WHERE id = %s", own_school.ids["nina"])
    own_school.change("DELETE FROM masking")
    return own_school


def choose(school: School, choice: str) -> None:
    school.change("UPDATE district SET preferred_names = %s", choice)


def unread(school: School) -> set[str]:
    columns = "SELECT array_agg(column_name::text) FROM columns_off_shown() WHERE file = 'users.csv'"
    return set(ask(school, "carl", columns) or [])


@pytest.mark.parametrize(("choice", "sides"), [("off", set()), ("staff", {"staff"}), ("everyone", {"staff", "family", "student"})])
def test_a_reader_the_setting_leaves_out_sees_the_name_in_the_record(school: School, choice: str, sides: set[str]) -> None:
    choose(school, choice)
    for who, side in HATS:
        assert called(school, who, side, "nina") == ("Milo Ruiz" if side in sides else "Nina Ruiz"), (who, side)
    assert called(school, "nobody", "family", "nina") == ("Milo Ruiz" if choice == "everyone" else "Nina Ruiz"), "as an email would"


def test_an_alias_goes_before_a_preferred_name(school: School) -> None:
    choose(school, "everyone")
    mask(school, "nina")
    assert called(school, "bo", "staff", "nina") == "Milo Ruiz" and called(school, "tia", "family", "nina") == "Robin Vale"


def test_bo_reads_it_in_his_gradebook_and_ana_the_record_on_every_page_of_her_child(school: School) -> None:
    choose(school, "staff")
    bo, ana = Browser("bo", "staff"), Browser("ana")
    assert "Milo" in bo.open(f"/classes/{identity('algebra')}").words
    for page in ("/", f"/children/{identity('nina')}", f"/children/{identity('nina')}/who-can-see", f"/children/{identity('nina')}/who-has-looked"):
        words = ana.open(page).words
        assert "Nina" in words and "Milo" not in words, page


def on_paper(school: School) -> list[Any]:
    """Returns Nina's name on a card that Bo prints, and on a code and a letter that Rosa prints."""
    nina, letter = str(identity("nina")), identity("letter nina")
    code = "SELECT person_to_print_for(%s, 'student')->>'name'"
    letters = "SELECT jsonb_agg(child) FROM contacts_on_letters(ARRAY[%s]::uuid[])"
    return [
        ask(school, "bo", CARDS, [identity("algebra")])[-1],
        listed(school, "rosa", "code", code, [nina], words=nina),
        *listed(school, "rosa", "letter", letters, [letter], subject=identity("middle"), words=f"no-uuid {letter}"),
    ]


def test_printed_papers_use_the_recorded_name_unless_everyone_sees_the_preferred_one(school: School) -> None:
    office_of(school)
    school.change("""INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, email, delivery_id)
        SELECT %s, 'a letter', %s, 'Mo', 'mother', '', max(id) FROM delivery""", identity("letter nina"), school.ids["nina"])
    choose(school, "staff")
    assert on_paper(school) == ["Nina Ruiz", "Nina Ruiz", "Nina"]
    choose(school, "everyone")
    assert sorted(on_paper(school)) == ["Milo", "Milo Ruiz", "Milo Ruiz"]


@pytest.mark.parametrize(("choice", "is_found"), [("staff", False), ("everyone", True)])
def test_a_request_that_names_it_finds_the_student_only_where_families_see_it(school: School, choice: str, is_found: bool) -> None:
    """An answer would show that the school uses this name for a student."""
    office_of(school)
    choose(school, choice)
    like = "SELECT count(*) FROM students_like('Milo', 'Ruiz', NULL) WHERE same_name"
    with school.connect("owner") as owner:
        assert owner.execute(like).fetchone() == (int(is_found),)
    register(school, given_name="Milo")
    match(school)
    assert newest(school)["state"] == "waiting"


def test_two_people_turn_it_on_and_one_turns_it_off(school: School) -> None:
    appoint(school, "pat")
    assert unread(school) == {"preferredGivenName", "preferredFamilyName"}
    assert ask(school, "carl", CHANGE, ["off", "staff"]) == "proposed" and called(school, "bo", "staff", "nina") == "Nina Ruiz"
    assert second(school, "pat") == "carried out" and called(school, "bo", "staff", "nina") == "Milo Ruiz"
    assert unread(school) == set(), "the next file's are read"
    assert ask(school, "carl", CHANGE, ["staff", "everyone"]) == "proposed"
    assert ask(school, "carl", CHANGE, ["staff", "off"]) == "kept" and called(school, "bo", "staff", "nina") == "Nina Ruiz"
    assert unread(school) == {"preferredGivenName", "preferredFamilyName"}


def test_turning_it_on_reads_no_other_column_that_the_district_turned_off(school: School) -> None:
    choose(school, "staff")
    choose(school, "everyone")
    with school.connect("owner") as owner:
        assert owner.execute("SELECT file, column_name FROM unread_column").fetchall() == [("results.csv", "comment")]


def test_the_page_of_columns_neither_reads_them_nor_lets_them_be_read(school: School) -> None:
    wish = '[{"file": "users.csv", "name": "preferredGivenName", "was": false, "now": true}]'
    assert ask(school, "carl", "SELECT set_unread_columns(%s::jsonb)", [wish]) is False
    assert unread(school) == {"preferredGivenName", "preferredFamilyName"}
    assert "preferred names" in Browser("carl", "staff").open("/settings/columns").line("preferredGivenName")


@pytest.mark.parametrize(
    ("choice", "says"), [("staff", "Families and students will see the name in the record"), ("everyone", "A parent will see the name")]
)
def test_the_preview_says_who_will_see_the_names(school: School, choice: str, says: str) -> None:
    appoint(school, "pat")
    carl = Browser("carl", "staff")
    words = carl.post("/settings/access/preview", {"setting": "preferred_names", "becomes": choice}).words
    assert "Nothing has changed" in words and says in words
    assert "Milo" not in words, "nobody is named"
    carl.post("/settings/access/choice", {"setting": "preferred_names", "was": "off", "becomes": choice})
    assert "Preferred names" in Browser("pat", "staff").open("/office/two-people").words


@pytest.mark.parametrize(("choice", "bo", "ana"), [("off", "Ruiz", "Ruiz"), ("staff", "Rey", "Ruiz"), ("everyone", "Rey", "Rey")])
def test_a_preferred_family_name_is_shown_only_to_those_the_setting_names(school: School, choice: str, bo: str, ana: str) -> None:
    school.change("UPDATE person SET preferred_family_name = 'Rey' WHERE id = %s", school.ids["nina"])
    choose(school, choice)
    last_name = "SELECT last_name(p) FROM person p WHERE p.id = %s"
    with school.connect("owner") as owner:
        for (who, side), then in ((("bo", "staff"), bo), (("ana", "family"), ana)):
            owner.execute("SELECT claim(%s, NULL)", [proof_of(who, side)])
            assert owner.execute(last_name, [school.ids["nina"]]).fetchone() == (then,), who
