"""When an account becomes a student's, only its own rows move. The office is the one of test_student_accounts."""

from homeroom.portal.membership.requests.tests.registering import match
from homeroom.portal.membership.requests.tests.students import account_of, apply, approves, count
from homeroom.portal.membership.requests.tests.test_student_accounts import office as office
from tests.school import School

CODE = """INSERT INTO code (person_id, side, kind, digest, expires_at, used_at, ended_at)
    VALUES (%s, 'student', 'password', %s, now() + interval '1 hour', %s, %s)"""
STEP = """INSERT INTO sign_in_step (key, kind, account_id, state, expires_at)
    SELECT 'ana', 'second', id, '{}', now() + interval '1 hour' FROM account WHERE sign_in_name = 'ana.family'"""
ENDED = "SELECT ended_at::date::text FROM code WHERE digest = %s"


def test_a_request_from_a_closed_account_belongs_to_no_one(office: School) -> None:
    apply(office)
    match(office)
    office.change("UPDATE account SET is_active = false WHERE sign_in_name = 'kid.student'")
    assert approves(office) == "taken" and account_of(office) is None


def test_an_approval_leaves_other_peoples_codes_and_finished_ones_as_they_are(office: School) -> None:
    apply(office)
    match(office)
    office.change(STEP)
    office.change(CODE, office.ids["nina"], b"nina", None, None)
    office.change(CODE, office.ids["kid"], b"used", "2026-01-01", None)
    office.change(CODE, office.ids["kid"], b"ended", None, "2026-01-01")
    assert approves(office) == "approved"
    assert count(office, "SELECT count(*) FROM sign_in_step") == 1
    assert [count(office, ENDED, digest) for digest in (b"nina", b"used", b"ended")] == [None, None, "2026-01-01"]
