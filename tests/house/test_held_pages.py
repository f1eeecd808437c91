"""A file on hold in a real browser: its page, what it would change, and one of its people. test_pages has no file that waits."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser as Chromium

from homeroom.portal.intake.tests.test_decision_pages import held as held
from tests.house.test_pages import context_of
from tests.live import chromium, serving
from tests.page_faults import SIZES, faults_in_any_form
from tests.school import School

# Links of lists and tables that are too small for a finger.
SMALL = """() => [...document.querySelectorAll("main :is(li, td, th, dd, .row-main) > a")].filter(a => a.checkVisibility())
    .filter(a => a.getBoundingClientRect().height < 24 || a.getBoundingClientRect().width < 24).map(a => `small: ${a.innerText}`)"""


@pytest.fixture(scope="module")
def launch() -> Iterator[Callable[..., Chromium]]:
    with chromium() as starter:
        yield starter


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Chromium]) -> Chromium:
    return launch()


def pages_of(held: int, own_school: School) -> list[str]:
    with own_school.connect("owner") as owner:
        ((nina,),) = owner.execute("SELECT uuid FROM change WHERE delivery_id = %s AND name = 'Nina Ruiz'", [held]).fetchall()
    return [f"/imports/{held}", f"/imports/{held}/changes", f"/imports/{held}/changes/{nina}", f"/imports/{held}/changes?which=odd"]


def test_every_page_of_a_held_file(own_school: School, held: int, browser: Chromium) -> None:
    found: dict[str, list[str]] = {}
    with serving() as address, context_of(browser, address, "administrator", SIZES["phone"], "light") as context:
        page = context.new_page()
        for path in pages_of(held, own_school):
            answer = page.goto(address + path)
            assert answer is not None and answer.status == 200, path
            found[path] = faults_in_any_form(page) + page.evaluate(SMALL)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
