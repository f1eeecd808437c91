"""After someone signs out, the Back button shows nothing private. The tests use a real Chromium with its back-forward cache on."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.cast import token
from tests.house.test_doors import DOOR
from tests.live import chromium, serving
from tests.school import School, pointed_at


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as launch:
        yield launch(without=("--disable-back-forward-cache",))


def page_of(browser: Chromium, address: str, person: str, side: str) -> Page:
    context = browser.new_context()
    context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token(person, side), "url": address}])
    return context.new_page()


def test_the_account_page_is_not_there_after_signing_out(own_school: School, browser: Chromium) -> None:
    with pointed_at(own_school.server, "door", own_school.database), override_settings(ROOT_URLCONF=DOOR), serving() as address:
        page = page_of(browser, address, "ana", "family")
        page.goto(f"{address}/account")
        assert "ana.family" in page.inner_text("main")
        page.get_by_role("button", name="Sign out").first.click()
        page.get_by_role("heading", name="You are signed out").wait_for()
        page.go_back()
        page.get_by_role("heading", name="Sign in").wait_for()
        assert "ana.family" not in page.content()
        page.context.close()


def test_a_childs_page_is_not_there_after_signing_out_in_another_tab(own_school: School, browser: Chromium) -> None:
    """Neither the back-forward cache nor the browser's own has it. Cookies ignore ports, so web and door may have one each."""
    with serving() as web:
        page = page_of(browser, web, "ana", "family")
        page.goto(f"{web}/children/{own_school.uuid('nina')}")
        assert "Nina" in page.inner_text("main")
        page.goto(f"{web}/no/such/page")
        with pointed_at(own_school.server, "door", own_school.database), override_settings(ROOT_URLCONF=DOOR), serving() as door:
            other = page.context.new_page()
            other.goto(f"{door}/account")
            other.get_by_role("button", name="Sign out").first.click()
            other.get_by_role("heading", name="You are signed out").wait_for()
        page.go_back(wait_until="commit")
        page.wait_for_url("**/sign-in?next=**", wait_until="commit", timeout=60_000)
        assert "Nina" not in page.content()
        page.context.close()


def test_a_page_that_may_be_kept_is_there(browser: Chromium) -> None:
    """The control: this browser does go back to what it kept, although no server answers any more."""
    page = browser.new_page()
    with serving() as address:
        page.goto(address + settings.STATIC_URL + "house.svg")
        page.goto(f"{address}/sign-in")
    page.go_back(wait_until="commit")
    assert "house.svg" in page.url and "<svg" in page.content()
    page.close()
