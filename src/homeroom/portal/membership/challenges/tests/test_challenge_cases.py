"""An administrator reads one of several cases. A decision about one leaves the others as they are."""

import pytest

from homeroom.portal.membership.challenges.tests.challenging import (
    case,
    challenge,
    decide,
    family_of,
    newest,
    state_of,
    tie,
)
from homeroom.portal.membership.challenges.tests.test_checking import DOUBT, OFF_RECORD
from homeroom.portal.membership.challenges.tests.test_checking import challenged as challenged
from homeroom.portal.membership.requests.tests.registering import match, register
from homeroom.portal.membership.requests.tests.registering import newest as newest_request
from homeroom.portal.membership.tests.acting import appoint, ask, stop
from homeroom.portal.membership.ties.tests.keeping import at
from tests.cast import identity
from tests.school import School, proof_of


def test_the_case_says_how_the_tie_came_about_after_a_view_that_the_family_can_see(challenged: School) -> None:
    found = case(challenged)
    assert found is not None
    assert (found["adult"], found["challenger"], found["challenger_relation"], found["challenger_proof"]) == ("Jo Castillo", "Ana Ruiz", "parent", "in person")
    assert (found["words"], found["proof"], found["state"], found["is_on_record"]) == (DOUBT, "claimed", "suspended", True)
    assert {each["name"] for each in found["contacts"]} == {"Ana Ruiz", "Jo Castillo"}
    with challenged.connect("owner") as owner:
        looks = owner.execute("""SELECT l.act, l.capacity, s.kinds FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
            WHERE s.student_id = %s AND l.event = 'look'""", [challenged.ids["nina"]]).fetchall()  # fmt: skip
    assert looks == [("tie check", "administrator", ["contacts"])]


def test_the_case_is_not_shown_without_its_view(challenged: School) -> None:
    assert ask(challenged, "carl", "SELECT challenge_shown(%s)", [newest(challenged)["uuid"]]) is None


def test_a_view_of_the_child_for_another_reason_opens_no_case_the_viewer_may_not_decide(challenged: School) -> None:
    """Bo is an administrator and Leo's father, and Ana is Leo's mother. So he decides about Nina, but not about Ana's challenges."""
    appoint(challenged, "bo")
    tie(challenged, "bo", "leo")
    shown = "SELECT challenge_shown(%s) IS NOT NULL"
    assert at(challenged, "carl", shown, [newest(challenged)["uuid"]]) and not at(challenged, "bo", shown, [newest(challenged)["uuid"]])


def test_a_case_counts_the_others_that_are_open_and_shows_its_own_proposal_while_it_waits(challenged: School) -> None:
    challenged.change(OFF_RECORD, challenged.ids["jo"])
    tie(challenged, "dee", "nina")
    anas = newest(challenged)["uuid"]
    assert decide(challenged, "set aside") == "proposed" and challenge(challenged, "dee") == "sent"
    of_ana, of_dee = case(challenged, which=anas) or {}, case(challenged) or {}
    assert of_ana["waits"]["proposer"] == "Carl Webb" and of_dee["waits"] is None and of_ana["others"] == of_dee["others"] == 1
    assert stop(challenged, "carl") == "withdrawn" and (case(challenged, which=anas) or {})["waits"] is None
    challenged.change("UPDATE challenge SET decided_at = now(), outcome = 'set aside' WHERE uuid = %s", anas)
    assert (case(challenged) or {})["others"] == 0


def test_a_confidential_contact_appears_in_no_case(challenged: School) -> None:
    challenged.change("UPDATE contact SET is_confidential = true WHERE person_id = %s", challenged.ids["jo"])
    found = case(challenged)
    assert found is not None and [each["name"] for each in found["contacts"]] == ["Ana Ruiz"]


def test_a_proposal_about_one_challenge_leaves_another_one_untouched(challenged: School) -> None:
    challenged.change(OFF_RECORD, challenged.ids["jo"])
    tie(challenged, "gus", "nina", "claimed")
    assert challenge(challenged, whom="tie/gus/nina") == "sent" and decide(challenged, "set aside") == "proposed"
    with challenged.connect("owner") as owner:
        assert owner.execute("SELECT triaged_at IS NOT NULL FROM challenge ORDER BY id").fetchall() == [(False,), (True,)]


def test_the_offices_decision_about_a_request_stays_when_the_request_is_withdrawn(own_school: School) -> None:
    family_of(own_school)
    register(own_school)
    match(own_school)
    which = newest_request(own_school)["uuid"]
    ask(own_school, "ana", "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), which], side="family")
    assert decide(own_school, "set aside") == "set aside" and newest_request(own_school)["state"] == "waiting"
    ask(own_school, "mia", "SELECT withdraw_registration(%s)", [which], side="family")
    assert newest(own_school)["outcome"] == "set aside"


def test_ana_can_challenge_a_request_that_someone_else_challenged_or_the_office_settled(own_school: School) -> None:
    family_of(own_school)
    register(own_school)
    match(own_school)
    tie(own_school, "dee", "nina")
    mine, which = "SELECT count(*) FROM challengeable(%s) WHERE is_request AND mine IS NOT NULL", newest_request(own_school)["uuid"]
    asked = "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), which]
    assert ask(own_school, "dee", *asked, side="family") == "sent" and ask(own_school, "ana", mine, [identity("nina")], side="family") == 0
    assert ask(own_school, "ana", *asked, side="family") == "sent" and ask(own_school, "ana", mine, [identity("nina")], side="family") == 1
    assert decide(own_school, "set aside") == "set aside" and ask(own_school, "ana", mine, [identity("nina")], side="family") == 0


def test_a_challenge_that_declines_one_request_does_not_decline_another(own_school: School) -> None:
    family_of(own_school)
    register(own_school)
    match(own_school)
    which = newest_request(own_school)["uuid"]
    register(own_school, "zoe", "Zoe", "Ruiz")
    assert ask(own_school, "ana", "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), which], side="family") == "sent"
    assert decide(own_school, "ended") == "ended"
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT state FROM registration ORDER BY id").fetchall() == [("declined",), ("waiting",)]


@pytest.mark.parametrize(("outcome", "proof"), [("ended", "code"), ("restored", "in person")])
def test_only_a_person_an_administrator_saw_and_restored_is_proven_in_person(own_school: School, outcome: str, proof: str) -> None:
    own_school.change("UPDATE challenge SET registration_id = (SELECT max(id) FROM registration), tie_id = NULL, outcome = %s, decided_at = now()", outcome)
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT proof_of_request(r, 'code') FROM registration r ORDER BY id DESC LIMIT 1").fetchone() == (proof,)


def test_one_administrator_can_set_aside_a_challenge_of_access_that_was_already_closed(challenged: School) -> None:
    challenged.change(OFF_RECORD, challenged.ids["jo"])
    challenged.change("UPDATE challenge SET tie_was = 'suspended'")
    assert decide(challenged, "set aside") == "set aside" and state_of(challenged) == "suspended"


def test_a_second_approver_who_is_restricted_from_the_child_does_not_see_the_childs_name(challenged: School) -> None:
    bar = "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())"
    challenged.change(bar, challenged.ids["dana"], challenged.ids["nina"])
    for who, name in (("carl", "Nina Ruiz"), ("dana", None)):
        with challenged.connect("owner") as owner:
            owner.execute("SELECT claim(%s, NULL)", [proof_of(who, "staff")])
            found = owner.execute("SELECT suspension_proposed(jsonb_build_object('challenge', %s::text))->>'child'", [newest(challenged)["uuid"]]).fetchone()
        assert found == (name,)
