"""Who isn't notified of a challenge and may not decide it, who can't challenge with only a card, and which access a request names."""

from datetime import date
from typing import Any

import pytest

from homeroom.portal.membership.challenges.tests.challenging import (
    challenge,
    decide,
    due,
    family_of,
    newest,
    sees,
    state_of,
    tie,
)
from homeroom.portal.membership.requests.tests.registering import answers, asks, match, register, told
from homeroom.portal.membership.requests.tests.registering import newest as newest_request
from homeroom.portal.membership.tests.acting import appoint, ask
from homeroom.portal.membership.ties.tests.keeping import one
from tests.browser import Browser
from tests.cast import identity
from tests.school import School, proof_of


@pytest.fixture
def family(own_school: School) -> School:
    return family_of(own_school)


def test_an_administrator_who_is_the_challengers_co_parent_neither_hears_of_it_nor_decides(own_school: School) -> None:
    """Bo is Leo's father and Ana his mother. She challenges Jo, who is Nina's father and not Leo's."""
    family_of(own_school)
    appoint(own_school, "bo")
    tie(own_school, "bo", "leo")
    assert challenge(own_school) == "sent" and "challenge waits" in told(own_school, "carl", "staff")
    assert "challenge waits" not in told(own_school, "bo", "staff") and ask(own_school, "bo", "SELECT count(*) FROM challenges_shown('')") == 0
    assert decide(own_school, "ended", "bo") == "" and state_of(own_school) == "suspended" and decide(own_school, "ended") == "ended"


def test_the_childs_father_is_not_notified_and_cannot_decide_if_no_one_in_the_challenge_is_on_record(family: School) -> None:
    """Bo is Nina's father. Ana, who challenged Mia's request, has no access to Nina any more and isn't a contact."""
    appoint(family, "bo")
    tie(family, "bo", "nina")
    register(family)
    match(family)
    assert challenge_of_request(family) == "sent"
    family.change("UPDATE tie SET adult_id = %s WHERE uuid = %s", family.ids["sam"], identity("tie/ana/nina"))
    family.change("UPDATE contact SET ended_at = now() WHERE person_id = %s", family.ids["ana"])
    family.change("UPDATE challenge SET remind_at = now()")
    assert due(family) == ["reminded"] and told(family, "carl", "staff") == ["challenge waits"] * 2 and told(family, "bo", "staff") == []
    assert decide(family, "set aside", "bo") == "" and decide(family, "set aside") == "set aside"


def test_any_office_may_give_access_again_a_year_after_a_challenge_ended_it(family: School) -> None:
    tie(family, "jo", "leo")
    assert challenge(family) == "sent" and decide(family, "ended") == "ended" and asks(family, "jo", relation="father") == "asked"
    match(family)
    assert answers(family, "rosa") == "challenged"
    family.change("UPDATE challenge SET decided_at = now() - interval '1 year'")
    assert answers(family, "rosa") == "approved"


# ── Permission to challenge again, and clocks ──
def needs_leave(school: School) -> bool:
    """Returns whether Ana needs permission to challenge Jo again."""
    with school.connect("owner") as owner:
        owner.execute("SELECT claim(%s, NULL)", [proof_of("ana", "family")])
        return owner.execute("SELECT needs_leave(%s, %s)", [school.ids["jo"], school.ids["nina"]]).fetchone() == (True,)


def test_no_one_needs_permission_after_a_challenge_that_ended_the_access(family: School) -> None:
    challenge(family)
    assert decide(family, "ended") == "ended" and not needs_leave(family)
    family.change("UPDATE challenge SET outcome = 'restored'")
    assert needs_leave(family)


def test_a_decision_within_the_year_needs_leave_until_it_is_given_or_a_year_old(family: School) -> None:
    challenge(family)
    assert decide(family, "restored", how="known") == "restored"
    assert needs_leave(family)
    family.change("UPDATE challenge SET leave_at = now()")
    assert not needs_leave(family)
    family.change("UPDATE challenge SET leave_at = NULL, decided_at = now() - interval '1 year'")
    assert not needs_leave(family)


@pytest.mark.parametrize("was", [
    "decided_at = now(), outcome = 'set aside'",  # it is closed for another reason
    "tie_was = 'suspended'",
])  # fmt: skip
def test_a_clock_opens_nothing_after_a_decision_or_what_was_closed_before(family: School, was: str) -> None:
    challenge(family)
    family.change(f"UPDATE challenge SET suspended_until = now(), {was}")
    assert due(family) == [] and state_of(family) == "suspended"


@pytest.mark.parametrize(("other", "then"), [
    ("tie_id = (SELECT id FROM tie WHERE uuid = %s)", []),
    ("tie_id = (SELECT id FROM tie WHERE uuid = %s), decided_at = now(), outcome = 'set aside'", ["opened"]),
    ("tie_id = (SELECT id FROM tie WHERE uuid <> %s LIMIT 1)", ["opened"]),
])  # fmt: skip
def test_a_suspension_that_ran_out_waits_for_a_second_open_challenge_of_the_same_access(family: School, other: str, then: list[str]) -> None:
    challenge(family)
    family.change("UPDATE challenge SET suspended_until = now()")
    family.change("""INSERT INTO challenge (tie_id, challenger_id, reason, remind_at, suspended_until, tie_was)
        SELECT tie_id, %s, 'stranger', now() + interval '1 day', now() + interval '1 day', 'approved' FROM challenge""", family.ids["dee"])  # fmt: skip
    family.change(f"UPDATE challenge SET {other} WHERE challenger_id = {family.ids['dee']}", identity("tie/jo/nina"))
    assert due(family) == then


def test_no_one_is_reminded_of_a_decided_challenge(family: School) -> None:
    challenge(family)
    family.change("UPDATE challenge SET remind_at = now(), decided_at = now(), outcome = 'set aside'")
    assert due(family) == []


# ── Which access a request names ──
def challenge_of_request(school: School) -> Any:
    """Ana challenges the newest request, as one about Nina."""
    which = newest_request(school)["uuid"]
    return ask(school, "ana", "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), which], side="family")


def approved(school: School, **said: Any) -> None:
    """Mia asks for another child and is approved."""
    assert asks(school, "mia", **said) == "asked"
    match(school)
    assert answers(school, "carl", about=str(said.get("given_name", "nina")).lower()) == "approved"


def test_an_approved_request_names_the_access_that_it_became_and_none_that_ended(family: School) -> None:
    register(family)
    match(family)
    assert answers(family, "rosa") == "approved"
    approved(family, given_name="Leo", birth_date=date(2018, 1, 2))
    assert challenge_of_request(family) == "", "of a brother's"
    family.change("UPDATE tie SET state = 'ended' WHERE adult_id = %s AND student_id = %s", family.ids["mia"], family.ids["nina"])
    approved(family)
    assert challenge_of_request(family) == "sent"
    states = "SELECT array_agg(state ORDER BY id) FROM tie WHERE adult_id = %s AND student_id = %s"
    assert one(family, states, family.ids["mia"], family.ids["nina"]) == ["ended", "under challenge"]


def test_a_declined_request_names_no_access(family: School) -> None:
    assert asks(family, "jo") == "asked"
    match(family)
    assert answers(family, "rosa", "declined") == "declined" and challenge_of_request(family) == "" and sees(family, "jo")


def test_access_closed_after_the_last_challenge_stays_closed_through_the_next_one(family: School) -> None:
    challenge(family)
    assert decide(family, "restored", how="known") == "restored"
    family.change("UPDATE tie SET state = 'suspended' WHERE uuid = %s", identity("tie/jo/nina"))
    assert challenge(family, "nina", side="student") == "sent" and newest(family)["tie_was"] == "suspended"


# ── A card ──
def test_a_student_signed_in_with_a_printed_card_cannot_challenge_anyone(family: School) -> None:
    family.change("UPDATE session SET method = 'card' WHERE person_id = %s", family.ids["nina"])
    assert challenge(family, "nina", side="student") == "" and sees(family, "jo")
    assert challenge(family, "nina", "tie/dee/max", "max", side="student") == "", "of another child not even that"
    sent = {"whom": identity("tie/jo/nina"), "reason": "stranger", "words": ""}
    answer = Browser("nina", "student").post(f"/children/{identity('nina')}/challenge", sent)
    assert answer.status == 403 and answer.said == {"card"}
    family.change("UPDATE session SET method = 'password' WHERE person_id = %s", family.ids["nina"])
    assert challenge(family, "nina", side="student") == "sent"
