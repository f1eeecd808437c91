"""Every page of the door in a real browser, narrow and wide, light and dark: axe finds nothing, nothing is cut, and the list has every page."""

from playwright.sync_api import Browser as Chromium

from tests.house.door_pages import PAGES, at_the_door, step_into
from tests.house.test_doors import DOOR, doors_of
from tests.house.test_pages import browser, context_of, launch
from tests.page_faults import SIZES, faults_in_any_form
from tests.school import School

__all__ = ["browser", "launch"]  # fixtures
SENT = {"/account/news/stop-reset", "/account/sessions/end", "/account/sessions/end-others", "/account/factors/codes"}  # only forms go there
LED = {"/sign-in/other-side"}  # the sign-in page, filled in
SUPPORTERS = "/support/"  # homeroom/portal/support/tests/test_support_in_chromium.py tests these pages


def test_the_list_has_every_page_of_the_door() -> None:
    opened = {path for _hat, paths in PAGES.values() for path in paths}
    routes = {f"/{door.route}".replace("<uuid:factor>", "") for door in doors_of(DOOR)} - SENT - LED
    routes = {route for route in routes if not route.startswith(SUPPORTERS)}
    assert {route for route in routes if not any(path == route or (route.endswith("/") and path.startswith(route)) for path in opened)} == set()


def test_no_page_of_the_door_has_a_fault(own_school: School, browser: Chromium) -> None:
    found: dict[str, list[str]] = {}
    with at_the_door(own_school) as address:
        for who, (hat, paths) in PAGES.items():
            with context_of(browser, address, hat, SIZES["phone"], "light") as context:
                page = context.new_page()
                for path in paths:
                    step_into(context, address, who)
                    page.goto(address + path)
                    found[f"{who}: {path}"] = faults_in_any_form(page) + ([] if page.url.endswith(path) else [f"led to {page.url}"])
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
