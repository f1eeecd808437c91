"""Passwords by SP 800-63B-4: length, common ones, names. A change needs the current one, and signs every other browser out."""

import random
from itertools import batched

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from homeroom.portal.door.passwords import (
    ALONE,
    BESIDE,
    LONGEST,
    ROWS,
    PasswordRefused,
    check_names,
    check_password,
    common_passwords,
    without_sequences,
)
from homeroom.portal.door.tests.with_factors import HOST, PASSWORD, account_of, kept, session_from, with_app
from homeroom.portal.letters.card import words
from tests.browser import Browser, Page
from tests.school import School

NEW = "grün 🐢 orbit Löffel"
SIXTY_FOUR = "".join(chr(0x4E00 + number) for number in range(64))
EASY = "This password is easy to guess. Choose another, such as five unrelated words."


def changed(browser: Browser, new: str, present: str = PASSWORD) -> Page:
    return browser.post("/account/password", {"password": present, "new_password": new})


def running(school: School, name: str) -> int:
    with school.connect("owner") as owner:
        row = owner.execute(
            "SELECT count(*) FROM session s JOIN account a ON a.id = s.account_id WHERE sign_in_name = %s AND ended_at IS NULL", [name]
        ).fetchone()
    return int(row[0]) if row else 0


def test_ana_changes_her_password_and_every_other_browser_is_out(door: School) -> None:
    session_from(account_of("ana.family"))
    browser = Browser("ana", host=HOST)
    before = browser.client.cookies[settings.SESSION_COOKIE].value
    assert changed(browser, NEW).headers["Location"] == "/account?then=password"
    assert running(door, "ana.family") == 1 and browser.client.cookies[settings.SESSION_COOKIE].value != before
    assert "password" in browser.open("/account?then=password").said
    assert "password changed" in browser.open("/account/news").said
    for word, status in ((PASSWORD, 403), (NEW, 302)):
        assert Browser().post("/sign-in", {"sign_in_name": "ana.family", "password": word}).status == status


@pytest.mark.parametrize("typed", [NEW.upper(), NEW[:-1], f"{NEW}x", f" {NEW}", f"{NEW} "])
def test_a_password_with_one_other_character_signs_no_one_in(door: School, typed: str) -> None:
    changed(Browser("ana", host=HOST), NEW)
    assert Browser().post("/sign-in", {"sign_in_name": "ana.family", "password": typed}).status == 403
    assert Browser().post("/sign-in", {"sign_in_name": "ana.family", "password": NEW}).status == 302


def test_nothing_changes_without_the_current_password(door: School) -> None:
    page = changed(Browser("ana", host=HOST), NEW, present="not this one")
    assert page.status == 403 and "Nothing has changed" in page.words and running(door, "ana.family") == 1
    assert Browser().post("/sign-in", {"sign_in_name": "ana.family", "password": PASSWORD}).status == 302


def test_guesses_at_the_present_password_wait(door: School) -> None:
    browser = Browser("ana", host=HOST)
    assert [changed(browser, NEW, present="no").status for _ in range(5)] == [403, 403, 403, 429, 429]


@pytest.mark.parametrize(
    "new", ["anaruizanaruiz1", "Ana.Family-2026!!", "Lincoln Unified 2026", "Homeroom_Lincoln_Middle", "RUIZ ruiz Ana 1234", "a" * 20]
)
def test_a_password_made_of_names_is_not_taken(door: School, new: str) -> None:
    page = changed(Browser("ana", host=HOST), new)
    assert page.status == 422 and EASY in page.words and new not in page.text


@pytest.mark.parametrize("new", ["739104826153847", "Ana keeps nineteen owls", "            five words in it   ", SIXTY_FOUR])
def test_any_characters_do_and_there_is_no_rule_about_kinds(door: School, new: str) -> None:
    assert changed(Browser("ana", host=HOST), new).status == 302


@pytest.mark.parametrize("new", ["eke, leek, elk, keel, lee", "Elementary elementary"])
def test_an_initial_is_no_name_and_a_school_that_closed_is_none_either(door: School, new: str) -> None:
    door.change("UPDATE person SET given_name = 'Ana E. K. L.' WHERE id = %s", door.ids["ana"])
    door.change("UPDATE school SET ended_at = now() WHERE id = %s", door.ids["elementary"])
    assert changed(Browser("ana", host=HOST), new).status == 302


def test_a_password_needs_15_characters_alone_and_8_with_a_second_factor(door: School) -> None:
    page = changed(Browser("ana", host=HOST), "owl7 tin#lamp!")
    assert page.status == 422 and "at least 15 characters" in page.words
    with_app("ana.family")
    door.change("UPDATE session SET ended_at = NULL")
    page = changed(Browser("ana", host=HOST), "owl7!ti")
    assert page.status == 422 and "at least 8 characters" in page.words
    assert changed(Browser("ana", host=HOST), "owl7!tin").status == 302
    assert kept(door, "SELECT is_long FROM credential WHERE account_id = %s", account_of("ana.family").id) is False


def test_a_short_password_keeps_its_second_factor(door: School) -> None:
    with_app("ana.family")
    door.change("UPDATE session SET ended_at = NULL")
    browser = Browser("ana", host=HOST)
    changed(browser, "owl7!tin")
    listed = browser.open("/account/factors").text
    path = next(part.split('"')[0] for part in listed.split('href="')[1:] if part.startswith("/account/factors/") and len(part.split('"')[0]) > 40)
    assert browser.post(path, {"remove": "yes"}).status == 409


@pytest.mark.parametrize("word", ["password", "12345678", "iloveyou", "qwertyui"])
def test_common_passwords_are_not_taken(word: str) -> None:
    assert is_refused(word)


@pytest.mark.parametrize("word", ["stairwaytoheaven", "StairwayToHeaven", "stairwaytoheaven2026", "perasperaadastra!!", "Hd764nW5d7E1vb1"])
def test_a_breached_password_is_not_taken_in_any_case_or_with_a_year(word: str) -> None:
    with pytest.raises(PasswordRefused, match="list of stolen passwords"):
        check_password(word, "ana.family", BESIDE)


def test_no_entry_of_the_list_is_taken() -> None:
    assert [word for word in common_passwords() if not is_refused(word)] == []


def is_refused(password: str) -> bool:
    try:
        check_password(password, "ana.family", BESIDE)
    except PasswordRefused:
        return True
    return False


@pytest.mark.parametrize(
    "guessed",
    [
        "1234567890123456", "abcdefghijklmnop", "zyxwvutsrqponmlk", "qwertyuiopasdfghjkl", "1qaz2wsx3edc4rfv", "!@#$%^&*()!@#$%^", "abcd1234efgh5678",
        "letmeinletmeinletmein", "passwordpassword1", "aaaaaaaaaaaaaaab", "password1234567", "Football2026!!!!", "....football....", "P@ssw0rd2026!!!!",
        "correcthorsebatterystaple", "Correct Horse Battery Staple 1!",
    ],
)  # fmt: skip
def test_a_sequence_a_repeat_and_one_common_word_with_digits_are_not_taken(guessed: str) -> None:
    assert len(guessed) >= ALONE and is_refused(guessed)


@pytest.mark.parametrize("between", ["", " ", "-"])
def test_four_words_by_chance_are_taken(between: str) -> None:
    chance = random.Random(4)
    assert [drawn for drawn in (between.join(four) for four in batched(chance.choices(words(), k=40_000), 4)) if is_refused(drawn)] == []


@pytest.mark.parametrize("row", ROWS)
def test_removing_sequences_leaves_only_the_rest_of_a_password(row: str) -> None:
    assert without_sequences(f"x{row}-{row[::-1]}x") == "x-x"
    assert without_sequences(f"{row[:3]} {row[:4]}") == f"{row[:3]} "


def test_the_longest_password_is_checked_whole() -> None:
    assert is_refused("ab" * (LONGEST // 2)) and not is_refused("ab" * (LONGEST // 2 - 2) + "xkq")


def test_a_password_is_refused_only_for_the_names_of_its_own_account(door: School) -> None:
    connection.ensure_connection()
    with pytest.raises(PasswordRefused):
        check_names(connection.connection, account_of("dee.family").uuid, "dee moss dee moss")
    check_names(connection.connection, account_of("ana.family").uuid, "dee moss dee moss")


def test_the_door_learns_yes_or_no_and_no_name(door: School) -> None:
    with door.connect("door") as login, pytest.raises(psycopg.errors.InsufficientPrivilege):
        login.execute("SELECT given_name FROM person")


def test_the_form_helps_a_password_manager(door: School) -> None:
    page = Browser("ana", host=HOST).open("/account/password")
    fields = {field.attrib["name"]: field.attrib.get("autocomplete") for field in page.find("input") if field.attrib.get("type") != "hidden"}
    assert fields == {"name": "username", "password": "current-password", "new_password": "new-password"}
    assert "onpaste" not in page.text
