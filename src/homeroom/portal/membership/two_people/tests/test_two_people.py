"""For a second approval, one person, one person with two sign-ins, or approval of something that was not shown is never enough."""

from threading import Thread

import psycopg
import pytest

from homeroom.portal.membership.due import carry_out_due
from homeroom.portal.membership.tests.acting import (
    SEEN,
    age_proofs,
    another_sign_in,
    appoint,
    ask,
    newest,
    offices_of,
    pass_time,
    propose,
    second,
    stop,
)
from tests.school import School, proof_of

EVENTS = """SELECT event, p.sourced_id FROM ledger l LEFT JOIN person p ON p.id = l.person_id
    WHERE event LIKE 'new administrator%' ORDER BY l.id"""
TOLD = "SELECT p.sourced_id, n.what FROM account_notice n JOIN account a ON a.id = n.account_id JOIN person p ON p.id = a.person_id"


@pytest.fixture
def office(own_school: School) -> School:
    """Carl, Pat and Dana are administrators of the district. Dana is Kai's mother."""
    appoint(own_school, "pat", "dana")
    return own_school


def carried_out(school: School) -> int:
    with school.connect("jobs") as jobs:
        return carry_out_due(jobs)


def test_a_further_administrator_takes_a_second_person_and_a_day(office: School) -> None:
    assert propose(office, "carl", "bo") == "proposed"
    assert second(office, "pat") == "confirmed" and offices_of(office, "bo") == 0
    assert carried_out(office) == 0 and offices_of(office, "bo") == 0
    pass_time(office)
    assert carried_out(office) == 1 and offices_of(office, "bo") == 1
    assert newest(office)[1] == "carried out" and carried_out(office) == 0


def test_time_alone_makes_no_administrator_without_a_confirmation(office: School) -> None:
    propose(office, "carl", "bo")
    pass_time(office)
    assert carried_out(office) == 0 and offices_of(office, "bo") == 0
    assert second(office, "pat") == "carried out" and offices_of(office, "bo") == 1


def test_a_second_approval_after_the_day_of_the_lock_takes_effect_right_away(office: School) -> None:
    propose(office, "carl", "bo")
    pass_time(office)
    assert second(office, "pat") == "carried out" and offices_of(office, "bo") == 1



def test_an_unanswered_proposal_ends_after_fourteen_days(office: School) -> None:
    propose(office, "carl", "bo")
    office.change("ALTER TABLE proposal DISABLE TRIGGER proposal_as_proposed")
    office.change("UPDATE proposal SET proposed_at = now() - interval '15 days'")
    assert carried_out(office) == 1 and newest(office)[1] == "expired" and second(office, "pat") == "taken"


def test_no_one_confirms_their_own_proposal_with_a_second_sign_in_or_in_another_role(office: School) -> None:
    propose(office, "dana", "bo")
    assert second(office, "dana") == "mine"
    assert second(office, "dana", proof=another_sign_in(office, "dana")) == "mine"
    assert second(office, "dana", side="family") == ""
    assert newest(office)[1] == "waiting"


def test_the_database_itself_holds_two_people_apart(office: School) -> None:
    propose(office, "carl", "bo")
    with pytest.raises(psycopg.errors.CheckViolation):
        office.change("UPDATE proposal SET state = 'confirmed', decided_by_id = proposed_by_id")


def test_a_person_who_holds_no_office_cannot_propose_or_answer(office: School) -> None:
    assert propose(office, "bo", "rosa") == ""
    propose(office, "carl", "bo")
    assert [second(office, who, side=side, seen="x") for who, side in (("rosa", "staff"), ("ana", "family"), ("bo", "staff"))] == ["", "", ""]
    assert ask(office, "rosa", "SELECT count(*) FROM proposals_shown()") == 0


def test_an_administrator_of_a_school_decides_for_that_school_alone(office: School) -> None:
    appoint(office, "rosa", at="middle")
    assert propose(office, "rosa", "bo") == "" and propose(office, "rosa", "bo", "elementary") == ""
    assert propose(office, "rosa", "bo", "middle") == "proposed"
    assert propose(office, "carl", "bo", "elementary") == "proposed"
    assert second(office, "rosa", seen=str(ask(office, "carl", SEEN, [newest(office)[0]]))) == ""


def test_no_one_decides_about_another_adult_of_their_own_child(office: School) -> None:
    """Bo becomes Kai's stepfather. Dana is Kai's mother."""
    tie = """INSERT INTO tie (uuid, adult_id, student_id, kind, start_date, view_kinds, may_consent, may_correct, may_challenge, is_confidential, proof, state)
             VALUES (gen_random_uuid(), %s, %s, 'parent', today(), '{}', false, false, false, false, 'in person', 'ended')"""
    office.change(tie, office.ids["bo"], office.ids["kai"])
    assert propose(office, "dana", "bo") == ""
    propose(office, "carl", "bo")
    assert second(office, "dana", seen=str(ask(office, "carl", SEEN, [newest(office)[0]]))) == "" and stop(office, "dana") == ""
    assert second(office, "pat") == "confirmed"


def test_no_one_decides_about_themselves(office: School) -> None:
    """Rosa is an administrator of the middle school. Carl proposes to give her a duty there."""
    appoint(office, "rosa", at="middle")
    with office.connect("owner") as owner:
        owner.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        owner.execute("SELECT propose('wide duty', %s, %s, '{}', 'why')", [office.ids["rosa"], office.ids["middle"]])
    assert second(office, "rosa", seen=str(ask(office, "carl", SEEN, [newest(office)[0]]))) == "" and stop(office, "rosa") == ""


@pytest.mark.parametrize(("kind", "about", "answers"), [("wide duty", "rosa", ["proposed", "taken"]), ("a word", "rosa", [""]), ("wide duty", "carl", [""])])
def test_whatever_calls_it_nothing_of_no_kind_or_about_oneself_is_proposed(office: School, kind: str, about: str, answers: list[str]) -> None:
    with office.connect("owner") as owner:
        owner.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        for answer in answers:
            found = owner.execute("SELECT propose(%s, %s, %s, '{}', 'why')", [kind, office.ids[about], office.ids["middle"]]).fetchone()
            assert found == (answer,)


def test_a_school_that_is_none_or_no_more_gets_no_administrator(office: School) -> None:
    assert propose(office, "carl", "bo", "nobody") == "" == propose(office, "carl", "nobody") == propose(office, "carl", "pat")
    office.change("UPDATE school SET ended_at = now() WHERE id = %s", office.ids["middle"])
    assert propose(office, "carl", "bo", "middle") == "" and propose(office, "carl", "bo", "elementary") == "proposed"


def test_an_administrator_of_a_school_seconds_what_is_of_that_school(office: School) -> None:
    appoint(office, "rosa", at="middle")
    assert propose(office, "carl", "bo", "middle") == "proposed" and second(office, "rosa") == "confirmed"


def test_the_proposer_can_withdraw_a_proposal_after_it_became_about_their_own_child(office: School) -> None:
    assert propose(office, "carl", "bo") == "proposed"
    for name in ("carl", "bo"):
        office.change("""INSERT INTO tie (uuid, adult_id, student_id, kind, start_date, view_kinds, may_consent, may_correct, may_challenge, is_confidential,
            proof, state) VALUES (gen_random_uuid(), %s, %s, 'parent', today(), '{}', false, false, false, false, 'in person', 'approved')""",
            office.ids[name], office.ids["kai"])  # fmt: skip
    assert stop(office, "carl") == "withdrawn"


def test_a_proof_that_has_grown_old_neither_proposes_nor_confirms_nor_stops(office: School) -> None:
    propose(office, "carl", "bo")
    age_proofs(office)
    assert (propose(office, "carl", "rosa"), second(office, "pat"), stop(office, "pat")) == ("again", "again", "again")
    assert newest(office)[1] == "waiting"


def test_any_administrator_stops_it_and_it_stays_stopped(office: School) -> None:
    propose(office, "carl", "bo")
    second(office, "pat")
    assert stop(office, "dana") == "stopped"
    pass_time(office)
    assert carried_out(office) == 0 and offices_of(office, "bo") == 0 and second(office, "pat") == "taken"


def test_the_proposer_can_withdraw_the_proposal(office: School) -> None:
    propose(office, "carl", "bo")
    assert stop(office, "carl") == "withdrawn" and second(office, "pat") == "taken"
    assert propose(office, "carl", "bo") == "proposed"


def test_the_same_is_proposed_once(office: School) -> None:
    assert [propose(office, who, "bo") for who in ("carl", "pat")] == ["proposed", "taken"]


def test_no_one_can_change_a_proposal_afterwards(office: School) -> None:
    propose(office, "carl", "bo")
    for change in (f"person_id = {office.ids['rosa']}", "kind = 'support'", "payload = '{}'", "reason = 'x'", f"proposed_by_id = {office.ids['pat']}"):
        with pytest.raises(psycopg.errors.RaiseException):
            office.change(f"UPDATE proposal SET {change}")


def test_a_yes_holds_only_for_what_was_shown(office: School) -> None:
    """Someone who bypasses the database's rules changes the name in the proposal that Pat sees."""
    propose(office, "carl", "bo")
    seen = str(ask(office, "pat", SEEN, [newest(office)[0]]))
    office.change("ALTER TABLE proposal DISABLE TRIGGER proposal_as_proposed")
    office.change("UPDATE proposal SET person_id = %s", office.ids["rosa"])
    assert second(office, "pat", seen=seen) == "taken" and newest(office)[1] == "waiting"


def test_one_of_two_administrators_who_confirm_at_the_same_time_succeeds(office: School) -> None:
    propose(office, "carl", "bo")
    pass_time(office)
    which, _ = newest(office)
    seen, call, answers = str(ask(office, "carl", SEEN, [which])), "SELECT second_proposal(%s, %s, '')", list[str]()

    def other() -> None:
        with office.connect("app") as app:
            app.execute("SET lock_timeout = '60s'")
            app.execute("SET statement_timeout = '60s'")
            app.execute("SELECT begin_request(%s)", [proof_of("dana", "staff")])
            answers.extend(app.execute(call, [which, seen]).fetchone() or ())

    with office.connect("app") as first:
        first.execute("SELECT begin_request(%s)", [proof_of("pat", "staff")])
        assert first.execute(call, [which, seen]).fetchone() == ("carried out",)
        thread = Thread(target=other)
        thread.start()
        thread.join(0.5)
        assert answers == []
        first.commit()
        thread.join(60)
    assert answers == ["taken"] and offices_of(office, "bo") == 1


@pytest.mark.parametrize("who", ["carl", "pat"])
def test_a_proposal_is_not_carried_out_after_its_proposer_or_approver_loses_the_office(office: School, who: str) -> None:
    propose(office, "carl", "bo")
    second(office, "pat")
    office.change("UPDATE account SET is_active = false WHERE person_id = %s", office.ids[who])
    pass_time(office)
    assert carried_out(office) == 1 and newest(office)[1] == "not possible" and offices_of(office, "bo") == 0


def test_an_expired_lock_replaces_the_second_approver_when_the_act_allows_it(office: School) -> None:
    """Proposes as the functions of each act do. The caller is Carl."""
    with office.connect("owner") as owner:
        owner.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        for kind in ("export", "safety emergency", "no such act"):
            owner.execute("SELECT propose(%s, NULL, NULL, '{}', 'why')", [kind])
        made = owner.execute("SELECT kind, state, lock_until IS NOT NULL FROM proposal ORDER BY id").fetchall()
    assert made == [("export", "waiting", False), ("safety emergency", "under review", True)]
    assert second(office, "pat") == "reviewed" and newest(office)[1] == "reviewed"


def test_a_lock_that_is_over_does_nothing_for_what_was_withdrawn(office: School) -> None:
    with office.connect("owner") as owner:
        owner.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        owner.execute("SELECT propose('wide duty', NULL, NULL, '{}', 'why')")
    assert stop(office, "carl") == "withdrawn"
    pass_time(office)
    assert carried_out(office) == 0 and newest(office)[1] == "withdrawn"


def test_an_administrator_who_acted_alone_cannot_review_it(office: School) -> None:
    with office.connect("owner") as owner:
        owner.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        owner.execute("SELECT propose('safety emergency', NULL, NULL, '{}', 'why')")
    assert second(office, "carl") == "mine" and stop(office, "carl") == "mine"
    assert stop(office, "pat") == "objected"


def test_every_step_is_in_the_ledger_and_every_administrator_is_notified(office: School) -> None:
    propose(office, "carl", "bo")
    second(office, "pat")
    pass_time(office)
    carried_out(office)
    with office.connect("owner") as owner:
        events = owner.execute(EVENTS).fetchall()
        told = owner.execute(TOLD).fetchall()
    assert events == [("new administrator: proposed", "carl"), ("new administrator: confirmed", "pat"), ("new administrator: carried out", "pat")]
    assert set(told) >= {(who, "waits for a second") for who in ("carl", "pat", "dana")} and ("bo", "office given") in told


def test_app_writes_no_proposal_past_the_functions(office: School) -> None:
    with office.connect("app", autocommit=True) as app:
        for statement in ("SELECT * FROM proposal", "UPDATE proposal SET state = 'confirmed'", "SELECT propose('export', NULL, NULL, '{}', '')",
                          "SELECT next_proposal_due()"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
