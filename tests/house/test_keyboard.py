"""Keyboard only (WCAG 2.1.1, 2.1.2, 2.4.3, 2.4.7, 2.4.11): Tab reaches every control in reading order, focus is visible, and nothing traps it."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from homeroom.portal.membership.tests.acting import appoint, newest, propose
from tests import page_faults
from tests.house.door_pages import PAGES, at_the_door, step_into
from tests.house.test_pages import browser, context_of, launch, pages_of
from tests.live import serving
from tests.school import School

__all__ = ["browser", "launch"]  # fixtures
SIZES = page_faults.SIZES | {"400 %": page_faults.NARROWEST}
# A field with autofocus has the focus after the page was drawn.
DRAWN_ONCE = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
PARTS = 3  # further stops within a date: its month, day and year, and the button of its calendar
PARTS_WITH_TIME = 6  # also hour, minute, and morning or afternoon
# Numbers everything that can be reached, in the order of the text. A group of radio buttons of one form is one stop.
NUMBERED = """() => { const groups = new Set(), group = e => [...document.forms].indexOf(e.form) + e.name;
    const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(e =>
        e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true})
        && !(e.type === 'radio' && (groups.has(group(e)) || !groups.add(group(e)))));
    all.forEach((e, n) => e.dataset.stop = n);
    document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex');  // Tab begins here, also after an autofocus
    document.activeElement.blur(); scrollTo(0, 0);
    return all.map(e => e.outerHTML.slice(0, 120)) }"""
# The style of an element. A link that is a whole card is drawn around the card, by its ::after.
DRAWN = """e => [null, '::after'].map(part => getComputedStyle(e, part)).map(s =>
    [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.backgroundColor, s.textDecorationLine].join()).join()"""
# The focused element: its stop, its style, whether it is on the screen and not covered, and its place.
HERE = """() => { const e = document.activeElement; if (!e || e === document.body) return null;
    const group = e.type === 'radio' ? (e.form || document).querySelector(`input[type=radio][name="${e.name}"][data-stop]`) : null;
    const drawn = DRAWN;
    const focused = drawn(e), at = e.getBoundingClientRect(), y = Math.min(Math.max((at.top + at.bottom) / 2, 1), innerHeight - 1);
    const top = document.elementFromPoint(Math.min(Math.max(at.left + at.width / 2, 1), innerWidth - 1), y);
    const stop = (group || e).dataset.stop;
    const shown = {stop: stop === undefined ? null : +stop, what: e.outerHTML.slice(0, 120), focused,
                   is_seen: at.bottom > 0 && at.top < innerHeight && !!top && (e.contains(top) || top.contains(e) || !!top.closest('label')),
                   top: at.top + scrollY, bottom: at.bottom + scrollY};
    return shown }"""
PLAIN = """() => { const drawn = DRAWN;
    document.activeElement.blur();
    return Object.fromEntries([...document.querySelectorAll('[data-stop]')].map(e => [e.dataset.stop, drawn(e)])) }"""


def walked(page: Page, is_column: bool) -> list[str]:
    """Returns what is wrong for someone who has no mouse."""
    page.evaluate(DRAWN_ONCE)
    stops: list[str] = page.evaluate(NUMBERED)
    been: list[dict[str, Any]] = []
    parts = PARTS * page.locator("input[type=date]").count() + PARTS_WITH_TIME * page.locator("input[type=datetime-local]").count()
    for _press in range(len(stops) + parts + 3):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE.replace("DRAWN", DRAWN))
        if here is None or (been and here["stop"] == been[0]["stop"]):
            break
        if not (been and 'type="date' in here["what"] and here["stop"] == been[-1]["stop"]):
            been.append(here)
    order, plain = [here["stop"] for here in been], page.evaluate(PLAIN.replace("DRAWN", DRAWN))
    wrong = [f"no stop of the list: {here['what']}" for here in been if here["stop"] is None]
    if order != list(range(len(stops))):
        wrong.append(f"not in reading order, or not all: {order} of {len(stops)}; missed {[stops[n] for n in range(len(stops)) if n not in order][:3]}")
    wrong += [f"focus is not drawn: {here['what']}" for here in been if here["focused"] == plain.get(str(here["stop"]))]
    wrong += [f"out of sight: {here['what']}" for here in been if not here["is_seen"]]
    if is_column:
        wrong += [f"jumps up to: {after['what']}" for before, after in pairwise(been) if after["bottom"] < before["top"] - 1]
    return wrong


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("hat", ["administrator", "substitute", "board second", "family"])
def test_every_page_is_walked_by_tab(school: School, browser: Chromium, hat: str, size: str) -> None:
    found = {}
    with serving() as address, context_of(browser, address, hat, SIZES[size], "light") as context:
        page = context.new_page()
        for path in pages_of(school, hat):
            page.goto(address + path)
            found[path] = walked(page, is_column=size != "desk")
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_the_door_is_walked_by_tab(own_school: School, browser: Chromium, size: str) -> None:
    found = {}
    with at_the_door(own_school) as address:
        for who, (hat, paths) in PAGES.items():
            with context_of(browser, address, hat, SIZES[size], "light") as context:
                page = context.new_page()
                for path in paths:
                    step_into(context, address, who)
                    page.goto(address + path)
                    found[f"{who}: {path}"] = walked(page, is_column=size != "desk")
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_the_walk_would_see_what_is_wrong(browser: Chromium) -> None:
    """The control: no visible focus, an order other than that of the text, and a field that traps the focus."""
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.set_content("<button style='outline:none'>a</button><button tabindex='5'>b</button><button>c</button>")
    assert {words.split(":")[0] for words in walked(page, is_column=True)} == {"focus is not drawn", "not in reading order, or not all"}
    page.set_content("<input id=i aria-label=i><button>c</button><script>i.onkeydown = e => e.preventDefault()</script>")
    assert any("missed" in words for words in walked(page, is_column=True))
    page.close()


def press_to(page: Page, name: str) -> None:
    """Presses Tab until the element with this label or these words is focused."""
    for _press in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("name => { const e = document.activeElement; return (e.labels?.[0]?.innerText || e.innerText || '').trim().startsWith(name) }", name):
            return
    raise AssertionError(f"no Tab leads to {name}")


def test_dee_signs_in_reads_her_sessions_and_signs_out_by_keys(own_school: School, browser: Chromium) -> None:
    with at_the_door(own_school) as address, context_of(browser, address, "", SIZES["desk"], "light") as context:
        page = context.new_page()
        page.goto(f"{address}/sign-in?next=/account")
        page.keyboard.type("dee.family")  # the first field has the focus
        press_to(page, "Password")
        page.keyboard.type("correct horse harbor staple")
        press_to(page, "This is my own device")
        page.keyboard.press("Space")
        press_to(page, "Sign in")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/account")
        press_to(page, "Sign out")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/account/sign-out")
        page.wait_for_function("document.activeElement.tagName === 'BUTTON'")
        page.keyboard.press("Space")
        page.get_by_role("heading", name="You are signed out").wait_for()


def test_vera_confirms_by_keys(own_school: School, browser: Chromium) -> None:
    propose(own_school, "carl", "bo")
    with serving() as address, context_of(browser, address, "board second", SIZES["phone"], "light") as context:
        page = context.new_page()
        page.goto(f"{address}/office/two-people")
        press_to(page, "Confirm: Make Bo Larsen")
        page.keyboard.press("Enter")
        page.wait_for_url("**then=confirmed")
    assert newest(own_school)[1] == "confirmed"


def test_carl_ends_an_office_by_keys(own_school: School, browser: Chromium) -> None:
    """A folded part can be reached after Space opens it. On a phone, the menu opens first."""
    appoint(own_school, "pat", "dana")
    with serving() as address, context_of(browser, address, "administrator", SIZES["phone"], "light") as context:
        page = context.new_page()
        page.goto(f"{address}/imports")
        press_to(page, "Menu")
        page.keyboard.press("Enter")
        press_to(page, "Second approvals")
        page.keyboard.press("Enter")
        page.wait_for_url("**/office/two-people")
        press_to(page, "Administrators")
        page.keyboard.press("Enter")
        page.wait_for_url("**/office/administrators")
        press_to(page, "End")
        page.keyboard.press("Space")
        press_to(page, "Why")
        page.keyboard.type("She retires.")
        press_to(page, "Remove ")
        page.keyboard.press("Space")
        page.wait_for_url("**then=ended")
