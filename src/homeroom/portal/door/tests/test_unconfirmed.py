"""The door before a restoration is confirmed: one sentence for everyone, and sign-in for people who can confirm it."""

import re
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client

from homeroom.portal.door import signing_in, unconfirmed
from homeroom.portal.door.hashing import Argon2id
from homeroom.portal.door.tests.test_cards import card_for
from homeroom.portal.door.tests.with_factors import (
    HOST,
    PASSWORD,
    at_second_step,
    digits,
    options_in,
    with_app,
    with_codes,
    with_passkey,
)
from homeroom.portal.letters import code
from homeroom.portal.membership.restore.tests.restoring import back, confirm, restore, value
from homeroom.portal.membership.tests.acting import appoint
from tests.browser import Browser, Page
from tests.device import Device
from tests.school import School

SENTENCE = "This portal was restored from a backup on %s. Sign-in opens after the district has checked it. Questions? Call (555) 010-0130."
OPEN = "SELECT count(*) FROM session WHERE ended_at IS NULL"


def says_so(page: Page) -> bool:
    return re.search(re.escape(SENTENCE) % r"\w+, \w+.\d+", page.words) is not None


def tried(name: str, password: str) -> Page:
    return Browser().post("/sign-in", {"sign_in_name": name, "password": password})


def without_what_was_typed(page: Page) -> str:
    kept = re.sub(r'(name="sign_in_name" value=)"[^"]*"', r"\1", page.text)
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", kept)


def test_the_sign_in_page_says_it_before_anybody_types(door: School) -> None:
    assert not says_so(Browser().open("/sign-in"))
    restore(door)
    for page in ("/sign-in", "/sign-in/passkey", "/sign-in/code", "/sign-in/help", "/support/sign-in"):
        shown = Browser().open(page)
        assert shown.status == 200 and says_so(shown), page


def test_it_says_it_in_spanish(door: School) -> None:
    restore(door)
    said = Browser(language="es").open("/sign-in").words
    assert "se restauró" in said and "This portal" not in said and "restored" not in said


def test_an_unknown_name_a_wrong_password_and_a_right_one_are_answered_alike(door: School) -> None:
    """The page, statements, hashes and counted tries are the same for an account that exists, doesn't, is closed, or has a second factor."""
    with_app("dee.family")
    door.change("UPDATE account SET is_active = false WHERE sign_in_name = 'jo.family'")
    restore(door)
    signing_in.nobodys()
    answers = [
        listened(name, password)
        for name, password in (
            ("nobody.at.all", "x" * 16), ("ana.family", "not the password"), ("ana.family", PASSWORD), ("dee.family", PASSWORD),
            ("jo.family", PASSWORD), ("nina.student", PASSWORD), ("bo.staff", PASSWORD), ("carl.staff", "not the password"),
        )
    ]  # fmt: skip
    assert len({repr(answer) for answer in answers}) == 1, answers
    assert answers[0][0] == 403 and value(door, OPEN) == 0


def listened(name: str, password: str) -> tuple[int, str, list[str], int]:
    seen: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    counted = patch.object(Argon2id, "verify", autospec=True, side_effect=Argon2id.verify)
    with connection.execute_wrapper(listen), counted as verify:
        page = tried(name, password)
    assert says_so(page) and "don’t match" not in page.words
    return page.status, without_what_was_typed(page), seen, verify.call_count


def test_a_right_password_that_is_refused_counts_as_a_try_like_a_wrong_one(door: School) -> None:
    """Otherwise someone who guesses would notice that the pause doesn't come."""
    restore(door)
    door.change("DELETE FROM sign_in_try")
    statuses = [[tried(name, password).status for _ in range(4)] for name, password in (("ana.family", PASSWORD), ("dee.family", "wrong, but long"))]
    assert statuses[0] == statuses[1] and statuses[0][-1] == 429


def test_an_administrator_signs_in_with_password_and_factor_and_a_schools_does_not(door: School) -> None:
    appoint(door, "rosa", at="middle")
    with_app("carl.staff")
    restore(door)
    browser = at_second_step("carl.staff")
    assert browser.post("/sign-in/second", {"code": digits()}).status == 302 and value(door, OPEN) == 1
    assert says_so(tried("rosa.staff", PASSWORD))


def by_passkey(device: Device) -> Page:
    browser = Browser(host=HOST)
    options = options_in(browser.open("/sign-in/passkey"))
    return browser.post("/sign-in/passkey", {"credential": device.signed(options)})


def test_someone_elses_passkey_and_an_unknown_passkey_get_the_same_answer(door: School) -> None:
    devices = {name: with_passkey(name) for name in ("ana.family", "carl.staff")}
    restore(door)
    anas, nobodys = by_passkey(devices["ana.family"]), by_passkey(Device())
    assert (anas.status, without_what_was_typed(anas)) == (nobodys.status, without_what_was_typed(nobodys)) and says_so(anas)
    assert value(door, OPEN) == 0
    assert by_passkey(devices["carl.staff"]).status == 302 and value(door, OPEN) == 1


def test_a_step_that_began_before_the_restore_leads_nowhere(door: School) -> None:
    with_app("bo.staff")
    codes, browser = with_codes("bo.staff"), at_second_step("bo.staff")
    restore(door)
    answer = browser.post("/sign-in/second", {"recovery_code": codes[0]})
    assert (answer.status, answer.headers["Location"]) == (302, "/sign-in") and value(door, OPEN) == 0


def test_a_step_that_begins_in_the_instant_of_the_restore_ends_on_the_one_page(door: School) -> None:
    """Acts as if the step's row had come just after the restore deleted all of them."""
    with_app("bo.staff")
    browser = at_second_step("bo.staff")
    door.change("CREATE TABLE kept AS SELECT * FROM sign_in_step")
    restore(door)
    door.change("INSERT INTO sign_in_step SELECT * FROM kept")
    page = browser.post("/sign-in/second", {"code": digits()})
    assert page.status == 403 and says_so(page) and value(door, OPEN) == 0


def test_cards_and_asking_for_an_account_are_closed(door: School) -> None:
    door.change("UPDATE district SET tutors = 'on'")
    made = card_for(door, "nina")
    restore(door)
    for path in ("/sign-in/card", "/sign-in/register", "/sign-in/student", "/sign-in/tutor"):
        page = Browser().open(path)
        assert page.status == 403 and says_so(page) and not page.find("form"), path
    posted = Browser().post("/sign-in/card", {"words": made})
    assert posted.status == 403 and says_so(posted) and value(door, OPEN) == 0


@pytest.mark.parametrize(("who", "works"), [("ana", False), ("carl", True)])
def test_a_printed_code_leads_in_an_administrator_alone(door: School, who: str, works: bool) -> None:
    restore(door)
    made, side = code.new_code(), "staff" if who == "carl" else "family"
    door.change(
        "INSERT INTO code (person_id, side, kind, digest, expires_at, checked) VALUES (%s, %s, 'password', %s, now() + interval '1 day', 'known')",
        door.ids[who], side, code.digest(made),
    )  # fmt: skip
    page = Browser().post("/sign-in/code", {"code": made})
    assert (page.status == 302) is works
    assert works or says_so(page)


def test_a_district_that_takes_no_accounts_says_what_the_others_say(door: School) -> None:
    door.change("UPDATE district SET registering = 'closed', tutors = 'off'")
    restore(door)
    assert Browser().open("/sign-in/tutor").status == Browser().open("/sign-in/register").status == 403


def test_all_of_it_is_over_with_the_confirmation(door: School) -> None:
    appoint(door, "pat")
    restore(door)
    back(door, "carl", "pat")
    confirm(door)
    assert not says_so(Browser().open("/sign-in")) and Browser().open("/sign-in/card").status == 200
    assert Client(headers={"host": HOST}).post("/sign-in", {"sign_in_name": "ana.family", "password": PASSWORD}).status_code == 302
    assert unconfirmed.unconfirmed_since() is None
