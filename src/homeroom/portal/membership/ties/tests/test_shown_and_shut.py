"""Showing a contact again, or turning parent access off, concerns one student."""

from homeroom.portal.membership.challenges.tests.challenging import sees, tie
from homeroom.portal.membership.tests.acting import appoint
from homeroom.portal.membership.ties.tests.keeping import agreed, at, close, one, set_tie
from tests.cast import identity
from tests.school import School

HIDDEN = "SELECT jsonb_agg(uuid) FROM contact WHERE is_confidential"


def test_a_mother_shown_again_on_one_childs_record_stays_hidden_on_the_others(own_school: School) -> None:
    for child in ("nina", "leo"):
        kept = [identity(child), identity(f"contact/ana/{child}")]
        assert at(own_school, "carl", "SELECT keep_contact(%s, %s)", kept, child=child) == "kept"
    shown = [identity("nina"), identity("contact/ana/nina"), "She asked"]
    assert at(own_school, "carl", "SELECT propose_contact_shown(%s, %s, %s)", shown) == "proposed" and agreed(own_school) == "carried out"
    assert one(own_school, HIDDEN) == [str(identity("contact/ana/leo"))]


def test_a_foster_caregiver_reads_a_record_that_is_closed_to_parents_and_a_new_parent_does_not(own_school: School) -> None:
    assert close(own_school) == "closed"
    assert set_tie(own_school, whom="dee") == "set" and sees(own_school, "dee")
    assert set_tie(own_school, whom="lou", kind="parent", basis="birth record") == "set" and not sees(own_school, "lou")
    assert set_tie(own_school, whom="lou", kind="parent", basis="birth record", child="leo") == "set" and sees(own_school, "lou", "leo")


def test_an_administrator_keeps_no_contact_confidential_who_is_the_other_parent_of_her_own_child(own_school: School) -> None:
    """Jo is on file for Nina. He is also Kai's father, and Dana is Kai's mother."""
    appoint(own_school, "dana")
    kept = [identity("nina"), identity("contact/jo/nina")]
    own_school.change("UPDATE contact SET person_id = %s WHERE uuid = %s", own_school.ids["jo"], kept[1])
    tie(own_school, "jo", "kai")
    assert [at(own_school, who, "SELECT keep_contact(%s, %s)", kept) for who in ("dana", "carl")] == ["", "kept"]
