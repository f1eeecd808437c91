"""The pages of a student's request for an account, for the student and an office, and overdue requests."""

import threading
from typing import Any

import pytest

from homeroom.portal.membership.requests.tests.registering import match, newest, office_of, register
from homeroom.portal.membership.requests.tests.students import account_of, apply, count
from homeroom.portal.membership.tests.acting import ask
from homeroom.portal.membership.tutors.tests.test_consent_at_18 import adult as adult
from homeroom.portal.membership.tutors.tests.tutoring import newest as newest_of
from tests.browser import Browser, numbers
from tests.cast import identity
from tests.school import School, proof_of

PLACE = "/office/approvals"
TUTORS = f"/children/{identity('nina')}/tutors"


@pytest.fixture
def office(own_school: School) -> School:
    return office_of(own_school)


def asked(school: School) -> str:
    apply(school)
    match(school)
    return f"{PLACE}/{newest(school)['uuid']}"


def test_kai_reads_the_status_of_the_request_and_nothing_else(office: School) -> None:
    asked(office)
    kai = Browser("kid", side="student")
    page = kai.open("/")
    assert page.status == 200 and "checking" in page.said and "Lincoln Middle" in page.part("checking")
    assert kai.open(f"/children/{identity('kai')}").status == kai.open("/requests").status == 404


def test_the_office_reads_the_claim_next_to_the_record_and_opens_the_account(office: School) -> None:
    path = asked(office)
    rosa = Browser("rosa", "staff")
    line = rosa.open(PLACE).line("Kai Okafor")
    assert "account" in line and "Lincoln Middle" in line
    page = rosa.open(path)
    assert "student account" in page.heading and "What may" not in page.words and "Relation" not in page.words
    answer = rosa.post(f"{path}/answer", {"verdict": "approved", "student": str(identity("kai")), "evidence": "photo id"})
    assert answer.status == 302 and account_of(office) == "kid.student"
    line = rosa.open(f"{PLACE}?which=answered").line("Kai Okafor")
    assert "account approved" in line and "Rosa Lim" in line


def test_the_office_reads_that_a_student_has_an_account(office: School) -> None:
    apply(office, "kid", "Max", "Moss", birth_date="2014-07-01")
    match(office)
    path = f"{PLACE}/{newest(office)['uuid']}"
    rosa = Browser("rosa", "staff")
    assert "already has" in rosa.open(path).words
    page = rosa.post(f"{path}/answer", {"verdict": "approved", "student": str(identity("max")), "evidence": "photo id"})
    assert page.status == 422 and page.said == {"account"}


def test_declined_says_where_to_go(office: School) -> None:
    path = asked(office)
    assert Browser("rosa", "staff").post(f"{path}/answer", {"verdict": "declined"}).status == 302
    page = Browser("kid", side="student").open("/")
    assert "declined" in page.said and "Lincoln Middle" in page.part("declined")


# ── Withdrawn ──
def test_kai_takes_it_back_and_nothing_is_left_of_it(office: School) -> None:
    asked(office)
    kai = Browser("kid", side="student")
    page = kai.open("/")
    assert "closes this account" in page.part("checking")
    (form,) = [each for each in page.find("form") if each.get("action", "").endswith("/withdraw")]
    page = kai.post(form.get("action", ""), {})
    assert page.status == 200 and "withdrew" in page.heading and "Kai" not in page.words and "Sign out" not in page.words
    assert kai.open("/").headers["Location"].startswith("/sign-in") and Browser("rosa", "staff").open(PLACE).text.count("Kai Okafor") == 0
    left = newest(office)
    assert [left[field] for field in ("state", "child_given_name", "child_birth_date", "student_id")] == ["withdrawn", "", None, None]
    closed = "SELECT jsonb_build_array(a.is_active, p.given_name, p.family_name) FROM account a JOIN person p ON p.id = a.person_id WHERE p.id = %s"
    assert count(office, closed, office.ids["kid"]) == [False, "", ""]
    assert count(office, "SELECT reason FROM ledger WHERE event = 'account closed' AND person_id = %s", office.ids["kid"]) == "the request was taken back"
    office.change("DELETE FROM session WHERE person_id = %s", office.ids["kid"])
    assert apply(office), "the username is free again"


def test_no_one_withdraws_another_persons_request(office: School) -> None:
    path = f"/requests/{newest_of_kid(office)}/withdraw"
    for who, side in (("nina", "student"), ("dana", "family"), ("rosa", "staff"), ("carl", "staff")):
        assert Browser(who, side).post(path, {}).status == Browser(who, side).open(path).status == 404
    assert newest(office)["state"] == "waiting" and Browser("kid", side="student").open(path).headers["Location"] == "/"


def newest_of_kid(school: School) -> str:
    asked(school)
    return str(newest(school)["uuid"])


def test_an_answer_that_came_first_stays_and_the_page_shows_it(office: School) -> None:
    path = asked(office)
    assert Browser("rosa", "staff").post(f"{path}/answer", {"verdict": "declined"}).status == 302
    kai = Browser("kid", side="student")
    assert "Withdraw" not in kai.open("/").words
    assert kai.post(f"/requests/{newest(office)['uuid']}/withdraw", {}).headers["Location"] == "/"
    assert "Not approved" in kai.open("/").words and newest(office)["state"] == "declined"


def test_only_one_of_an_answer_and_a_withdrawal_at_the_same_time_counts(office: School) -> None:
    """Rosa's answer locks the request's row. The withdrawal waits for it, and then finds that nothing waits."""
    asked(office)
    which, said = newest(office)["uuid"], list[Any]()
    with office.connect("app") as rosa:
        rosa.execute("SELECT begin_request(%s)", [proof_of("rosa", "staff")])
        assert rosa.execute("SELECT answer_registration(%s, 'declined', NULL, '', '{}')", [which]).fetchone() == ("declined",)
        back = threading.Thread(target=lambda: said.append(ask(office, "kid", "SELECT withdraw_registration(%s)", [which], side="student")))
        back.start()
        back.join(0.5)
        assert back.is_alive(), "it waits"
        rosa.commit()
    back.join(10)
    assert said == [False] and newest(office)["state"] == "declined"
    assert count(office, "SELECT is_active FROM account WHERE person_id = %s", office.ids["kid"])


def test_the_queue_says_how_old_a_request_is(office: School) -> None:
    register(office)
    office.change("UPDATE registration SET asked_at = asked_at - interval '9 days'")
    page = Browser("rosa", "staff").open(PLACE)
    assert numbers(page.lead)[-2:] == ["1", "7"] and "9 days" in page.words and "Overdue" in page.words


def test_a_student_of_18_signs_for_a_tutor_on_the_page(adult: School) -> None:
    nina = Browser("nina", side="student")
    assert "Uma Frost asks" in nina.open(TUTORS).words
    path = f"{TUTORS}/{newest_of(adult, 'tutor_request')['uuid']}/answer"
    assert nina.post(path, {"kind": "attendance", "signature": "Nina", "verdict": "given"}).status == 422
    assert nina.post(path, {"kind": "attendance", "signature": "Nina Ruiz", "verdict": "given"}).headers["Location"] == f"{TUTORS}?then=given"
    assert "You signed" in nina.open(TUTORS).words
    assert "by the student" in Browser("ana").open(TUTORS).words
