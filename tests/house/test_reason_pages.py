"""Attendance codes that have no meaning yet, in a real browser: the imports page, the codes with their guesses, and Nina's days, with a weekend."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser as Chromium

from homeroom.portal.attendance.tests.speaking import PLACE, mark, today
from tests.house.test_pages import context_of
from tests.live import chromium, serving
from tests.page_faults import SIZES, faults_in_any_form
from tests.school import School


@pytest.fixture(scope="module")
def launch() -> Iterator[Callable[..., Chromium]]:
    with chromium() as starter:
        yield starter


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Chromium]) -> Chromium:
    return launch()


@pytest.fixture
def pages(own_school: School) -> dict[str, list[str]]:
    """Returns the pages by who opens them."""
    weekend = (today() - timedelta(7)).weekday() - 5
    for n, (status, code) in enumerate([("absent", "ILL"), ("absent", "UNX"), ("tardy", "APT"), ("FLD", ""), ("LE", "zq9 with a longer name of a reason")]):
        mark(own_school, "nina", status, code, days=n + 3)
    mark(own_school, "nina", "absent", "ILL", days=7 + weekend)  # a Saturday
    child = f"/children/{own_school.uuid('nina')}"
    return {"administrator": ["/imports", PLACE, f"{PLACE}?then=guesses"], "family": ["/", child, f"{child}/attendance"]}


def test_every_page_about_a_reason(pages: dict[str, list[str]], browser: Chromium) -> None:
    found: dict[str, list[str]] = {}
    with serving() as address:
        for who, paths in pages.items():
            with context_of(browser, address, who, SIZES["phone"], "light") as context:
                page = context.new_page()
                for path in paths:
                    answer = page.goto(address + path)
                    assert answer is not None and answer.status == 200, path
                    found[path] = faults_in_any_form(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
