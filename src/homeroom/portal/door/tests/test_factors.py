"""The account's own page of factors, and adding the first one during sign-in."""

import re

import psycopg
import pytest
from django.conf import settings
from django.http import HttpResponse

from homeroom.portal.door.factors import factors_of
from homeroom.portal.door.recovery_codes import is_used_up
from homeroom.portal.door.steps import begin_step, cookie_of
from homeroom.portal.door.tests.with_factors import (
    HOST,
    KEY,
    account_of,
    digits,
    enrolling,
    kept,
    options_in,
    session_from,
    with_app,
    with_codes,
    with_passkey,
)
from tests.browser import Browser, Page, numbers
from tests.device import Device
from tests.school import School

APPS = "SELECT count(*) FROM authenticator"
LAST = "This account needs at least one sign-in method."


def sessions(school: School, name: str) -> list[tuple[str, bool]]:
    with school.connect("owner") as owner:
        return owner.execute(
            "SELECT method, is_strong FROM session s JOIN account a ON a.id = s.account_id WHERE sign_in_name = %s AND ended_at IS NULL", [name]
        ).fetchall()  # fmt: skip


def told(school: School, name: str) -> list[str]:
    with school.connect("owner") as owner:
        return [
            what
            for (what,) in owner.execute(
                "SELECT what FROM account_notice n JOIN account a ON a.id = n.account_id WHERE sign_in_name = %s ORDER BY n.id", [name]
            )
        ]


def key_shown(page: Page) -> str:
    return "".join(page.find("code")[0].itertext()).replace(" ", "")


def codes_on(page: Page) -> list[str]:
    shown = ["".join(code.itertext()) for code in page.find("code")]
    return [code for code in shown if re.fullmatch(r"([A-Z2-9]{4}-){2}[A-Z2-9]{4}", code)]


def test_ana_adds_an_app_gets_ten_codes_and_every_other_browser_is_signed_out(door: School) -> None:
    session_from(account_of("ana.family"))
    browser = Browser("ana", host=HOST)
    before = browser.client.cookies[settings.SESSION_COOKIE].value
    page = browser.open("/account/factors/add")
    shown = browser.post("/account/factors/add", {"name": "My phone", "code": digits(secret=key_shown(page))})
    codes = codes_on(shown)
    assert shown.status == 200 and len(set(codes)) == 10 and is_used_up(account_of("ana.family"), codes[3])
    assert browser.client.cookies[settings.SESSION_COOKIE].value != before
    assert sessions(door, "ana.family") == [("password", True)]
    assert told(door, "ana.family") == ["app added", "recovery codes made", "recovery code used"]
    listed = browser.open("/account/factors")
    assert "My phone" in listed.words and numbers(listed.at("codes-left")) == ["9"] and not codes_on(listed)


def test_wrong_digits_add_nothing_and_the_scanned_picture_stays_right(door: School) -> None:
    browser = Browser("ana", host=HOST)
    key = key_shown(browser.open("/account/factors/add"))
    page = browser.post("/account/factors/add", {"name": "Phone", "code": "000000"})
    assert page.status == 403 and "Nothing was added" in page.words and key_shown(page) == key
    assert kept(door, APPS) == 0 and len(sessions(door, "ana.family")) == 1
    assert browser.post("/account/factors/add", {"name": "Phone", "code": digits(secret=key)}).status == 200


def test_digits_that_added_the_app_are_used_up(door: School) -> None:
    browser = Browser("ana", host=HOST)
    key = key_shown(browser.open("/account/factors/add"))
    code = digits(secret=key)
    browser.post("/account/factors/add", {"name": "Phone", "code": code})
    fresh = Browser(host=HOST)
    fresh.post("/sign-in", {"sign_in_name": "ana.family", "password": "correct horse harbor staple"})
    assert fresh.post("/sign-in/second", {"code": code}).status == 403


def test_ana_adds_a_passkey_and_one_of_another_portal_is_not_added(door: School) -> None:
    browser = Browser("ana", host=HOST)
    options = options_in(browser.open("/account/factors/add"))
    refused = browser.post("/account/factors/add", {"name": "x", "credential": Device(host="harbor.example").made(options)})
    assert refused.status == 403 and "Nothing has changed" in refused.words and kept(door, "SELECT count(*) FROM passkey") == 0
    assert browser.post("/account/factors/add", {"name": "Laptop", "credential": Device().made(options)}).status == 200
    assert [factor.name for factor in factors_of(account_of("ana.family"))] == ["Laptop"]


def test_nothing_is_added_twice_by_one_form_sent_twice(door: School) -> None:
    browser = Browser("ana", host=HOST)
    key = key_shown(browser.open("/account/factors/add"))
    browser.post("/account/factors/add", {"name": "Phone", "code": digits(secret=key)})
    browser.post("/account/factors/add", {"name": "Phone", "code": digits(1, secret=key)})
    assert kept(door, APPS) == 1


@pytest.mark.parametrize("path", ["/account/factors/add", "/account/factors/codes", "one"])
def test_after_ten_minutes_each_change_asks_again_who_it_is(door: School, path: str) -> None:
    with_app("ana.family")
    door.change("UPDATE session SET ended_at = NULL, proven_at = now() - interval '11 minutes'")
    if path == "one":
        path = f"/account/factors/{factors_of(account_of('ana.family'))[0].uuid}"
    page = Browser("ana", host=HOST).post(path, {"remove": "yes", "code": digits()})
    assert page.status == 307 and page.headers["Location"].startswith("/sign-in/again?")
    assert len(factors_of(account_of("ana.family"))) == 1 and told(door, "ana.family") == ["app added"]


@pytest.mark.parametrize("path", ["/account/factors", "/account/factors/add"])
def test_a_visitor_who_is_not_signed_in_must_sign_in_first(door: School, path: str) -> None:
    assert Browser().open(path).headers["Location"].startswith("/sign-in?next=%2Faccount%2Ffactors")


def test_dees_factor_is_not_there_for_ana(door: School) -> None:
    with_app("dee.family")
    path = f"/account/factors/{factors_of(account_of('dee.family'))[0].uuid}"
    assert Browser("ana", host=HOST).open(path).status == 404
    assert Browser("ana", host=HOST).post(path, {"remove": "yes"}).status == 404
    assert len(factors_of(account_of("dee.family"))) == 1


def test_ana_renames_her_app_and_removes_it_with_its_codes(door: School) -> None:
    with_app("ana.family")
    codes = with_codes("ana.family")
    door.change("UPDATE session SET ended_at = NULL")
    browser = Browser("ana", host=HOST)
    path = f"/account/factors/{factors_of(account_of('ana.family'))[0].uuid}"
    browser.post(path, {"name": "Old phone"})
    assert "Old phone" in browser.open("/account/factors").words
    assert browser.post(path, {"remove": "yes"}).status == 302
    assert factors_of(account_of("ana.family")) == [] and not is_used_up(account_of("ana.family"), codes[0])
    assert told(door, "ana.family") == ["app added", "recovery codes made", "app removed"] and len(sessions(door, "ana.family")) == 1
    assert browser.open("/account/factors").status == 200


def test_bo_who_teaches_cannot_remove_his_last_factor(door: School) -> None:
    with_app("bo.staff")
    door.change("UPDATE session SET ended_at = NULL")
    browser = Browser("bo", "staff", host=HOST)
    page = browser.post(f"/account/factors/{factors_of(account_of('bo.staff'))[0].uuid}", {"remove": "yes"})
    assert page.status == 409 and LAST in page.words and len(factors_of(account_of("bo.staff"))) == 1
    assert told(door, "bo.staff") == ["app added"] and len(sessions(door, "bo.staff")) == 1


def test_bo_keeps_one_of_two_factors_removed_at_the_same_time(door: School) -> None:
    with_app("bo.staff")
    with_passkey("bo.staff")
    bo = account_of("bo.staff")
    both = [factor.uuid for factor in factors_of(bo)]
    remove = "SELECT remove_factor(%s, %s, %s)"
    with door.connect("door") as first, door.connect("door") as second:
        assert first.execute(remove, [bo.uuid, both[0], enrolling(bo)]).fetchone() == (True,)
        second.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            second.execute(remove, [bo.uuid, both[1], KEY])
        second.rollback()
        first.commit()
        assert second.execute(remove, [bo.uuid, both[1], KEY]).fetchone() == (False,)
    assert len(factors_of(bo)) == 1


def test_the_door_removes_no_passkey_of_another_account(door: School) -> None:
    with_passkey("dee.family")
    (dees,) = factors_of(account_of("dee.family"))
    with door.connect("door", autocommit=True) as login:
        login.execute("SELECT remove_factor(%s, %s, %s)", [account_of("ana.family").uuid, dees.uuid, enrolling(account_of("ana.family"))])
    assert factors_of(account_of("dee.family")) == [dees]


def test_new_codes_take_the_place_of_the_old(door: School) -> None:
    with_app("ana.family")
    old = with_codes("ana.family")
    door.change("UPDATE session SET ended_at = NULL")
    new = codes_on(Browser("ana", host=HOST).post("/account/factors/codes", {}))
    assert len(new) == 10 and not is_used_up(account_of("ana.family"), old[0]) and is_used_up(account_of("ana.family"), new[0])
    assert told(door, "ana.family") == ["app added", "recovery codes made", "recovery codes made", "recovery code used"]


def test_a_session_that_ended_meanwhile_changes_nothing(door: School) -> None:
    browser = Browser("ana", host=HOST)
    key = key_shown(browser.open("/account/factors/add"))
    door.change("UPDATE session SET ended_at = now()")
    assert browser.post("/account/factors/add", {"name": "Phone", "code": digits(secret=key)}).status == 302
    assert kept(door, APPS) == 0


def at_enrolment(name: str) -> Browser:
    """Returns the browser of a person whose printed code was right."""
    browser, answer = Browser(host=HOST), HttpResponse()
    begin_step(answer, "enrol", account_of(name), {"next": "/classes"})
    browser.client.cookies[cookie_of("enrol")] = answer.cookies[cookie_of("enrol")].value
    return browser


def test_bo_adds_his_first_factor_and_is_in(door: School) -> None:
    door.change("UPDATE session SET ended_at = now()")
    browser = at_enrolment("bo.staff")
    page = browser.open("/sign-in/enrol")
    assert page.status == 200 and settings.SESSION_COOKIE not in browser.client.cookies
    shown = browser.post("/sign-in/enrol", {"name": "Phone", "code": digits(secret=key_shown(page))})
    assert len(codes_on(shown)) == 10 and 'href="/classes"' in shown.text
    assert sessions(door, "bo.staff") == [("code", True)] and told(door, "bo.staff") == ["app added", "recovery codes made"]
    assert browser.post("/sign-in/enrol", {"name": "Phone", "code": digits()}).headers["Location"] == "/sign-in"


def test_no_one_enrolls_without_a_code(door: School) -> None:
    assert Browser().open("/sign-in/enrol").headers["Location"] == "/sign-in"
    assert Browser().post("/sign-in/enrol", {"code": digits()}).headers["Location"] == "/sign-in"


def test_a_nul_in_the_name_of_a_factor_is_dropped(door: School) -> None:
    with_app("ana.family")
    door.change("UPDATE session SET ended_at = NULL")
    path = f"/account/factors/{factors_of(account_of('ana.family'))[0].uuid}"
    Browser("ana", host=HOST).post(path, {"name": "My\x00 phone"})
    assert [factor.name for factor in factors_of(account_of("ana.family"))] == ["My phone"]
