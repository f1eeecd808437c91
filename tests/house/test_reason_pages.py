"""Attendance whose codes have no meaning yet, in a real browser: the imports page, the codes with their guesses, Nina's days on a weekend too."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser as Chromium

from homeroom.portal.attendance.tests.speaking import PLACE, mark, today
from tests.house.test_pages import IS_CUT, SCHEMES, SIZES, context_of, wrong_with
from tests.live import chromium, serving
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
    """By who opens them."""
    weekend = (today() - timedelta(7)).weekday() - 5
    for n, (status, code) in enumerate([("absent", "ILL"), ("absent", "UNX"), ("tardy", "APT"), ("FLD", ""), ("LE", "zq9 with a longer name of a reason")]):
        mark(own_school, "nina", status, code, days=n + 3)
    mark(own_school, "nina", "absent", "ILL", days=7 + weekend)  # a Saturday
    child = f"/children/{own_school.uuid('nina')}"
    return {"administrator": ["/imports", PLACE, f"{PLACE}?then=guesses"], "family": ["/", child, f"{child}/attendance"]}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_every_page_about_a_reason(pages: dict[str, list[str]], browser: Chromium, size: str, scheme: str) -> None:
    found: dict[str, list[str]] = {}
    with serving() as address:
        for who, paths in pages.items():
            with context_of(browser, address, who, SIZES[size], scheme) as context:
                page = context.new_page()
                for path in paths:
                    answer = page.goto(address + path)
                    assert answer is not None and answer.status == 200, path
                    found[path] = wrong_with(page, address)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_nothing_of_it_is_cut_on_the_narrowest_phone(pages: dict[str, list[str]], browser: Chromium) -> None:
    cut = []
    with serving() as address:
        for who, paths in pages.items():
            with context_of(browser, address, who, (320, 700), "light") as context:
                page = context.new_page()
                cut += [path for path in paths if page.goto(address + path) and page.evaluate(IS_CUT)]
    assert cut == []
