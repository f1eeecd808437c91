"""A family challenges: who may challenge whom, what closes right away, and who is notified of what."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from homeroom.portal.membership.challenges.tests.challenging import (
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
from homeroom.portal.membership.requests.tests.registering import answers, match, register, told
from homeroom.portal.membership.requests.tests.registering import newest as newest_request
from homeroom.portal.membership.tests.acting import appoint, ask
from tests.cast import identity
from tests.school import School

WHOM = "SELECT coalesce(jsonb_agg(name ORDER BY name), '[]') FROM challengeable(%s)"


@pytest.fixture
def family(own_school: School) -> School:
    return family_of(own_school)


# ── Who challenges whom ──
def test_ana_challenges_jo_whose_access_no_one_checked_and_he_sees_nothing_from_then_on(family: School) -> None:
    assert sees(family, "jo")
    assert challenge(family) == "sent"
    assert state_of(family) == "suspended" and not sees(family, "jo") and sees(family, "ana")


def test_nina_who_is_in_grade_7_challenges_for_herself_and_leo_in_grade_3_does_not(family: School) -> None:
    tie(family, "dee", "leo", "claimed")
    for grade in ("03", "KG"):
        family.change("UPDATE person SET grade_levels = %s WHERE id = %s", [grade], family.ids["leo"])
        assert challenge(family, "leo", "tie/dee/leo", "leo", "student") == ""
    assert challenge(family, "nina", side="student") == "sent" and not sees(family, "jo")


@pytest.mark.parametrize(("who", "side"), [("dee", "family"), ("max", "student"), ("bo", "staff"), ("carl", "staff"), ("tia", "family"), ("gus", "family")])
def test_a_person_without_the_right_to_challenge_cannot_challenge_anyone(family: School, who: str, side: str) -> None:
    assert challenge(family, who, side=side) == "" and state_of(family) == "approved"


def test_an_adult_without_the_right_cannot_challenge_anyone(family: School) -> None:
    """Ed. Code 49061(a): a caregiver can read and can't challenge."""
    family.change("UPDATE tie SET may_challenge = false WHERE uuid = %s", identity("tie/ana/nina"))
    assert challenge(family) == ""


def test_a_student_who_left_cannot_challenge_anyone(family: School) -> None:
    family.change("UPDATE person SET ended_at = now() WHERE id = %s", family.ids["nina"])
    assert challenge(family, "nina", side="student") == ""


def test_a_challenged_adult_cannot_challenge_back(family: School) -> None:
    family_of(family, "in person")
    assert challenge(family) == "sent" and sees(family, "jo")
    assert challenge(family, "jo", "tie/ana/nina") == ""


def test_one_of_two_adults_who_challenge_each_other_at_the_same_time_succeeds(family: School) -> None:
    family_of(family, "in person")
    with ThreadPoolExecutor() as both:
        said = [each.result() for each in (both.submit(challenge, family), both.submit(challenge, family, "jo", "tie/ana/nina"))]
    assert sorted(said) == ["", "sent"]


@pytest.mark.parametrize("kind", ["foster caregiver", "foster agency", "caseworker", "education-rights holder", "conservator", "tutor"])
def test_a_family_cannot_challenge_access_that_only_the_district_sets(family: School, kind: str) -> None:
    family.change("UPDATE tie SET kind = %s WHERE uuid = %s", kind, identity("tie/jo/nina"))
    assert challenge(family) == ""


def test_a_confidential_adult_is_named_to_no_one_and_cannot_be_challenged(family: School) -> None:
    family.change("UPDATE tie SET is_confidential = true WHERE uuid = %s", identity("tie/jo/nina"))
    assert ask(family, "ana", WHOM, [identity("nina")], side="family") == [] and challenge(family) == ""


def test_ana_does_not_challenge_herself(family: School) -> None:
    assert challenge(family, whom="tie/ana/nina") == ""


@pytest.mark.parametrize(("reason", "words"), [("because", ""), ("other", "x" * 4001)])
def test_a_challenge_with_an_invalid_reason_or_text_is_not_sent(family: School, reason: str, words: str) -> None:
    assert challenge(family, reason=reason, words=words) == "odd" and state_of(family) == "approved"


def test_a_second_one_of_the_same_waits_already(family: School) -> None:
    assert challenge(family) == "sent" and challenge(family) == "open"


# ── From the request on ──
def test_a_request_is_challenged_and_no_office_approves_it_meanwhile(family: School) -> None:
    register(family)
    match(family)
    which = newest_request(family)["uuid"]
    assert ask(family, "ana", WHOM, [identity("nina")], side="family") == ["Jo Castillo", "Mia Ruiz"]
    said = ask(family, "ana", "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), which], side="family")
    assert said == "sent" and newest(family)["suspended_until"] is None
    assert answers(family, "rosa") == "challenged" and newest_request(family)["state"] == "waiting"
    assert told(family, "mia") == []


def test_a_confidential_contact_who_makes_a_request_is_named_to_no_one(family: School) -> None:
    """A mother in a shelter registers. The father doesn't see her name."""
    family.change("""INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, is_confidential)
        VALUES (gen_random_uuid(), 'secret', %s, 'Mia Ruiz', 'mother', true)""", family.ids["nina"])  # fmt: skip
    register(family)
    match(family)
    assert ask(family, "ana", WHOM, [identity("nina")], side="family") == ["Jo Castillo"]
    family.change("UPDATE contact SET student_id = %s WHERE sourced_id = 'secret'", family.ids["leo"])
    assert ask(family, "ana", WHOM, [identity("nina")], side="family") == ["Jo Castillo", "Mia Ruiz"], "another child's contact is another Mia"


def test_a_request_approved_while_ana_reads_the_page_is_challenged_as_a_tie(family: School) -> None:
    register(family)
    match(family)
    which = newest_request(family)["uuid"]
    assert answers(family, "rosa") == "approved"
    assert ask(family, "ana", "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), which], side="family") == "sent"
    assert newest(family)["tie_id"] is not None


def test_an_approval_and_a_challenge_at_the_same_time_let_no_one_in_unchecked(family: School) -> None:
    """The order makes no difference."""
    register(family)
    match(family)
    which = newest_request(family)["uuid"]
    family.change("UPDATE session SET last_seen_at = now()")  # a page unlocks its session's row before it acts
    with ThreadPoolExecutor() as both:
        approved = both.submit(answers, family, "rosa", how="called back")
        sent = both.submit(ask, family, "ana", "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), which], side="family")
    assert sent.result() == "sent" and approved.result() in ("approved", "challenged")
    assert not sees(family, "mia")


# ── What closes right away ──
CLOSES = [
    ("ana", "in person", "claimed", True),
    ("ana", "in person", "code", True),
    ("ana", "in person", "district record", True),
    ("ana", "in person", "in person", False),
    ("ana", "code", "claimed", True),
    ("ana", "code", "code", False),
    ("ana", "claimed", "code", False),
    ("ana", "district record", "district record", False),
    ("nina", "", "claimed", True),
    ("nina", "", "code", False),
    ("nina", "", "district record", False),
    ("nina", "", "in person", False),
]


@pytest.mark.parametrize(("who", "own", "proof", "closes"), CLOSES)
def test_how_each_was_proven_says_what_a_challenge_closes(family: School, who: str, own: str, proof: str, closes: bool) -> None:
    family_of(family, proof)
    if own:
        family.change("UPDATE tie SET proof = %s WHERE uuid = %s", own, identity("tie/ana/nina"))
    assert challenge(family, who, side="student" if who == "nina" else "family") == "sent"
    assert state_of(family) == ("suspended" if closes else "under challenge") and sees(family, "jo") is not closes


def test_a_mother_seen_in_person_closes_what_her_daughters_challenge_left_open(family: School) -> None:
    family_of(family, "code")
    challenge(family, "nina", side="student")
    assert sees(family, "jo")
    challenge(family)
    assert not sees(family, "jo")


FIFTH = [("2026-11-26", "2026-12-03"), ("2026-11-27", "2026-12-04"), ("2026-11-28", "2026-12-04"), ("2026-11-29", "2026-12-04")]


@pytest.mark.parametrize(("today", "last"), FIFTH)
def test_five_school_days_are_monday_to_friday(family: School, today: str, last: str) -> None:
    """The days are a Thursday, a Friday, a Saturday and a Sunday."""
    with family.connect("owner") as owner:
        assert str((owner.execute("SELECT school_day_after(%s, 5)", [today]).fetchone() or ("",))[0]) == last


# ── Who is notified ──
def test_a_challenge_notifies_administrators_by_page_and_email_and_jo_learns_of_the_closed_access(family: School) -> None:
    for name, side in (("carl", "staff"), ("jo", "family"), ("pat", "staff")):
        give_address(family, name, side)
    challenge(family)
    assert told(family, "carl", "staff") == ["challenge waits"] and told(family, "pat", "staff") == []
    assert told(family, "jo") == ["tie closed"] and told(family, "ana") == []
    assert sorted(mails(family)) == [("challenge", "carl.staff"), ("written", "jo.family")]


def test_an_administrator_who_is_the_childs_father_gets_no_notice(family: School) -> None:
    appoint(family, "bo", "pat")
    tie(family, "bo", "nina")
    challenge(family)
    assert told(family, "pat", "staff") == ["challenge waits"] and told(family, "bo", "staff") == []


def test_an_adult_who_keeps_access_is_not_notified_before_the_office_writes(family: School) -> None:
    family_of(family, "in person")
    challenge(family)
    checks = "SELECT count(*) FROM my_checks()"
    assert told(family, "jo") == [] and ask(family, "jo", checks, side="family") == 0
    assert write(family, "challenged", "Bring an ID") == "sent"
    assert told(family, "jo") == ["school wrote"] and ask(family, "jo", checks, side="family") == 1


def test_nothing_that_jo_can_ask_for_says_who_asked_or_why(family: School) -> None:
    """Jo calls each function about challenges, with the IDs of the child, the access and the case."""
    challenge(family, words="He follows us home")
    write(family, "challenger", "Thank you, Ana")
    write(family, "challenged", "Come by")
    for call in ("my_checks() c", "my_challenges() c", "challengeable('{nina}') c", "messages_of_my_check('{tie}') c", "messages_of_my_challenge('{case}') c",
                 "challenges_shown('open') c", "challenge_messages('{case}') c", "challenge_shown('{case}') c", "my_registrations() c"):  # fmt: skip
        statement = f"SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]')::text FROM {call}".format(
            nina=identity("nina"), tie=identity("tie/jo/nina"), case=newest(family)["uuid"]
        )
        said = ask(family, "jo", statement, side="family")
        assert "Ana" not in said and "follows" not in said and "stranger" not in said, call


def test_the_childs_access_log_says_that_a_tie_was_closed_and_names_no_one(family: School) -> None:
    challenge(family)
    with family.connect("owner") as owner:
        lines = owner.execute("""SELECT l.event, l.person_id, l.capacity, l.reason FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
            WHERE s.student_id = %s ORDER BY l.id""", [family.ids["nina"]]).fetchall()  # fmt: skip
        kept = owner.execute("SELECT event, person_id FROM ledger WHERE event = 'challenge begun'").fetchall()
    assert lines == [("tie closed", None, "challenge", "checked")] and kept == [("challenge begun", family.ids["ana"])]


# ── Clocks ──
def test_district_administrators_get_a_notice_each_day_after_a_school_day(family: School) -> None:
    appoint(family, "pat", at="middle")
    challenge(family)
    assert due(family) == [] and told(family, "carl", "staff") == told(family, "pat", "staff") == ["challenge waits"]
    family.change("UPDATE challenge SET remind_at = now()")
    assert due(family) == ["reminded"] and due(family) == []
    family.change("UPDATE challenge SET remind_at = now()")
    assert due(family) == ["reminded"]
    assert told(family, "carl", "staff") == ["challenge waits"] * 3 and told(family, "pat", "staff") == ["challenge waits"]


def test_a_challenge_that_someone_worked_on_sends_no_reminder(family: School) -> None:
    challenge(family)
    write(family, "challenger", "We look at it")
    family.change("UPDATE challenge SET remind_at = now()")
    assert due(family) == []


def test_a_suspension_that_no_one_decides_expires_and_both_get_a_notice(family: School) -> None:
    challenge(family)
    family.change("UPDATE challenge SET suspended_until = now()")
    assert due(family) == ["opened"] and due(family) == []
    assert state_of(family) == "under challenge" and sees(family, "jo")
    assert told(family, "jo") == ["tie closed", "tie opened"] and told(family, "ana") == ["challenge ran out"]


def test_one_of_two_that_ran_out_opens_nothing(family: School) -> None:
    tie(family, "dee", "nina")
    challenge(family)
    family.change("UPDATE challenge SET suspended_until = now()")
    challenge(family, "dee")
    assert due(family) == [] and not sees(family, "jo")


def test_the_clock_does_not_open_access_that_was_closed_for_another_reason(family: School) -> None:
    family.change("UPDATE tie SET state = 'suspended' WHERE uuid = %s", identity("tie/jo/nina"))
    challenge(family)
    family.change("UPDATE challenge SET suspended_until = now()")
    assert due(family) == [] and not sees(family, "jo")


# ── Permission to challenge again within a year ──
def test_the_same_challenger_needs_leave_within_a_year(family: School) -> None:
    challenge(family)
    assert decide(family, "restored", how="known") == "restored" and challenge(family) == "leave"
    which = newest(family)["uuid"]
    age = "UPDATE challenge SET decided_at = now() - interval '366 days'"
    assert challenge(family, "nina", side="student") == "sent"  # another challenger needs no permission
    family.change("DELETE FROM challenge WHERE uuid <> %s", which)
    family.change(age)
    assert challenge(family) == "sent"


def test_an_administrator_gives_leave(family: School) -> None:
    challenge(family)
    decide(family, "set aside")
    which = newest(family)["uuid"]
    assert ask(family, "ana", "SELECT give_leave(%s)", [which], side="family") == ""
    assert ask(family, "carl", "SELECT give_leave(%s)", [which]) == "given" and ask(family, "carl", "SELECT give_leave(%s)", [which]) == ""
    assert challenge(family) == "sent"
