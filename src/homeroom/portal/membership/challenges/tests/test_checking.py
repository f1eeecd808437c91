"""An office checks challenged access. It writes to each of the two in separate threads, closes, ends and restores, some of it with a second approval."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from homeroom.portal.membership.challenges.tests.challenging import (
    case,
    challenge,
    decide,
    due,
    family_of,
    give_address,
    mails,
    newest,
    sees,
    state_of,
    tie,
    write,
)
from homeroom.portal.membership.requests.tests.registering import match, prove, register, told
from homeroom.portal.membership.requests.tests.registering import newest as newest_request
from homeroom.portal.membership.tests.acting import age_proofs, appoint, ask, second
from tests.cast import identity
from tests.school import School

ACTIVE = "SELECT is_active FROM account WHERE sign_in_name = %s"
DOUBT, ASKS, DENIES = "I do not know him", "Is he in the family?", "Never heard of him"
OFF_RECORD = "DELETE FROM contact WHERE person_id = %s"


@pytest.fixture
def challenged(own_school: School) -> School:
    family_of(own_school)
    assert challenge(own_school, words=DOUBT) == "sent"
    return own_school


def is_active(school: School, name: str) -> bool:
    with school.connect("owner") as owner:
        return bool((owner.execute(ACTIVE, [name]).fetchone() or (False,))[0])


# ── Who decides ──
@pytest.mark.parametrize("who", ["pat", "rosa", "bo", "vera", "dana"])
def test_only_an_administrator_reads_or_decides_a_challenge(challenged: School, who: str) -> None:
    assert decide(challenged, "ended", who) == write(challenged, "challenger", "x", who) == "" and case(challenged, who) is None
    assert ask(challenged, who, "SELECT count(*) FROM challenges_shown('open')") == 0


def test_an_administrator_of_the_school_decides_and_one_of_another_does_not(challenged: School) -> None:
    appoint(challenged, "pat", at="middle")
    appoint(challenged, "bo", at="elementary")
    assert case(challenged, "bo") is None and decide(challenged, "ended", "bo") == ""
    assert case(challenged, "pat") is not None and decide(challenged, "ended", "pat") == "ended"


def test_an_administrator_tied_to_the_child_decides_nothing(challenged: School) -> None:
    appoint(challenged, "bo")
    tie(challenged, "bo", "nina")
    assert decide(challenged, "ended", "bo") == write(challenged, "challenged", "x", "bo") == "" and case(challenged, "bo") is None


def test_a_decision_takes_a_fresh_proof_and_a_reason(challenged: School) -> None:
    assert decide(challenged, "ended", why=" ") == "why" and decide(challenged, "ended", why="x" * 2001) == "why"
    age_proofs(challenged)
    assert decide(challenged, "ended") == "again" and state_of(challenged) == "suspended"


def test_an_act_that_is_none_is_none(challenged: School) -> None:
    assert decide(challenged, "approved") == ""


# ── Two threads ──
def test_each_side_reads_its_own_thread(challenged: School) -> None:
    give_address(challenged, "ana", "family")
    assert write(challenged, "challenger", ASKS) == write(challenged, "challenged", "Bring an ID") == "sent"
    which = newest(challenged)["uuid"]
    anas = "SELECT jsonb_agg(words) FROM messages_of_my_challenge(%s)"
    jos = "SELECT jsonb_agg(words) FROM messages_of_my_check(%s)"
    assert ask(challenged, "ana", anas, [which], side="family") == [ASKS]
    assert ask(challenged, "jo", jos, [identity("tie/jo/nina")], side="family") == ["Bring an ID"]
    assert ask(challenged, "jo", anas, [which], side="family") is ask(challenged, "ana", jos, [identity("tie/jo/nina")], side="family") is None
    assert told(challenged, "ana") == ["school wrote"] and ("written", "ana.family") in mails(challenged)
    with challenged.connect("owner") as owner:
        assert owner.execute("SELECT triaged_at IS NOT NULL FROM challenge").fetchall() == [(True,)]


def test_an_adult_who_keeps_access_sees_nothing_from_the_challenger(own_school: School) -> None:
    family_of(own_school, "in person")
    challenge(own_school, words="He follows us home")
    write(own_school, "challenger", "Thank you, Ana")
    which = newest(own_school)["uuid"]
    assert sees(own_school, "jo")
    assert ask(own_school, "jo", "SELECT count(*) FROM my_challenges()", side="family") == 0
    assert ask(own_school, "jo", "SELECT count(*) FROM messages_of_my_challenge(%s)", [which], side="family") == 0


def test_each_side_answers_the_office_and_administrators_are_notified(challenged: School) -> None:
    which = newest(challenged)["uuid"]
    assert ask(challenged, "ana", "SELECT write_about_my_challenge(%s, %s)", [which, DENIES], side="family") == "sent"
    assert ask(challenged, "jo", "SELECT write_about_my_check(%s, 'I am her uncle')", [identity("tie/jo/nina")], side="family") == "sent"
    threads = "SELECT jsonb_object_agg(thread, words) FROM challenge_messages(%s)"
    assert ask(challenged, "carl", threads, [which]) == {"challenger": DENIES, "challenged": "I am her uncle"}
    assert told(challenged, "carl", "staff") == ["challenge waits"] * 3


@pytest.mark.parametrize(("words", "said"), [(" ", "odd"), ("x" * 4001, "odd"), ("x" * 4000, "sent")])
def test_a_message_has_words_and_an_end(challenged: School, words: str, said: str) -> None:
    assert write(challenged, "challenger", words) == said


def test_twenty_messages_a_day_are_all(challenged: School) -> None:
    which = newest(challenged)["uuid"]
    said = [ask(challenged, "ana", "SELECT write_about_my_challenge(%s, 'And another thing')", [which], side="family") for _ in range(21)]
    assert said == ["sent"] * 20 + ["many"]


def test_no_one_can_write_after_the_decision(challenged: School) -> None:
    write(challenged, "challenged", "Bring an ID")
    assert decide(challenged, "restored", how="photo id") == "restored"
    which = newest(challenged)["uuid"]
    assert write(challenged, "challenger", "x") == ask(challenged, "ana", "SELECT write_about_my_challenge(%s, 'x')", [which], side="family") == ""
    assert ask(challenged, "jo", "SELECT write_about_my_check(%s, 'x')", [identity("tie/jo/nina")], side="family") == ""


# ── Ending ──
def test_one_administrator_ends_access_for_good_and_an_account_without_access_closes(challenged: School) -> None:
    give_address(challenged, "jo", "family")
    assert decide(challenged, "ended") == "ended"
    assert state_of(challenged) == "ended" and not is_active(challenged, "jo.family") and told(challenged, "ana") == ["challenge answered"]
    assert mails(challenged)[-1] == ("closed", "jo.family")
    with challenged.connect("jobs") as jobs:
        assert ("closed",) in jobs.execute("SELECT kind FROM account_mails_due()").fetchall()
    assert decide(challenged, "restored", how="photo id") == "taken"


def test_an_account_with_other_access_or_a_request_stays_open(challenged: School) -> None:
    tie(challenged, "jo", "leo")
    assert decide(challenged, "ended") == "ended" and is_active(challenged, "jo.family")


def test_an_application_that_was_declined_keeps_no_account_and_a_closed_account_is_not_mailed(challenged: School) -> None:
    for name in ("jo", "gus"):
        give_address(challenged, name, "family")
    challenged.change("INSERT INTO tutor_application (person_id, organization, purpose, state) VALUES (%s, 'x', 'x', 'declined')", challenged.ids["jo"])
    challenged.change("UPDATE account SET is_active = false WHERE sign_in_name = 'gus.family'")
    for who in ("jo", "gus"):
        challenged.change("UPDATE tie SET state = 'ended' WHERE adult_id = %s", challenged.ids[who])
    assert not is_active(challenged, "jo.family") and [who for kind, who in mails(challenged) if kind == "closed"] == ["jo.family"]


def test_access_that_ends_in_another_way_ends_its_challenge(challenged: School) -> None:
    challenged.change("UPDATE tie SET state = 'ended' WHERE uuid = %s", identity("tie/jo/nina"))
    assert newest(challenged)["outcome"] == "ended" and due(challenged) == []


def test_a_request_is_declined_by_it(own_school: School) -> None:
    family_of(own_school)
    register(own_school)
    match(own_school)
    which = newest_request(own_school)["uuid"]
    ask(own_school, "ana", "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), which], side="family")
    assert decide(own_school, "closed") == ""
    assert decide(own_school, "ended") == "ended" and newest_request(own_school)["state"] == "declined"
    assert told(own_school, "mia") == ["request answered"] and told(own_school, "ana")[-1] == "challenge answered"


def test_a_request_that_is_taken_back_ends_its_challenge(own_school: School) -> None:
    family_of(own_school)
    register(own_school)
    match(own_school)
    which = newest_request(own_school)["uuid"]
    ask(own_school, "ana", "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), which], side="family")
    ask(own_school, "mia", "SELECT withdraw_registration(%s)", [which], side="family")
    assert newest(own_school)["outcome"] == "ended"


# ── Closing, and for how long ──
def test_an_administrator_can_close_access_that_was_verified_in_person(own_school: School) -> None:
    family_of(own_school, "in person")
    challenge(own_school)
    assert sees(own_school, "jo") and decide(own_school, "closed") == "closed" and not sees(own_school, "jo")
    own_school.change("UPDATE challenge SET suspended_until = now()")
    assert due(own_school) == ["opened"] and sees(own_school, "jo")


def test_it_is_closed_for_longer_with_a_reason(challenged: School) -> None:
    challenged.change("UPDATE challenge SET suspended_until = now() + interval '1 hour'")
    assert decide(challenged, "closed", why="") == "why" and decide(challenged, "closed", why="A court decides") == "closed"
    with challenged.connect("owner") as owner:
        assert owner.execute("SELECT suspended_until = end_of_school_day(5) FROM challenge").fetchone() == (True,)


# ── Restoring ──
def test_one_administrator_can_restore_an_adult_in_the_record_who_then_counts_as_seen_in_person(challenged: School) -> None:
    assert decide(challenged, "restored") == decide(challenged, "restored", how="called back") == "evidence"
    assert decide(challenged, "restored", how="photo id") == "restored"
    assert sees(challenged, "jo") and told(challenged, "jo") == ["tie closed", "tie opened"] and told(challenged, "ana") == ["challenge answered"]
    with challenged.connect("owner") as owner:
        assert owner.execute("SELECT proof FROM tie WHERE uuid = %s", [identity("tie/jo/nina")]).fetchone() == ("in person",)


@pytest.mark.parametrize("act", ["restored", "set aside"])
def test_an_adult_not_in_the_record_regains_access_only_with_a_second_approval(challenged: School, act: str) -> None:
    challenged.change(OFF_RECORD, challenged.ids["jo"])
    appoint(challenged, "pat")
    assert decide(challenged, act, how="photo id") == "proposed" and not sees(challenged, "jo")
    assert second(challenged, "carl") == "mine" and not sees(challenged, "jo")
    assert second(challenged, "pat") == "carried out" and sees(challenged, "jo") and newest(challenged)["outcome"] == act


def test_no_clock_replaces_the_second_approval(challenged: School) -> None:
    challenged.change(OFF_RECORD, challenged.ids["jo"])
    assert decide(challenged, "set aside") == "proposed"
    with challenged.connect("owner") as owner:
        assert owner.execute("SELECT lock_until, board_told_at FROM proposal ORDER BY id DESC LIMIT 1").fetchone() == (None, None)


def test_a_second_who_has_to_do_with_the_child_is_none(challenged: School) -> None:
    challenged.change(OFF_RECORD, challenged.ids["jo"])
    appoint(challenged, "bo")
    tie(challenged, "bo", "nina")
    assert decide(challenged, "set aside") == "proposed"
    assert second(challenged, "bo") == "" and not sees(challenged, "jo")
    with challenged.connect("owner") as owner:
        assert owner.execute("SELECT students_of(p) FROM proposal p").fetchone() == ([challenged.ids["nina"]],)


def test_a_second_approval_does_not_reopen_access_that_ended_in_the_meantime(challenged: School) -> None:
    challenged.change(OFF_RECORD, challenged.ids["jo"])
    appoint(challenged, "pat")
    assert decide(challenged, "set aside") == "proposed" and decide(challenged, "ended", "pat") == "ended"
    assert second(challenged, "pat") == "not possible" and state_of(challenged) == "ended"


def test_an_address_that_a_file_brought_last_night_is_no_record_yet(challenged: School) -> None:
    challenged.change(OFF_RECORD, challenged.ids["jo"])
    challenged.change("""INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, email, delivery_id)
        SELECT gen_random_uuid(), 'jo on file', %s, 'J. Castillo', 'father', 'jo@mail.example', max(id) FROM delivery""", challenged.ids["nina"])  # fmt: skip
    prove(challenged, "jo", "jo@mail.example")
    assert decide(challenged, "set aside") == "proposed"
    challenged.change("UPDATE delivery SET ended_at = now() - interval '15 days'")
    assert decide(challenged, "set aside") == "set aside"


def test_access_that_was_closed_for_another_reason_stays_closed(own_school: School) -> None:
    family_of(own_school)
    own_school.change("UPDATE tie SET state = 'suspended' WHERE uuid = %s", identity("tie/jo/nina"))
    challenge(own_school)
    assert decide(own_school, "set aside") == "set aside" and not sees(own_school, "jo")


def test_a_decision_applies_to_everyone_who_challenged_the_access(challenged: School) -> None:
    tie(challenged, "dee", "nina")
    assert challenge(challenged, "dee") == "sent" and decide(challenged, "set aside") == "set aside"
    with challenged.connect("owner") as owner:
        assert owner.execute("SELECT DISTINCT outcome FROM challenge").fetchall() == [("set aside",)]
    assert sees(challenged, "jo") and told(challenged, "ana") == told(challenged, "dee") == ["challenge answered"]


# ── At the same moment ──
def test_one_of_two_decisions_at_the_same_time_counts(challenged: School) -> None:
    appoint(challenged, "pat")
    with ThreadPoolExecutor() as both:
        said = [each.result() for each in (both.submit(decide, challenged, "ended"), both.submit(decide, challenged, "restored", "pat", "known"))]
    assert "taken" in said and len({*said} & {"ended", "restored"}) == 1
    assert state_of(challenged) == ("ended" if "ended" in said else "approved")
