"""Support in a real browser: a passkey is made with a code and signs in while a grant runs.
axe checks each page on phone and desktop, in light and dark, at 320 px."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser as Chromium

from homeroom.portal.door.tests.test_door_in_chromium import context_of, with_device
from homeroom.portal.door.tests.test_support import supporter
from homeroom.portal.letters import code
from homeroom.portal.membership.tests.acting import appoint
from homeroom.portal.support.tests.supported import TOKEN, add, grant, propose, sign_in
from tests.live import chromium, serving
from tests.page_faults import faults_in_any_form
from tests.school import School, pointed_at


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with chromium() as launch:
        yield launch()


@contextmanager
def served(school: School, login: str) -> Iterator[str]:
    """Serves the pages of that login's process, by host name. A browser makes no passkey for an IP address."""
    urls = "homeroom.portal.door.urls" if login == "door" else "homeroom.portal.urls"
    with pointed_at(school.server, login, school.database), override_settings(ROOT_URLCONF=urls), serving() as address:
        port = int(urlsplit(address).port or 0)
        with override_settings(PLACE=replace(settings.PLACE, host="localhost", port=port)):
            yield f"http://localhost:{port}"


def test_sol_makes_a_passkey_by_a_code_and_signs_in_while_a_grant_runs(own_school: School, browser: Chromium) -> None:
    appoint(own_school, "pat")
    made, found = code.new_code(), dict[str, list[str]]()
    own_school.change("SELECT add_supporter('Sol Park', %s)", code.digest(made))
    with served(own_school, "door") as address, context_of(browser, address) as context:
        page = context.new_page()
        with_device(context, page)
        page.goto(f"{address}/support/register")
        found["code"] = faults_in_any_form(page)
        page.get_by_label("Code").fill("7KQFM 3WT9R")
        page.get_by_label("Code").press("Enter")
        page.get_by_text("A character is missing or wrong").wait_for()
        found["mistyped"] = faults_in_any_form(page)
        page.get_by_label("Code").fill(code.grouped(made).lower())
        page.get_by_label("Code").press("Enter")
        page.get_by_role("heading", name="Make your passkey").wait_for()
        found["make"] = faults_in_any_form(page)
        page.get_by_role("button", name="Make a passkey").press("Enter")
        page.get_by_text("Your passkey is registered.").wait_for()
        found["sign in"] = faults_in_any_form(page)
        page.get_by_role("button", name="Use my passkey").press("Enter")
        page.get_by_text("This passkey doesn’t work now.").wait_for()
        found["refused"] = faults_in_any_form(page)
        grant(own_school, "nina", supporter=supporter(own_school))
        page.goto(f"{address}/support/sign-in")
        page.get_by_role("button", name="Use my passkey").press("Enter")
        page.wait_for_url(f"{address}/support")
        assert [cookie["path"] for cookie in context.cookies() if cookie["name"] == settings.SUPPORT_COOKIE] == ["/support"]
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_pages_of_support_and_of_the_office_have_no_fault(own_school: School, browser: Chromium) -> None:
    appoint(own_school, "pat")
    sol, found = add(own_school), dict[str, list[str]]()
    grant(own_school, "nina", "max", supporter=sol)
    sign_in(own_school)
    kim = add(own_school, "Kim Vo", b"kim")
    propose(own_school, kim, "nina", "leo")
    with served(own_school, "app") as address:
        with context_of(browser, address) as context:
            context.add_cookies([{"name": settings.SUPPORT_COOKIE, "value": TOKEN, "url": f"{address}/support"}])
            page = context.new_page()
            for path in ("/support", "/support/students/1", "/support/students/2"):
                page.goto(address + path)
                assert "Sol Park, support" in page.inner_text("main"), path
                found[path] = faults_in_any_form(page)
        with context_of(browser, address, "carl", "staff") as context:
            page = context.new_page()
            for path in ("/office/support", f"/office/support/new/{kim}?student={own_school.uuid('nina')}", "/office/two-people"):
                page.goto(address + path)
                found[path] = faults_in_any_form(page)
                if page.get_by_role("button", name="Find").count():
                    page.get_by_label("The start of the name").fill("ma")
                    page.get_by_role("button", name="Find").press("Enter")
                    page.get_by_role("link", name="Max Moss").wait_for()
                    found["found"] = faults_in_any_form(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
