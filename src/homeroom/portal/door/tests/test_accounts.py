"""Accounts that the operator's command makes."""

import pytest
from django.test import override_settings

from homeroom.portal.door.accounts import AccountRefused, create_account
from tests.browser import Browser
from tests.database import Server
from tests.school import School, pointed_at

GOOD = "Five odd words: Löwe and tin"
TWICE = "This person has an account for the side staff already. One person has one account a side."
SHORT = "A password has at least 15 characters. Four or five unrelated words work well."
GUESSED = "This password is easy to guess. Choose another, such as five unrelated words."
KEPT = "SELECT password FROM credential c JOIN account a ON a.id = account_id WHERE sign_in_name = 'sam.reed'"


def make(school: School, person: str, side: str, name: str, password: str = GOOD) -> None:
    with school.connect("owner") as owner:
        create_account(owner, school.ids[person], side, name, password)


def test_sam_signs_in_with_the_account_just_made_for_him(own_school: School, postgres: Server) -> None:
    make(own_school, "sam", "family", "Sam.Reed@Lincoln.example")
    with pointed_at(postgres, "door", own_school.database), override_settings(ROOT_URLCONF="homeroom.portal.door.urls"):
        typed = GOOD.replace("ö", "o\u0308")  # as another keyboard writes it
        page = Browser().post("/sign-in", {"sign_in_name": "sam.reed@lincoln.EXAMPLE", "password": typed})
    assert page.status == 302


@pytest.mark.parametrize(
    ("person", "side", "name", "password", "sentence"),
    [
        ("sam", "staff", "ANA.family", GOOD, "This sign-in name is taken. Choose another."),
        ("bo", "staff", "bo.again", GOOD, TWICE),
        ("sam", "office", "sam", GOOD, "The side must be one of family, staff, student."),
        ("sam", "staff", "sa", GOOD, "A sign-in name has 3 to 254 characters."),
        ("sam", "staff", "sam reed", GOOD, "A sign-in name has no spaces and no control characters."),
        ("sam", "family", "sam", "14 characters!", SHORT),
        ("sam", "staff", "sam", "x" * 1025, "A password has at most 1,024 characters."),
        ("sam", "staff", "sam", "a" * 20, GUESSED),
        ("sam", "staff", "sam", "password1password1", GUESSED),
        ("sam", "staff", "sam.reed", "sam.reedSAM.reed", GUESSED),
    ],
)
def test_an_invalid_account_is_refused_in_one_sentence(
    school: School, person: str, side: str, name: str, password: str, sentence: str
) -> None:
    with pytest.raises(AccountRefused) as refused:
        make(school, person, side, name, password)
    assert str(refused.value) == sentence


def test_an_unknown_person_gets_no_account(school: School) -> None:
    with school.connect("owner") as owner, pytest.raises(AccountRefused, match="There is no such person"):
        create_account(owner, 10**9, "staff", "somebody", GOOD)


def test_no_password_is_kept_as_it_was_typed(own_school: School) -> None:
    make(own_school, "sam", "staff", "sam.reed")
    with own_school.connect("owner") as owner:
        row = owner.execute(KEPT).fetchone()
    assert row and row[0].startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$") and "odd words" not in row[0]
