"""Lapsing and notices concern one person, one request and one role. The office is the one of test_overdue."""

import pytest

from homeroom.portal.membership.challenges.tests.challenging import give_address
from homeroom.portal.membership.requests.tests.registering import asks, match, newest, register, told
from homeroom.portal.membership.requests.tests.test_overdue import lapse, mailed, pass_days, tell
from homeroom.portal.membership.requests.tests.test_overdue import office as office
from homeroom.portal.membership.tests.acting import appoint
from homeroom.portal.membership.tutors.tests import tutoring
from tests.school import School, calls_of


def test_an_unchallenged_request_keeps_no_child_when_it_lapses(office: School) -> None:
    """Dana's account stays, because she is Kai's mother."""
    asks(office, "dana")
    match(office)
    assert newest(office)["student_id"] == office.ids["nina"]
    office.change("INSERT INTO challenge (tie_id, challenger_id, reason, remind_at) SELECT min(id), %s, 'stranger', now() FROM tie", office.ids["ana"])
    pass_days(office, 61)
    assert lapse(office) == 1 and newest(office)["student_id"] is None


def test_the_email_about_a_mothers_lapsed_request_goes_to_her_family_account(office: School) -> None:
    office.change("UPDATE mail_address SET ended_at = now()")
    for side in ("family", "staff"):
        give_address(office, "dana", side)
    asks(office, "dana", given_name="Nobody")
    pass_days(office, 61)
    assert lapse(office) == 1 and mailed(office, "lapsed") == [["dana.family", 0]]


@pytest.mark.parametrize(("is_active", "mails"), [(True, [["uma.family", 0]]), (False, [])])
def test_a_lapsed_tutor_request_is_emailed_to_an_open_family_account(office: School, is_active: bool, mails: list[object]) -> None:
    tutoring.asked(tutoring.district_of(office))
    office.change("INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, 'staff', 'uma.staff')", office.ids["uma"])
    office.change("UPDATE mail_address SET ended_at = now()")
    for side in ("family", "staff"):
        give_address(office, "uma", side)
    office.change("UPDATE account SET is_active = %s WHERE sign_in_name = 'uma.family'", is_active)
    pass_days(office, 61, "tutor_request")
    assert lapse(office, "tutor_request") == 1 and mailed(office, "lapsed") == mails


# ── Notified of numbers ──
def test_an_administrator_of_one_school_hears_of_no_request_at_another(office: School) -> None:
    appoint(office, "pat", at="middle")
    register(office)
    office.change("UPDATE registration SET office_id = %s", office.ids["elementary"])
    pass_days(office, 8)
    assert tell(office) == 1 and mailed(office, "overdue") == [["carl.staff", 1]]


def test_an_office_that_is_over_hears_of_no_request_of_its_school(office: School) -> None:
    """Pat was an administrator of the middle school, and now is one of the elementary school."""
    appoint(office, "pat", at="middle")
    office.change("UPDATE administrator SET end_date = today() WHERE person_id = %s", office.ids["pat"])
    appoint(office, "pat", at="elementary")
    register(office)
    pass_days(office, 8)
    assert tell(office) == 1 and mailed(office, "overdue") == [["carl.staff", 1]]


@pytest.mark.parametrize("change", [
    "UPDATE account SET is_active = false WHERE sign_in_name = 'carl.staff'",
    "UPDATE account SET side = 'family' WHERE sign_in_name = 'carl.staff'",
])  # fmt: skip
def test_overdue_requests_are_counted_only_for_an_open_staff_account(office: School, change: str) -> None:
    register(office)
    pass_days(office, 8)
    assert calls_of(office, "overdue_for", "SELECT overdue_told()") == 1
    office.change(change)
    assert calls_of(office, "overdue_for", "SELECT overdue_told()") == 0 == tell(office) and mailed(office, "overdue") == []


def test_a_different_notice_or_someone_elses_notice_that_day_does_not_block_a_notice(office: School) -> None:
    register(office)
    pass_days(office, 8)
    line = "INSERT INTO account_notice (account_id, what) SELECT id, %s FROM account WHERE sign_in_name = %s"
    office.change(line, "tutor applied", "carl.staff")
    office.change(line, "requests wait", "bo.staff")
    assert tell(office) == 1
    assert told(office, "carl", "staff") == ["tutor applied", "requests wait"] and told(office, "bo", "staff") == ["requests wait"]


def test_overdue_requests_are_counted_only_for_administrators_and_their_own_offices(office: School) -> None:
    appoint(office, "pat", at="middle")
    assert calls_of(office, "overdue_for", "SELECT overdue_told()") == 2
    assert calls_of(office, "decides_for", "SELECT overdue_for(%s)", office.ids["pat"]) == 2, "of the district, and of the middle school"


def test_an_application_notifies_anyone_who_read_the_last_notice_or_got_no_email_today(office: School) -> None:
    """Carl has another notice and another email waiting. Dana becomes an administrator between the first and the second application."""
    office.change("UPDATE district SET tutors = 'on'")
    office.change("SELECT tell_account(%s, 'staff', 'duty given')", office.ids["carl"])
    office.change("INSERT INTO account_mail (account_id, kind) SELECT id, 'overdue' FROM account")
    tutoring.apply(office)
    appoint(office, "dana")
    tutoring.apply(office, "uli")
    assert mailed(office, "applied") == [["carl.staff", 0], ["dana.staff", 0]]
    assert told(office, "carl", "staff") == ["duty given", "tutor applied"] and told(office, "dana", "staff") == ["tutor applied"]
    office.change("UPDATE account_mail SET made_at = made_at - interval '25 hours'")
    office.change("UPDATE account_notice SET shown_at = now()")
    tutoring.apply(office, "ulf")
    assert sorted(mailed(office, "applied")) == [["carl.staff", 0]] * 2 + [["dana.staff", 0]] * 2
    assert told(office, "carl", "staff")[2:] == ["tutor applied"] and told(office, "dana", "staff") == ["tutor applied"] * 2
