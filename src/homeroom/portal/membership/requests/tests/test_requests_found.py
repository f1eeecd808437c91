"""Which students a request finds by a contact's record, and which one it takes for the named child."""

from typing import Any

import pytest

from homeroom.portal.membership.requests.tests.registering import BORN, match, office_of, prove, register
from homeroom.portal.membership.ties.tests.keeping import one
from tests.school import School

PHONE, MAIL = "(555) 010-0142", "mia@mail.example"
FOUND = """SELECT coalesce(jsonb_agg(DISTINCT p.sourced_id), '[]') FROM registration r, jsonb_populate_record(r, %s) q, students_by_contact(q) w
    JOIN person p ON p.id = w"""
CONTACT = "INSERT INTO contact (uuid, sourced_id, student_id, person_id, name, email, phone) VALUES (gen_random_uuid(), 'lou', %s, %s, 'Lou Ibarra', %s, %s)"
DETAIL = """INSERT INTO contact_detail (person_id, email, phone) VALUES (%s, %s, %s)
    ON CONFLICT (person_id) DO UPDATE SET email = excluded.email, phone = excluded.phone"""


@pytest.fixture
def office(own_school: School) -> School:
    """Mia asks with a phone and a verified email. No contact has either."""
    office_of(own_school)
    register(own_school, phone=PHONE)
    match(own_school)
    prove(own_school, "mia", MAIL)
    return own_school


@pytest.mark.parametrize(
    ("whose", "mail", "phone", "own", "found"),
    [
        ("lou", MAIL.upper(), "", ("", ""), ["nina"]),
        ("lou", "", "+1 555 010 0142", ("", ""), ["nina"]),
        ("lou", "lou@mail.example", "555 010 0143", ("", ""), []),
        ("tia", MAIL, "", ("", ""), []),  # contact of no one
        ("tia", "", PHONE, ("", ""), []),
        ("lou", MAIL, "", ("lou@mail.example", ""), []),  # the contact's row has another one
        ("lou", "", PHONE, ("", "555 010 0143"), []),
        ("lou", "", "", (MAIL, ""), ["nina"]),
        ("lou", "", "", ("", PHONE), ["nina"]),
    ],
)
def test_a_request_finds_the_student_whose_contact_has_its_address_or_phone(
    office: School, whose: str, mail: str, phone: str, own: tuple[str, str], found: list[str]
) -> None:
    office.change(CONTACT, office.ids["nina"], office.ids["lou"], *own)
    office.change(DETAIL, office.ids[whose], mail, phone)
    assert one(office, FOUND, "{}") == found


def test_a_student_who_asks_for_an_own_account_is_found_by_no_contact(office: School) -> None:
    office.change(CONTACT, office.ids["nina"], office.ids["lou"], MAIL, PHONE)
    assert one(office, FOUND, "{}") == ["nina"] and one(office, FOUND, '{"relation": "self"}') == []


def test_an_empty_address_belongs_to_no_one(office: School) -> None:
    office.change(CONTACT, office.ids["nina"], office.ids["lou"], "", "")
    office.change(DETAIL, office.ids["lou"], "", "")
    office.change("UPDATE mail_address SET address = '' WHERE address = %s", MAIL)
    assert one(office, FOUND, "{}") == []


@pytest.mark.parametrize(("given", "family", "is_same"), [("Nina", "Ruiz", True), ("", "Ruiz", False), ("Nina", "", False), ("-", "Ruiz", False)])
def test_half_a_name_is_not_the_same_name(office: School, given: str, family: str, is_same: bool) -> None:
    """No student has a preferred name, and an empty word doesn't match it."""
    same: Any = one(office, "SELECT bool_or(same_name) FROM students_like(%s, %s, %s)", given, family, BORN)
    assert same is is_same
