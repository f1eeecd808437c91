"""People who can see students' records sign in with a second factor, and no way in is weaker. The door and the database both enforce it."""

from hashlib import sha256
from typing import Any

import pytest
from django.http import Http404

from homeroom.portal.door.factors import FactorMissing
from homeroom.portal.door.tests.with_factors import (
    HOST,
    PASSWORD,
    account_of,
    at_second_step,
    digits,
    session_from,
    with_app,
)
from tests.browser import Browser
from tests.cast import token
from tests.school import School

NEEDED = "This account needs a second step, and none is set up yet."
STAFF = ["bo.staff", "dana.staff", "carl.staff", "rosa.staff", "pat.staff"]
WEAK = "UPDATE session SET is_strong = false"


@pytest.mark.parametrize("name", [*STAFF, "tia.family"])
def test_a_password_alone_signs_in_no_one_who_must_have_a_second_factor(door: School, name: str) -> None:
    page = Browser(host=HOST).post("/sign-in", {"sign_in_name": name, "password": PASSWORD})
    assert page.status == 403 and NEEDED in page.words


@pytest.mark.parametrize("name", ["ana.family", "dana.family", "nina.student"])
def test_families_and_students_sign_in_as_before(door: School, name: str) -> None:
    assert Browser(host=HOST).post("/sign-in", {"sign_in_name": name, "password": PASSWORD}).status == 302


def test_a_wrong_password_says_nothing_of_it(door: School) -> None:
    assert NEEDED not in Browser(host=HOST).post("/sign-in", {"sign_in_name": "bo.staff", "password": "wrong"}).words


@pytest.mark.parametrize("method", ["password", "code", "passkey"])
def test_no_sign_in_method_starts_a_weak_session_for_someone_who_needs_a_strong_one(door: School, method: str) -> None:
    with pytest.raises(FactorMissing):
        session_from(account_of("bo.staff"), method=method)
    assert session_from(account_of("bo.staff"), method=method, is_strong=True)


@pytest.mark.parametrize("method", ["card", "a method that no one added to the list"])
@pytest.mark.parametrize("name", ["bo.staff", "ana.family"])
def test_no_card_signs_in_staff_or_a_parent_even_with_a_second_factor(door: School, name: str, method: str) -> None:
    with pytest.raises(Http404):
        session_from(account_of(name), method=method, is_strong=True)


def test_bo_with_his_app_is_in(door: School) -> None:
    with_app("bo.staff")
    assert at_second_step("bo.staff").post("/sign-in/second", {"code": digits()}).status == 302


def test_a_short_password_is_not_enough_alone(door: School) -> None:
    door.change("UPDATE credential SET is_long = false WHERE account_id = %s", account_of("ana.family").id)
    assert NEEDED in Browser(host=HOST).post("/sign-in", {"sign_in_name": "ana.family", "password": PASSWORD}).words


@pytest.mark.parametrize("name", STAFF)
def test_a_weak_session_of_staff_is_known_neither_to_the_web_process_nor_to_the_door(door: School, name: str) -> None:
    person = name.partition(".")[0]
    assert begun(door, person, "staff") is not None
    door.change(WEAK)
    assert begun(door, person, "staff") is None
    assert Browser(person, "staff", host=HOST).open("/account").status == 302


def test_an_aide_with_nothing_to_read_may_be_weak_until_a_duty_comes(door: School) -> None:
    door.change("INSERT INTO person (uuid, sourced_id, given_name, family_name, grade_levels, is_student, is_staff)"
                " VALUES (gen_random_uuid(), 'ike', 'Ike', 'Ames', '{}', false, true)")  # fmt: skip
    ike = "(SELECT id FROM person WHERE sourced_id = 'ike')"
    middle = door.ids["middle"]
    door.change(f"INSERT INTO role (uuid, sourced_id, person_id, school_id, role) VALUES (gen_random_uuid(), 'r', {ike}, %s, 'aide')", middle)
    door.change(f"INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), {ike}, 'staff', 'ike.staff')")
    entry = session_from(account_of("ike.staff"), is_own_device=True)
    assert entry.lasts is None, "the tick is for families and students alone"
    proof = sha256(entry.token.encode()).digest()
    assert known(door, proof) is not None
    door.change(f"INSERT INTO duty (person_id, school_id, duty, start_date) VALUES ({ike}, %s, 'attendance clerk', today() - 1)", middle)
    assert known(door, proof) is None


# Roles an aide can have. Each makes a second factor necessary, unless it has ended or belongs to someone else.
ADMINISTRATOR = "INSERT INTO administrator (person_id, school_id, start_date, end_date) SELECT {ike}, id, today() - 9, {end} FROM school WHERE id = {middle}"
DUTY = "INSERT INTO duty (person_id, school_id, duty, start_date, end_date) VALUES ({ike}, {middle}, 'counselor', today() - 9, {end})"
SUBSTITUTE = """INSERT INTO substitution (uuid, person_id, section_id, first_day, last_day, ended_at, given_by_id)
    SELECT gen_random_uuid(), {ike}, id, today() - 9, {end}, {ended}, {carl} FROM section LIMIT 1"""
SEAT = """INSERT INTO enrollment (key, person_id, section_id, role, is_primary, ended_at)
    SELECT gen_random_uuid(), {ike}, id, '{end}', false, {ended} FROM section LIMIT 1"""
ROLE = """INSERT INTO role (uuid, sourced_id, person_id, school_id, role, ended_at)
    VALUES (gen_random_uuid(), 'another', {ike}, {middle}, '{end}', {ended})"""
NO_AIDE = "UPDATE role SET ended_at = now() WHERE sourced_id = 'r'"
CARLS = "UPDATE role SET person_id = {carl} WHERE sourced_id = 'r'"


@pytest.mark.parametrize(("statement", "end", "ended", "is_strong"), [
    (ADMINISTRATOR, "NULL", "NULL", True), (ADMINISTRATOR, "today() + 1", "NULL", True), (ADMINISTRATOR, "today()", "NULL", False),
    (DUTY, "NULL", "NULL", True), (DUTY, "today() + 1", "NULL", True), (DUTY, "today()", "NULL", False),
    (SUBSTITUTE, "today()", "NULL", True), (SUBSTITUTE, "today() - 1", "NULL", False), (SUBSTITUTE, "today()", "now()", False),
    (SEAT, "teacher", "NULL", True), (SEAT, "student", "NULL", False), (SEAT, "teacher", "now()", False),
    (ROLE, "teacher", "NULL", True), (ROLE, "parent", "NULL", False), (ROLE, "teacher", "now()", False), (NO_AIDE, "", "", True),
    (ROLE.replace("{ike}", "{carl}"), "teacher", "NULL", False), (CARLS, "", "", True),
])  # fmt: skip
def test_an_aide_must_be_strong_by_what_they_have_now(school: School, statement: str, end: str, ended: str, is_strong: bool) -> None:
    with school.connect("owner") as owner:
        (ike,) = owner.execute("INSERT INTO person (uuid, sourced_id, given_name, family_name, grade_levels, is_student, is_staff)"
                               " VALUES (gen_random_uuid(), 'ike', 'Ike', 'Ames', '{}', false, true) RETURNING id").fetchone() or (0,)  # fmt: skip
        middle = school.ids["middle"]
        owner.execute("INSERT INTO role (uuid, sourced_id, person_id, school_id, role) VALUES (gen_random_uuid(), 'r', %s, %s, 'aide')", [ike, middle])
        asked = "SELECT must_be_strong(%s, 'staff')"
        assert owner.execute(asked, [ike]).fetchone() == (False,)
        owner.execute(statement.format(ike=ike, middle=middle, carl=school.ids["carl"], end=end, ended=ended).encode())
        assert owner.execute(asked, [ike]).fetchone() == (is_strong,)
        owner.rollback()


def test_a_tutors_weak_session_opens_no_child(door: School) -> None:
    assert "Nina" in str(begun(door, "tia", "family"))
    door.change(WEAK)
    answer = begun(door, "tia", "family")
    assert answer is not None and answer["children"] == []
    assert "Nina" in str(begun(door, "ana", "family"))


def begun(school: School, person: str, side: str) -> Any:
    return known(school, sha256(token(person, side).encode()).digest())


def known(school: School, proof: bytes) -> Any:
    with school.connect("app") as app:
        row = app.execute("SELECT begin_request(%s)", [proof]).fetchone()
    return row and row[0]
