"""How a student who asks for an account, and an office, meet on the pages; and how an office sees what waits too long."""

import pytest

from homeroom.portal.membership.tests.registering import match, newest, office_of, register
from homeroom.portal.membership.tests.students import account_of, apply
from homeroom.portal.membership.tests.test_consent_at_18 import adult as adult
from homeroom.portal.membership.tests.tutoring import newest as newest_of
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

PLACE = "/office/approvals"
TUTORS = f"/children/{identity('nina')}/tutors"


@pytest.fixture
def office(own_school: School) -> School:
    return office_of(own_school)


def asked(school: School) -> str:
    apply(school)
    match(school)
    return f"{PLACE}/{newest(school)['uuid']}"


def test_kai_reads_where_the_request_stands_and_nothing_else(office: School) -> None:
    asked(office)
    kai = Browser("kid", side="student")
    page = kai.open("/")
    assert page.status == 200 and "The school office checks who you are" in page.words and "Lincoln Middle" in page.words
    assert kai.open(f"/children/{identity('kai')}").status == kai.open("/requests").status == 404


def test_the_office_reads_claim_beside_record_and_opens_the_account(office: School) -> None:
    path = asked(office)
    rosa = Browser("rosa", "staff")
    assert "for an account as a student of Lincoln Middle" in rosa.open(PLACE).words
    page = rosa.open(path)
    assert "A request for a student account" in page.words and "What may" not in page.words and "Relation" not in page.words
    answer = rosa.post(f"{path}/answer", {"verdict": "approved", "student": str(identity("kai")), "evidence": "photo id"})
    assert answer.status == 302 and account_of(office) == "kid.student"
    assert "account approved by Rosa Lim" in rosa.open(f"{PLACE}?which=answered").words


def test_the_office_reads_that_a_student_has_an_account(office: School) -> None:
    apply(office, "kid", "Max", "Moss", birth_date="2014-07-01")
    match(office)
    path = f"{PLACE}/{newest(office)['uuid']}"
    rosa = Browser("rosa", "staff")
    assert "This student has an account already" in rosa.open(path).words
    page = rosa.post(f"{path}/answer", {"verdict": "approved", "student": str(identity("max")), "evidence": "photo id"})
    assert page.status == 422 and "this student has an account already" in page.words


def test_declined_says_where_to_go(office: School) -> None:
    path = asked(office)
    assert Browser("rosa", "staff").post(f"{path}/answer", {"verdict": "declined"}).status == 302
    assert "Bring your student ID to Lincoln Middle" in Browser("kid", side="student").open("/").words


def test_the_queue_says_how_old_a_request_is(office: School) -> None:
    register(office)
    office.change("UPDATE registration SET asked_at = asked_at - interval '9 days'")
    page = Browser("rosa", "staff").open(PLACE)
    assert "1 waits for more than 7 days." in page.words and "9 days" in page.words and "Overdue" in page.words


def test_a_student_of_18_signs_for_a_tutor_on_the_page(adult: School) -> None:
    nina = Browser("nina", side="student")
    assert "Uma Frost asks" in nina.open(TUTORS).words
    path = f"{TUTORS}/{newest_of(adult, 'tutor_request')['uuid']}/answer"
    assert nina.post(path, {"kind": "attendance", "signature": "Nina", "verdict": "given"}).status == 422
    assert nina.post(path, {"kind": "attendance", "signature": "Nina Ruiz", "verdict": "given"}).headers["Location"] == f"{TUTORS}?then=given"
    assert "You signed for it" in nina.open(TUTORS).words
    assert "Signed for by the student" in Browser("ana").open(TUTORS).words
