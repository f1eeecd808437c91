"""Who is in the list of letters, and when the list says that one was printed."""

from typing import Any

import pytest

from homeroom.portal.membership.codes.tests.test_letters import contact, on_list, prints
from homeroom.portal.membership.requests.tests.registering import office_of
from homeroom.portal.membership.tests.acting import listed
from tests.cast import identity
from tests.school import School, calls_of, proof_of


@pytest.fixture
def office(own_school: School) -> School:
    """Nina's record has Mia Ruiz as a contact."""
    office_of(own_school)
    contact(own_school)
    return own_school


@pytest.mark.parametrize("over", ["used_at", "ended_at", "expires_at"])
def test_the_list_says_when_a_letter_was_printed_whose_code_still_works(office: School, over: str) -> None:
    printed = "SELECT jsonb_agg(printed_at IS NOT NULL) FROM contacts_for_letters(%s) WHERE name = 'Mia Ruiz'"

    def is_printed() -> Any:
        return listed(office, "rosa", "letters", printed, [identity("middle")], subject=identity("middle"))

    prints(office)
    assert is_printed() == [True]
    office.change(f"UPDATE contact_code SET {over} = now()")
    assert is_printed() == [False]


def test_a_contact_that_a_file_removed_is_not_listed_and_makes_no_one_a_parent(office: School) -> None:
    """Mia was Nina's mother in yesterday's file, and is her aunt in today's."""
    office.change("UPDATE contact SET person_id = %s, ended_at = now() WHERE name = 'Mia Ruiz'", office.ids["lou"])
    contact(office, "Mia R. Ruiz")
    office.change("UPDATE contact SET person_id = %s, relationship = 'aunt' WHERE name = 'Mia R. Ruiz'", office.ids["lou"])
    rows = "SELECT jsonb_object_agg(contact, is_parent) FROM contacts_for_letters(%s)"
    found = listed(office, "rosa", "letters", rows, [identity("middle")], subject=identity("middle"))
    assert found[str(identity("letter to Mia R. Ruiz"))] is False and str(identity("letter to Mia Ruiz")) not in found


def test_a_contact_who_was_taken_for_an_adult_with_access_is_listed_again_once_that_is_taken_back(office: School) -> None:
    join = "INSERT INTO contact_join (contact_id, person_id, how, ended_at) SELECT id, %s, 'office', %s FROM contact WHERE name = 'Mia Ruiz'"
    office.change(join, office.ids["ana"], None)
    assert "Mia Ruiz" not in on_list(office, "rosa")
    office.change("UPDATE contact_join SET ended_at = now()")
    assert "Mia Ruiz" in on_list(office, "rosa")


@pytest.mark.parametrize(
    "change", ["UPDATE role SET school_id = {elementary} WHERE person_id = {nina}", "UPDATE contact SET person_id = {rosa} WHERE id = {jos}"]
)
def test_no_letter_says_the_name_of_a_child_who_left_the_school_or_turned_out_to_be_ones_own_since_the_view(office: School, change: str) -> None:
    """A file between the view and the page doesn't close the view."""
    mia = identity("letter to Mia Ruiz")
    says = "SELECT count(*) FROM contacts_on_letters(ARRAY[%s::uuid])"
    with office.connect("app", autocommit=True) as app:
        asked = [proof_of("rosa", "staff"), identity("middle"), str(mia)]
        (entry,) = app.execute("SELECT look(%s, 'letter', %s, NULL, %s)", asked).fetchone() or (0,)
    with office.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of("rosa", "staff"), entry])
        assert app.execute(says, [mia]).fetchone() == (1,)
    office.change(change.format(**office.ids, jos=office.ids["contact/jo/nina"]))
    with office.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of("rosa", "staff"), entry])
        assert app.execute(says, [mia]).fetchone() == (0,)


def test_a_student_with_more_than_a_hundred_contacts_is_a_page_alone(office: School) -> None:
    """Max comes before Nina, who has three."""
    office.change("""INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, delivery_id)
        SELECT gen_random_uuid(), 'aunt ' || n, %s, 'Aunt ' || n, 'aunt', max(d.id) FROM delivery d, generate_series(1, 101) n GROUP BY n""", office.ids["max"])
    of = "SELECT jsonb_agg(DISTINCT child) FROM contacts_for_letters(%s)"
    assert listed(office, "rosa", "letters", of, [identity("middle")], subject=identity("middle")) == ["Max Moss"]


def test_a_letter_to_mia_asks_about_no_other_students_contacts(office: School) -> None:
    contact(office, "Ben Moss", "max")
    office.change("UPDATE contact SET is_confidential = true WHERE name = 'Ben Moss'")
    seen = "SELECT begin_request(%s), (SELECT count(*) FROM seen_on_letters(%s, %s, NULL, '{}'))"
    for name, is_asked in (("Mia Ruiz", False), ("Ben Moss", True)):
        asked = [proof_of("rosa", "staff"), identity("middle"), str(identity(f"letter to {name}"))]
        assert (calls_of(office, "is_kept_confidential", seen, *asked) > 0) is is_asked, name
