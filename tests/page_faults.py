"""Finds what is wrong with a page in a real browser: by axe's rules, and what is cut off, at each size, light and dark."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

SIZES = {"phone": (390, 844), "desk": (1280, 900)}
NARROWEST = (320, 256)  # WCAG 1.4.10: a screen of 1280 by 1024 at 400 %
SCHEMES = ("light", "dark")
ARROW = 16  # pixels that a list keeps for its own arrow
# The selected choice of a list, as the page opens. An open list shows its other choices in full.
CUT_CHOICES = """arrow => { const pen = document.createElement('canvas').getContext('2d');
    return [...document.querySelectorAll('select')].filter(each => each.checkVisibility()).flatMap(each => {
        const look = getComputedStyle(each), room = each.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight) - arrow;
        pen.font = look.font;
        return [...each.selectedOptions].map(option => option.label).filter(words => pen.measureText(words).width > room); }) }"""
WIDEST = """() => { const edge = document.documentElement.clientWidth;
    return document.documentElement.scrollWidth <= edge ? null : [...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().right > edge + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(' | ') }"""


def faults(page: Page, *rules: str) -> list[str]:
    """Returns faults of the page as it is shown. `rules` are axe's rules. Without any, all apply."""
    if not page.evaluate("'axe' in window"):  # Axe.run() would load its 500 KB for each form of a page
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"]} | ({"runOnly": [*rules]} if rules else {})
    found = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in page.evaluate("options => axe.run(options)", options)["violations"]]
    return [*found, *cut(page), *(f"a choice is cut off: {words}" for words in page.evaluate(CUT_CHOICES, ARROW))]


def cut(page: Page) -> list[str]:
    """Returns what makes a page scroll sideways (WCAG 1.4.10)."""
    return [f"scrolls sideways: {widest}"] if (widest := page.evaluate(WIDEST)) is not None else []


def faults_in_any_form(page: Page) -> list[str]:
    """Returns faults at both sizes, light and dark, and on the narrowest screen. Dark pages differ only in colors, so axe checks only those. Leaves a phone's
    size.
    """
    found = []
    for size in ("desk", "phone"):
        resize(page, SIZES[size])
        for scheme in reversed(SCHEMES):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{size}, {scheme}: {each}" for each in faults(page, *(["color-contrast"] if scheme == "dark" else []))]
    resize(page, NARROWEST)
    found += [f"narrowest: {each}" for each in cut(page)]
    resize(page, SIZES["phone"])
    return found


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
