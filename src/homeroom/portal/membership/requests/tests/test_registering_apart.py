"""Results of matching a request: whether the child is the one in the letter, and whose family is notified."""

from homeroom.portal.membership.requests.tests.registering import (
    MATCH,
    looked,
    match,
    newest,
    office_of,
    prove,
    register,
)
from homeroom.portal.membership.ties.tests.one_person import empty_record, prints, row
from tests.school import School, calls_of

MAIL = "salvador@mail.example"


def test_a_letter_about_nina_vouches_for_no_other_child_that_was_typed(own_school: School) -> None:
    """The record's own address would otherwise approve Salvador right away."""
    empty_record(own_school)
    row(own_school, "salvador", name="Salvador Márquez", relation="Father", email=MAIL)
    for given_name, is_exact in (("Nobody", False), ("Nina", True)):
        own_school.change("DELETE FROM registration")
        own_school.change("DELETE FROM contact_code")
        register(own_school, given_name, "Salvador", "Márquez", relation="father", given_name=given_name, code=prints(own_school, "salvador"))
        own_school.change("UPDATE mail_address SET ended_at = now()")
        prove(own_school, given_name, MAIL)
        with own_school.connect("jobs", autocommit=True) as jobs:
            assert jobs.execute(MATCH).fetchone() == (True,)
        found = newest(own_school)
        assert (found["student_id"], found["is_exact"]) == (own_school.ids["nina"], is_exact)


def test_a_request_about_a_child_who_is_not_there_looks_for_no_one_to_notify(own_school: School) -> None:
    office_of(own_school)
    for given_name, n in (("Nobody", 0), ("Nina", 1)):
        own_school.change("DELETE FROM registration")
        register(own_school, given_name, given_name=given_name)
        assert calls_of(own_school, "tell_of_request", MATCH) == n


def test_comparing_mias_request_for_nina_views_no_child_of_another_request(own_school: School) -> None:
    office_of(own_school)
    register(own_school)
    which = newest(own_school)["uuid"]
    register(own_school, "ben", "Ben", "Moss", given_name="Max", family_name="Moss", birth_date="2014-07-01")
    assert match(own_school) == 2
    looked(own_school, "rosa", "request", which, "SELECT 1")
    with own_school.connect("owner") as owner:
        viewed = owner.execute("SELECT student_id FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.act = 'request'").fetchall()
    assert viewed == [(own_school.ids["nina"],)]
