"""Access with a last day: what the jobs process ends, who is notified, whose account closes, and who gets access again."""

from typing import Any

import psycopg
import pytest

from homeroom.portal.audit.changes import why_changed
from homeroom.portal.membership import due
from homeroom.portal.membership.challenges.tests.challenging import (
    challenge,
    family_of,
    give_address,
    mails,
    newest,
    sees,
    state_of,
    tie,
)
from homeroom.portal.membership.requests.tests.registering import asks, told
from homeroom.portal.membership.tests.acting import ask
from homeroom.portal.membership.tutors.tests.tutoring import asked, consent, district_of, match, tie_of, wants
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

OVER = "UPDATE tie SET start_date = today() - 30, end_date = today() WHERE uuid = %s"
ACTIVE = "SELECT is_active FROM account WHERE person_id = %s AND side = 'family'"
LINE = """SELECT jsonb_build_array(l.event, l.person_id, l.capacity, l.reason) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
    WHERE s.student_id = %s AND l.event IN ('tie ended', 'tutor ended') ORDER BY l.id DESC LIMIT 1"""


def one(school: School, statement: str, *values: Any) -> Any:
    with school.connect("owner") as owner:
        return (owner.execute(statement.encode(), values).fetchone() or (None,))[0]


def ended(school: School) -> int:
    """Ends what is over, as the jobs process does."""
    with school.connect("jobs") as jobs:
        return due.end_ties_over(jobs)


@pytest.fixture
def family(own_school: School) -> School:
    """No access is over."""
    family_of(own_school)
    assert ended(own_school) == 0
    return own_school


@pytest.mark.parametrize(("kind", "days", "times"), [("caseworker", 0, 1), ("foster caregiver", -40, 1), ("parent", 0, 1), ("caseworker", 1, 0)])
def test_access_ends_once_on_its_day_with_a_notice_and_an_account_without_other_access_closes(family: School, kind: str, days: int, times: int) -> None:
    give_address(family, "jo", "family")
    family.change("UPDATE tie SET kind = %s, start_date = today() - 90, end_date = today() + %s WHERE uuid = %s", kind, days, identity("tie/jo/nina"))
    assert ended(family) == times and ended(family) == 0
    assert (state_of(family) == "ended") is (times == 1) and told(family, "jo").count("tie ended") == times
    assert one(family, ACTIVE, family.ids["jo"]) is (times == 0) and mails(family).count(("closed", "jo.family")) == times
    assert one(family, LINE, family.ids["nina"]) == (["tie ended", None, "clock", "day over"] if times else None)


def test_an_adult_with_another_child_keeps_the_account(family: School) -> None:
    tie(family, "jo", "leo")
    family.change(OVER, identity("tie/jo/nina"))
    assert ended(family) == 1 and one(family, ACTIVE, family.ids["jo"]) and sees(family, "jo", "leo")


def test_a_challenge_ends_when_the_challenged_access_is_over(family: School) -> None:
    assert challenge(family) == "sent"
    family.change(OVER, identity("tie/jo/nina"))
    assert ended(family) == 1 and newest(family)["outcome"] == "ended"


def test_a_father_whose_access_expired_and_who_asks_again_keeps_his_account(family: School) -> None:
    family.change(OVER, identity("tie/jo/nina"))
    assert asks(family, "jo", relation="father") == "asked" and ended(family) == 1
    assert one(family, ACTIVE, family.ids["jo"])


def test_access_to_a_student_who_left_is_not_ended(family: School) -> None:
    family.change("UPDATE role SET ended_at = now() - interval '100 days' WHERE person_id = %s", family.ids["nina"])
    assert ended(family) == 0 and state_of(family, "tie/ana/nina") == "approved"


def test_a_tutors_access_ends_on_its_day_and_the_tutor_keeps_the_account_and_may_ask_again(own_school: School) -> None:
    district_of(own_school)
    asked(own_school)
    assert consent(own_school) == "given"
    own_school.change(OVER, tie_of(own_school)["uuid"])
    assert ended(own_school) == 1 and one(own_school, ACTIVE, own_school.ids["uma"])
    assert told(own_school, "uma")[-1] == "tie ended" and told(own_school, "ana")[-1] == "tutor ended" and told(own_school, "jo")[-1] == "tutor ended"
    assert one(own_school, LINE, own_school.ids["nina"]) == ["tutor ended", None, "clock", "day over"]
    assert one(own_school, "SELECT ended_at IS NOT NULL FROM tutor_consent") and next_term(own_school) == "given" and sees(own_school, "uma")


def test_a_mother_can_consent_again_for_a_tutor_whose_access_is_over_but_not_yet_closed(own_school: School) -> None:
    district_of(own_school)
    asked(own_school)
    assert consent(own_school) == "given"
    own_school.change(OVER, tie_of(own_school)["uuid"])
    assert next_term(own_school) == "given" and sees(own_school, "uma") and ended(own_school) == 0
    assert one(own_school, "SELECT array_agg(state ORDER BY id) FROM tie WHERE adult_id = %s", own_school.ids["uma"]) == ["ended", "approved"]


def next_term(school: School) -> str:
    school.change("UPDATE tutor_request SET asked_at = now() - interval '100 days'")
    assert wants(school) == "asked" and match(school) == 1
    return consent(school)


def test_replacing_access_with_new_access_closes_no_account(family: School) -> None:
    """The old access ends and the new one begins in one transaction, as when an office gives it."""
    family.change(OVER, identity("tie/jo/nina"))
    with family.connect("owner") as owner:
        owner.execute("SELECT end_if_over(%s, %s)", [family.ids["jo"], family.ids["nina"]])
        owner.execute("""INSERT INTO tie (uuid, adult_id, student_id, kind, start_date, view_kinds, may_consent, may_correct, may_challenge,
            is_confidential, proof, state)
            VALUES (gen_random_uuid(), %s, %s, 'parent', today(), '{grades}', true, true, true, false, 'in person', 'approved')""",
                      [family.ids["jo"], family.ids["nina"]])  # fmt: skip
    assert one(family, ACTIVE, family.ids["jo"]) and sees(family, "jo") and ended(family) == 0


def test_access_that_is_not_over_is_not_replaced(family: School) -> None:
    with family.connect("owner") as owner:
        owner.execute("SELECT end_if_over(%s, %s)", [family.ids["jo"], family.ids["nina"]])
    assert state_of(family) == "approved"


def test_only_the_jobs_process_ends_expired_access(family: School) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(family, "carl", "SELECT next_tie_over()")


def test_the_ledger_says_in_words_why_it_ended(family: School) -> None:
    family.change(OVER, identity("tie/jo/nina"))
    assert ended(family) == 1
    assert why_changed("day over") in Browser("ana").open(f"/children/{identity('nina')}/who-has-looked").words
