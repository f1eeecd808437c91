"""Nina's 18th birthday: the announcement, the transfer of rights, suspensions, and access that stays open. 34 CFR 99.5, Ed. Code 49061(a)."""

import pytest

from homeroom.portal.membership.challenges.tests import challenging
from homeroom.portal.membership.challenges.tests.challenging import challenge, decide, give_address, newest, state_of
from homeroom.portal.membership.eighteen.tests.aging import (
    agree,
    born,
    due,
    lift,
    majority,
    moved,
    of_age,
    one,
    pass_days,
    record,
    rights,
    sees,
    tie_of,
    turning,
)
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.ties.tests.keeping import set_tie
from tests.cast import identity
from tests.school import School, proof_of, scores_read

PAPER = "SELECT coalesce(jsonb_agg(p.sourced_id ORDER BY n.id), '[]') FROM paper_notice n LEFT JOIN person p ON p.id = n.person_id WHERE n.student_id = %s"
KIND = "UPDATE tie SET kind = %s WHERE uuid = %s"


# ── Sixty days before ──
@pytest.mark.parametrize(("days", "said"), [(61, []), (60, ["announced"]), (1, ["announced"])])
def test_it_is_announced_from_sixty_days_before_and_once(own_school: School, days: int, said: list[str]) -> None:
    turning(own_school, days)
    assert (due(own_school), due(own_school)) == (said, [])


def test_parents_and_the_student_get_notices_and_emails_and_a_restricted_father_does_not(own_school: School) -> None:
    turning(own_school, 60)
    give_address(own_school, "ana", "family")
    give_address(own_school, "nina", "student")
    own_school.change("UPDATE restriction SET person_id = %s, student_id = %s", own_school.ids["jo"], own_school.ids["nina"])
    due(own_school)
    assert told(own_school, "ana") == ["child turns 18"] and told(own_school, "nina", "student") == ["you turn 18"]
    assert not told(own_school, "jo") and not told(own_school, "tia") and not told(own_school, "dee")
    assert sorted(challenging.mails(own_school)) == [("written", "ana.family"), ("written", "nina.student")]
    assert sees(own_school, "ana") and rights(own_school) == [True, True, True]


def test_an_adult_no_email_can_reach_is_notified_on_paper(own_school: School) -> None:
    turning(own_school, 60)
    give_address(own_school, "ana", "family")
    due(own_school)
    assert one(own_school, PAPER, own_school.ids["nina"]) == ["jo"]


def test_a_family_without_accounts_and_a_student_who_never_signed_in_are_notified_on_paper(own_school: School) -> None:
    turning(own_school, 60)
    own_school.change("UPDATE tie SET state = 'ended' WHERE student_id = %s", own_school.ids["nina"])
    own_school.change("DELETE FROM credential WHERE account_id IN (SELECT id FROM account WHERE sign_in_name = 'nina.student')")
    due(own_school)
    assert one(own_school, PAPER, own_school.ids["nina"]) == ["nina", None]


def test_a_hundred_mails_an_hour_and_the_rest_of_the_announcements_wait(own_school: School) -> None:
    """The relay takes 200 emails an hour, but at most 100 of this kind."""
    turning(own_school, 60)
    own_school.change("INSERT INTO account_mail (account_id, kind, language) SELECT NULL, 'reset', 'en' FROM generate_series(1, 100)")
    assert due(own_school) == []
    own_school.change("UPDATE account_mail SET made_at = now() - interval '1 hour'")
    assert due(own_school) == ["announced"]


# ── The day ──
def test_the_three_rights_transfer_on_the_18th_birthday_and_a_parents_tie_is_suspended_by_age(own_school: School) -> None:
    of_age(own_school)
    assert one(own_school, "SELECT is_of_age(%s)", own_school.ids["nina"]) is True
    assert rights(own_school) == [False, False, False] and state_of(own_school, "tie/ana/nina") == "suspended"
    assert not sees(own_school, "ana") and not sees(own_school, "jo")
    assert told(own_school, "ana") == ["child turns 18", "closed at 18"] and told(own_school, "nina", "student") == ["you turn 18", "you turned 18"]


def test_the_day_before_nothing_has_passed(own_school: School) -> None:
    turning(own_school, 60)
    due(own_school)
    pass_days(own_school, 59)
    assert due(own_school) == [] and sees(own_school, "ana") and rights(own_school) == [True, True, True]
    assert one(own_school, "SELECT is_of_age(%s)", own_school.ids["nina"]) is False


def test_an_open_page_is_over_with_the_day(own_school: School) -> None:
    turning(own_school, 0)
    with own_school.asked_by("ana", "family", ("child", "nina")) as app:
        assert scores_read(app, "nina") > 0
        entry = app.execute("SELECT current_setting('homeroom.look')::bigint").fetchone() or (0,)
        app.rollback()
        due(own_school)
        app.execute("SELECT begin_request(%s, %s)", [proof_of("ana", "family"), *entry])
        assert scores_read(app, "nina") == 0


def test_rights_transfer_right_away_if_a_student_is_already_18_when_the_record_first_says_so(own_school: School) -> None:
    turning(own_school, -400)
    assert due(own_school) == ["announced", "applied"] and not sees(own_school, "ana") and told(own_school, "ana") == ["closed at 18"]


def test_a_dependent_students_parents_go_on_reading_and_decide_nothing(own_school: School) -> None:
    """34 CFR 99.31(a)(8)."""
    turning(own_school)
    assert record(own_school, ["nina"]) == {}
    due(own_school)
    pass_days(own_school, 30)
    due(own_school)
    assert sees(own_school, "ana") and sees(own_school, "jo") and rights(own_school) == [False, False, False]
    assert told(own_school, "ana") == ["child turns 18", "child turned 18"]


def test_only_the_adult_the_student_agreed_to_keeps_access(own_school: School) -> None:
    turning(own_school)
    due(own_school)
    assert agree(own_school) == "agreed"
    pass_days(own_school, 30)
    due(own_school)
    assert sees(own_school, "ana") and not sees(own_school, "jo") and rights(own_school) == [False, False, False]


@pytest.mark.parametrize("kind", ["conservator", "education-rights holder"])
def test_a_person_appointed_for_the_student_keeps_access_and_all_rights(own_school: School, kind: str) -> None:
    turning(own_school, 0)
    own_school.change(KIND, kind, identity("tie/ana/nina"))
    due(own_school)
    assert sees(own_school, "ana") and rights(own_school) == [True, True, True]


def test_a_foster_agency_goes_on_by_its_own_dates_without_the_students_rights(own_school: School) -> None:
    turning(own_school, 0)
    own_school.change(KIND, "foster agency", identity("tie/ana/nina"))
    due(own_school)
    assert sees(own_school, "ana") and rights(own_school) == [False, False, False]


def test_access_is_suspended_when_a_dependence_ends(own_school: School) -> None:
    turning(own_school, 0)
    record(own_school, ["nina"], until="2099-01-01")
    due(own_school)
    own_school.change("UPDATE dependence SET until = today() + 1")
    assert due(own_school) == [] and sees(own_school, "ana")
    own_school.change("UPDATE dependence SET until = today()")
    assert due(own_school) == ["closed", "closed"] and not sees(own_school, "ana")


def test_access_approved_after_the_day_is_suspended_and_has_no_rights(own_school: School) -> None:
    of_age(own_school)
    challenging.tie(own_school, "dee", "nina")
    assert rights(own_school, "tie/dee/nina") == [False, False, False] and not sees(own_school, "dee")
    assert lift(own_school, which="tie/dee/nina") == "opened" and sees(own_school, "dee")


def test_access_made_before_the_clock_reached_the_student_is_never_open(own_school: School) -> None:
    """The jobs process is off or a minute late. All rights transfer in the transaction that gives access."""
    turning(own_school, 0)
    assert set_tie(own_school, whom="dee", kind="parent", basis="birth record", rights=["consent"]) == "of age"
    assert not sees(own_school, "dee") and "record given" not in told(own_school, "dee")
    assert one(own_school, "SELECT state FROM tie WHERE adult_id = %s AND student_id = %s", own_school.ids["dee"], own_school.ids["nina"]) == "suspended"
    assert not sees(own_school, "ana") and rights(own_school) == [False, False, False] and due(own_school) == []


def test_no_one_gives_a_right_back_to_a_parent_of_a_student_who_is_18(own_school: School) -> None:
    of_age(own_school)
    own_school.change("UPDATE tie SET state = 'approved', may_consent = true WHERE uuid = %s", identity("tie/ana/nina"))
    assert rights(own_school) == [False, False, False] and not sees(own_school, "ana")


def test_both_are_in_the_childs_ledger(own_school: School) -> None:
    of_age(own_school)
    events = "SELECT jsonb_agg(DISTINCT l.event) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE s.student_id = %s AND l.event <> 'look'"
    assert set(one(own_school, events, own_school.ids["nina"])) >= {"turned 18", "tie suspended by age"}


def test_a_run_that_is_rolled_back_in_the_middle_leaves_nothing(own_school: School) -> None:
    """A rollback is like kill -9 before the commit."""
    turning(own_school, 0)
    with own_school.connect("jobs") as jobs:
        assert [jobs.execute("SELECT next_birthday_due()").fetchone() for _ in range(2)] == [("announced",), ("applied",)]
        jobs.rollback()
    assert sees(own_school, "ana") and rights(own_school) == [True, True, True] and majority(own_school) is None and told(own_school, "ana") == []
    assert due(own_school) == ["announced", "applied"] and not sees(own_school, "ana")


# ── Together with a challenge ──
def test_access_suspended_by_age_stays_suspended_when_a_challenge_is_set_aside(own_school: School) -> None:
    turning(own_school, 0)
    own_school.change("UPDATE tie SET proof = 'in person' WHERE uuid = %s", identity("tie/jo/nina"))
    assert challenge(own_school) == "sent" and state_of(own_school) == "under challenge"
    due(own_school)
    assert state_of(own_school) == "suspended"
    assert decide(own_school, "restored", how="photo id") == "restored"
    assert state_of(own_school) == "suspended" and not sees(own_school, "jo") and "tie opened" not in told(own_school, "jo")
    assert lift(own_school, which="tie/jo/nina") == "opened" and state_of(own_school) == "approved"


def test_a_tie_closed_by_a_challenge_stays_closed_when_age_no_longer_closes_it(own_school: School) -> None:
    turning(own_school, 0)
    assert challenge(own_school) == "sent" and state_of(own_school) == "suspended"
    due(own_school)
    assert lift(own_school, which="tie/jo/nina") == "opened" and state_of(own_school) == "suspended" and not sees(own_school, "jo")
    assert decide(own_school, "restored", how="photo id") == "restored" and state_of(own_school) == "approved"


def test_a_challenge_begun_after_18_remembers_the_earlier_state_of_the_access(own_school: School) -> None:
    of_age(own_school)
    assert challenge(own_school, "nina", side="student") == "sent" and newest(own_school)["tie_was"] == "approved"
    assert lift(own_school, which="tie/jo/nina") == "opened" and decide(own_school, "restored", how="photo id") == "restored"
    assert state_of(own_school) == "approved"


def test_a_challenge_that_runs_out_opens_nothing_that_age_closes_and_ends_no_clock(own_school: School) -> None:
    turning(own_school, 0)
    challenge(own_school)
    due(own_school)
    own_school.change("UPDATE challenge SET suspended_until = now() - interval '1 hour'")
    with own_school.connect("jobs", autocommit=True) as jobs:
        assert [jobs.execute("SELECT next_challenge_due()").fetchone() for _ in range(2)] == [(None,), (None,)]
    assert state_of(own_school) == "suspended"


def test_a_student_of_age_challenges_in_whatever_grade(own_school: School) -> None:
    of_age(own_school)
    own_school.change("UPDATE person SET grade_levels = '{UG}' WHERE id = %s", own_school.ids["nina"])
    assert challenge(own_school, "nina", side="student") == "sent"


def test_a_mother_can_no_longer_challenge_anyone_after_her_child_turns_18(own_school: School) -> None:
    turning(own_school, 0)
    record(own_school, ["nina"])
    due(own_school)
    assert sees(own_school, "ana") and challenge(own_school) == ""
    assert challenge(own_school, "nina", side="student") == "sent" and newest(own_school)["tie_was"] == "approved"


# ── A birth date that changes ──
def test_a_birth_date_that_moves_near_the_day_stops_the_clock(own_school: School) -> None:
    turning(own_school, 30)
    due(own_school)
    moved(own_school, 0)
    assert due(own_school) == [] and sees(own_school, "ana") and majority(own_school)["held_at"]  # type: ignore[index]
    moved(own_school, 30)
    assert not majority(own_school)["held_at"]  # type: ignore[index]
    pass_days(own_school, 30)
    assert due(own_school) == ["applied"]


def test_a_file_that_makes_a_twelve_year_old_18_is_not_applied(own_school: School) -> None:
    turning(own_school, 2000)
    assert due(own_school) == []
    moved(own_school, -5)
    assert due(own_school) == [] and sees(own_school, "ana") and rights(own_school) == [True, True, True]
    assert set_tie(own_school, whom="dee", kind="parent", basis="birth record") == "set" and sees(own_school, "dee")
    moved(own_school, 1990)
    assert majority(own_school) is None and due(own_school) == []


def test_a_student_of_age_stays_of_age_when_a_file_makes_her_seventeen(own_school: School) -> None:
    of_age(own_school)
    moved(own_school, 300)
    assert due(own_school) == [] and not sees(own_school, "ana") and one(own_school, "SELECT is_of_age(%s)", own_school.ids["nina"]) is True


def test_a_date_that_moves_no_one_across_18_puts_nothing_on_hold(own_school: School) -> None:
    of_age(own_school)
    moved(own_school, -20)
    assert not majority(own_school)["held_at"] and majority(own_school)["in_days"] == -20  # type: ignore[index]


def test_a_birth_date_far_from_18_moves_as_it_likes(own_school: School) -> None:
    turning(own_school, 2000)
    moved(own_school, 61)
    assert majority(own_school) is None and due(own_school) == []


def test_an_import_that_is_undone_takes_what_was_reckoned_along(own_school: School) -> None:
    """A row of majority must not prevent the undo of a whole import."""
    own_school.change("INSERT INTO person (given_name, family_name, is_student, sourced_id) VALUES ('Ida', 'Novak', true, 'ida')")
    born_soon = "INSERT INTO demographic (person_id, birth_date) SELECT id, today() + 9 - interval '18 years' FROM person WHERE sourced_id = 'ida'"
    own_school.change("DELETE FROM majority WHERE student_id = %s", own_school.ids["max"])
    own_school.change(born_soon)
    assert due(own_school) == ["announced"]
    own_school.change("DELETE FROM demographic WHERE person_id = (SELECT id FROM person WHERE sourced_id = 'ida')")
    own_school.change("DELETE FROM person WHERE sourced_id = 'ida'")
    assert due(own_school) == []


def test_nothing_is_due_at_18_without_a_birth_date(own_school: School) -> None:
    turning(own_school, 0)
    own_school.change("DELETE FROM demographic WHERE person_id = %s", own_school.ids["nina"])
    assert due(own_school) == []
    born(own_school, 0)
    assert due(own_school) == ["announced", "applied"] and tie_of(own_school)["state"] == "suspended"
