"""A family without a second factor is offered one after signing in: one page, "Not now" goes on, and no one is asked again for 90 days."""

from urllib.parse import quote

import pytest

from homeroom.portal.door.tests.with_factors import HOST, PASSWORD, digits, with_app
from tests.browser import Browser
from tests.school import School

OLD = "UPDATE account SET created_at = now() - interval '8 days'"
OFFER = "/account/factors/add?next="


def signed_in(name: str, after: str = "") -> tuple[Browser, str]:
    browser = Browser(host=HOST)
    page = browser.post("/sign-in", {"sign_in_name": name, "password": PASSWORD, "next": after})
    assert page.status == 302
    return browser, page.headers["Location"]


def test_ana_is_offered_a_passkey_and_goes_on_to_her_page(door: School) -> None:
    door.change(OLD)
    browser, location = signed_in("ana.family", "/children/x?day=2")
    assert location == OFFER + quote("/children/x?day=2", safe="")
    page = browser.open(location)
    assert 'data-said="factor offered"' in page.text and 'href="/children/x?day=2"' in page.text and "Add a passkey" in page.words
    assert signed_in("ana.family")[1] == "/"


@pytest.mark.parametrize(("days", "is_offered"), [(89, False), (91, True)])
def test_the_next_offer_comes_after_ninety_days(door: School, days: int, *, is_offered: bool) -> None:
    door.change(OLD)
    door.change(f"UPDATE account SET factor_offered_at = now() - interval '{days} days'")
    assert signed_in("ana.family")[1] == (OFFER + "%2F" if is_offered else "/")


def test_no_one_is_asked_in_the_first_week(door: School) -> None:
    door.change("UPDATE account SET created_at = now() - interval '6 days'")
    assert signed_in("ana.family")[1] == "/"


def test_a_student_is_not_asked(door: School) -> None:
    door.change(OLD)
    assert signed_in("nina.student")[1] == "/"


def test_a_family_that_has_a_factor_is_not_asked(door: School) -> None:
    door.change(OLD)
    with_app("ana.family")
    assert signed_in("ana.family")[1] == "/sign-in/second"


def test_adding_a_factor_leads_to_the_codes_and_then_on(door: School) -> None:
    door.change(OLD)
    browser, location = signed_in("ana.family", "/children/x")
    key = "".join(browser.open(location).find("code")[0].itertext()).replace(" ", "")
    wrong = browser.post("/account/factors/add", {"name": "App", "code": "000000"})
    assert wrong.status == 403 and 'href="/children/x"' in wrong.text
    page = browser.post("/account/factors/add", {"name": "App", "code": digits(secret=key)})
    assert page.status == 200 and 'href="/children/x"' in page.text


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/sign-in"])
def test_not_now_leads_nowhere_else(door: School, after: str) -> None:
    browser, _ = signed_in("ana.family")
    page = browser.open(OFFER + quote(after, safe=""))
    assert page.status == 200 and f'href="{after}"' not in page.text and "factor offered" not in page.text


def test_only_its_own_session_says_that_an_account_was_offered_one(door: School) -> None:
    door.change(OLD)
    with door.connect("door") as login:
        login.execute("SELECT factor_offered('no session')")
    assert signed_in("ana.family")[1] != "/"
