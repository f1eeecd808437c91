"""The page after a printed code says how long this person's password must be: 8 characters with a second step, 15 without."""

import re

import pytest

from homeroom.portal.door.tests.test_codes import code_for, lock_with_app, type_in
from tests.school import School


def shortest_said(school: School, person: str, side: str, kind: str) -> set[str]:
    *_, client = type_in(code_for(school, person, side, kind))
    page = client.get("/sign-in/code/password").content.decode()
    return set(re.findall(r'At least (\d+) characters|minlength="(\d+)"', page)[0]) - {""} | set(re.findall(r'minlength="(\d+)"', page))


@pytest.mark.parametrize(("person", "side", "kind", "shortest"), [
    ("sam", "staff", "wake", "8"),  # a teacher, who must have a second step and has no account yet
    ("jo", "family", "wake", "15"),
    ("bo", "staff", "password", "8"),
    ("tia", "family", "password", "8"),
    ("ana", "family", "password", "15"),
])  # fmt: skip
def test_the_page_states_the_password_length_for_the_person_who_has_the_code(door: School, person: str, side: str, kind: str, shortest: str) -> None:
    if kind == "wake":
        door.change("DELETE FROM credential WHERE account_id IN (SELECT id FROM account WHERE person_id = %s)", door.ids[person])
    assert shortest_said(door, person, side, kind) == {shortest}


def test_ana_who_added_an_app_may_have_eight(door: School) -> None:
    lock_with_app(door, "ana.family")
    assert shortest_said(door, "ana", "family", "password") == {"8"}


@pytest.mark.parametrize(("length", "status"), [(7, 422), (8, 302)])
def test_the_password_length_on_the_page_is_the_one_enforced(door: School, length: int, status: int) -> None:
    *_, client = type_in(code_for(door, "sam", "staff", "wake"))
    answer = client.post("/sign-in/code/password", {"sign_in_name": "sam.reed", "password": "vk3?Wq9z"[:length]})
    assert answer.status_code == status


def test_too_many_tries_on_the_page_of_a_code_say_when_to_come_back(door: School) -> None:
    lock_with_app(door, "ana.family")
    *_, client = type_in(code_for(door, "ana", "family", "factors"))
    answers = [client.post("/sign-in/code/password", {"password": "not this one at all"}) for _ in range(8)]
    assert answers[-1].status_code == 429 and int(answers[-1].headers["Retry-After"]) > 0
    assert "Wait " in answers[-1].content.decode()
