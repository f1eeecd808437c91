"""Who neither hears of a challenge nor decides it, for the challenger's sake; and who challenges nobody, for being known by a card alone."""

import pytest

from homeroom.portal.membership.tests.acting import appoint, ask
from homeroom.portal.membership.tests.challenging import challenge, decide, family_of, sees, state_of, tie
from homeroom.portal.membership.tests.registering import told
from tests.browser import Browser
from tests.cast import identity
from tests.school import School


@pytest.fixture
def family(own_school: School) -> School:
    return family_of(own_school)


def test_an_administrator_who_is_the_challengers_co_parent_neither_hears_of_it_nor_decides(own_school: School) -> None:
    """Bo is Leo's father, and Ana his mother; she challenges Jo, who is Nina's father and no parent of Leo's."""
    family_of(own_school)
    appoint(own_school, "bo")
    tie(own_school, "bo", "leo")
    assert challenge(own_school) == "sent" and "challenge waits" in told(own_school, "carl", "staff")
    assert "challenge waits" not in told(own_school, "bo", "staff") and ask(own_school, "bo", "SELECT count(*) FROM challenges_shown('')") == 0
    assert decide(own_school, "ended", "bo") == "" and state_of(own_school) == "suspended" and decide(own_school, "ended") == "ended"


def test_a_card_that_a_teacher_printed_challenges_nobody(family: School) -> None:
    family.change("UPDATE session SET method = 'card' WHERE person_id = %s", family.ids["nina"])
    assert challenge(family, "nina", side="student") == "card" and sees(family, "jo")
    assert challenge(family, "nina", "tie/dee/max", "max", side="student") == "", "of another child not even that"
    sent = {"whom": identity("tie/jo/nina"), "reason": "stranger", "words": ""}
    answer = Browser("nina", "student").post(f"/children/{identity('nina')}/challenge", sent)
    assert answer.status == 422 and "Sign in with your password for this." in answer.words
    family.change("UPDATE session SET method = 'password' WHERE person_id = %s", family.ids["nina"])
    assert challenge(family, "nina", side="student") == "sent"
