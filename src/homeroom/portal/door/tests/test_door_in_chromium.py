"""The door in a real browser: passkeys of a virtual authenticator, axe on each page, phone and desktop, light and dark, 320 px."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import override_settings
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page

from homeroom.portal.door.steps import begin_step, cookie_of
from homeroom.portal.door.tests.with_factors import PASSWORD, account_of, digits, with_app, with_codes
from tests.cast import token
from tests.live import chromium, serving
from tests.page_faults import faults_in_any_form
from tests.school import School

DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as launch:
        yield launch()


@pytest.fixture
def address(door: School) -> Iterator[str]:
    """Serves the door at a host name, because a browser makes no passkey for an IP address."""
    with serving() as served:
        port = int(urlsplit(served).port or 0)
        with override_settings(PLACE=replace(settings.PLACE, host="localhost", port=port)):
            yield f"http://localhost:{port}"


@contextmanager
def context_of(browser: Chromium, address: str, person: str = "", side: str = "family") -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    if person:
        context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token(person, side), "url": address}])
    try:
        yield context
    finally:
        context.close()


def with_device(context: BrowserContext, page: Page) -> None:
    """Adds a passkey device to the browser."""
    line = context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    line.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def test_ana_adds_a_passkey_and_signs_in_with_it_alone(door: School, browser: Chromium, address: str) -> None:
    with context_of(browser, address, "ana") as context:
        page = context.new_page()
        with_device(context, page)
        page.goto(f"{address}/account/factors/add")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_role("heading", name="Your recovery codes").wait_for()
        page.get_by_role("link", name="I saved them. Continue").click()
        page.get_by_role("heading", name="Sign-in methods").wait_for()
        context.clear_cookies()
        page.goto(f"{address}/sign-in")
        page.get_by_role("link", name="Sign in with a passkey").click()
        page.get_by_role("button", name="Use my passkey").press("Enter")
        page.wait_for_url(f"{address}/")
        page.goto(f"{address}/account")
        assert "ana.family" in page.inner_text("main")


def test_after_her_password_a_passkey_is_anas_second_step(door: School, browser: Chromium, address: str) -> None:
    with context_of(browser, address, "ana") as context:
        page = context.new_page()
        with_device(context, page)
        page.goto(f"{address}/account/factors/add")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_role("heading", name="Your recovery codes").wait_for()
        context.clear_cookies()
        page.goto(f"{address}/sign-in")
        page.get_by_label("Email or username").fill("ana.family")
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.get_by_role("button", name="Use a passkey or security key").press("Enter")
        page.wait_for_url(f"{address}/")


def test_the_passkey_page_says_when_no_device_answers_and_keeps_the_other_ways(door: School, browser: Chromium, address: str) -> None:
    with context_of(browser, address) as context:
        page = context.new_page()
        with_device(context, page)
        page.goto(f"{address}/sign-in/passkey")
        page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('cancelled')) }")
        page.get_by_role("button", name="Use my passkey").click()
        page.get_by_text("The passkey wasn’t used.").wait_for()
        assert page.locator('main a[href="/sign-in"]').is_visible()


def test_the_pages_of_signing_in_have_no_fault(door: School, browser: Chromium, address: str) -> None:
    with_app("dee.family")
    with_codes("dee.family")
    found: dict[str, list[str]] = {}
    with context_of(browser, address) as context:
        page = context.new_page()
        page.goto(f"{address}/sign-in/passkey")
        found["passkey"] = faults_in_any_form(page)
        page.goto(f"{address}/sign-in")
        page.get_by_label("Email or username").fill("dee.family")
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.get_by_role("heading", name="One more step").wait_for()
        page.locator("summary").click()
        found["second"] = faults_in_any_form(page)
        page.get_by_label("Six digits from your app").fill("000000")
        page.get_by_label("Six digits from your app").press("Enter")
        page.get_by_text("This didn’t match").wait_for()
        found["refused"] = faults_in_any_form(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_pages_of_factors_have_no_fault(door: School, browser: Chromium, address: str) -> None:
    found: dict[str, list[str]] = {}
    with context_of(browser, address) as context:
        page, answer = context.new_page(), HttpResponse()
        begin_step(answer, "enrol", account_of("bo.staff"), {"next": ""})
        context.add_cookies([{"name": cookie_of("enrol"), "value": answer.cookies[cookie_of("enrol")].value, "url": address}])
        page.goto(f"{address}/sign-in/enrol")
        found["enrol"] = faults_in_any_form(page)
        page.get_by_label("Six digits from the app").fill(digits(secret=page.locator("code").inner_text().replace(" ", "")))
        page.get_by_role("button", name="Add this app").click()
        page.get_by_role("heading", name="Your recovery codes").wait_for()
        found["codes"] = faults_in_any_form(page)
        page.goto(f"{address}/account/factors")
        found["list"] = faults_in_any_form(page)
        page.get_by_role("link", name="Authenticator app").click()
        page.get_by_role("button", name="Remove it").wait_for()
        found["one"] = faults_in_any_form(page)
        page.get_by_role("button", name="Remove it").click()
        page.get_by_text("at least one sign-in method").wait_for()
        found["kept"] = faults_in_any_form(page)
        for path in ("factors/add", "password"):
            page.goto(f"{address}/account/{path}")
            found[path] = faults_in_any_form(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_dee_shows_the_password_as_she_types_it(door: School, browser: Chromium, address: str) -> None:
    with context_of(browser, address) as context:
        page = context.new_page()
        page.goto(f"{address}/sign-in")
        page.locator("#password").fill(PASSWORD)
        page.get_by_label("Show password").check()
        assert page.locator("#password").get_attribute("type") == "text"
        assert faults_in_any_form(page) == []
        page.get_by_label("Show password").uncheck()
        assert page.locator("#password").get_attribute("type") == "password"


def test_no_show_password_box_is_visible_without_a_script(door: School, browser: Chromium, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    assert page.locator("[data-shows]").count() == 1 and not page.locator("[data-shows]").is_visible()
    context.close()
