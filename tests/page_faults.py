"""Finds what is wrong with a page in a real browser: by axe's rules, and what is cut off or moves, at each size, light and dark."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

SIZES = {"phone": (390, 844), "desk": (1280, 900)}
NARROWEST = (320, 256)  # WCAG 1.4.10: a screen of 1280 by 1024 at 400 %
SCHEMES = ("light", "dark")
MORE_RULES = ("target-size", "label-content-name-mismatch", "css-orientation-lock")  # axe leaves them out unless it is asked: WCAG 2.5.8, 2.5.3, 1.3.4
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

# WCAG 1.4.12 as a style sheet of the reader. The policy of a page allows none in its markup.
SPACED = """() => { const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
        p { margin-block-end: 2em !important }`);
    document.adoptedStyleSheets = [sheet] }"""
AS_BEFORE = "() => { document.adoptedStyleSheets = [] }"
# Lines of words that are drawn over others, and words in a box that hides what doesn't fit. Words for screen readers alone are left out.
OVERLAPS = """() => { const clear = new Map(), lines = [], found = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const shown = e => { if (!e || e === document.body) return true;
        if (!clear.has(e)) clear.set(e, getComputedStyle(e).clipPath === 'none' && !e.matches('svg, option, .skip, .panel-line') && shown(e.parentElement));
        return clear.get(e) };
    while (texts.nextNode()) { const text = texts.currentNode, e = text.parentElement;
        if (!text.data.trim() || !e.checkVisibility({visibilityProperty: true}) || !shown(e)) continue;
        const words = text.data.trim().slice(0, 40), range = document.createRange(); range.selectNodeContents(text);
        for (const at of range.getClientRects()) if (at.width > 2 && at.height > 2) lines.push({at, words, text});
        const look = getComputedStyle(e);
        if (look.overflowX === 'hidden' && e.scrollWidth > e.clientWidth + 1 || look.overflowY === 'hidden' && e.scrollHeight > e.clientHeight + 1)
            found.push(`hidden: ${words}`) }
    lines.sort((one, other) => one.at.top - other.at.top);
    lines.forEach(({at, words, text}, n) => { for (let m = n + 1; m < lines.length && lines[m].at.top < at.bottom - 6; m++) { const other = lines[m];
        if (other.text !== text && Math.min(at.right, other.at.right) - Math.max(at.left, other.at.left) > 3
            && Math.min(at.bottom, other.at.bottom) - other.at.top > 6) found.push(`${words} over ${other.words}`) } });
    return found }"""
# For someone who asked the system for less motion (WCAG 2.2.2, 2.3.3).
MOVES = """() => [...document.querySelectorAll('*')].filter(e => { const look = getComputedStyle(e);
    return look.animationName !== 'none' || (look.transitionDuration.split(', ').some(time => time !== '0s') && look.transitionProperty !== 'none') })
    .slice(0, 3).map(e => e.outerHTML.slice(0, 80))"""


def faults(page: Page, *rules: str) -> list[str]:
    """Returns faults of the page as it is shown. `rules` are axe's rules. Without any, its usual ones and MORE_RULES apply."""
    if not page.evaluate("'axe' in window"):  # Axe.run() would load its 500 KB for each form of a page
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"]} | ({"runOnly": [*rules]} if rules else {"rules": {rule: {"enabled": True} for rule in MORE_RULES}})
    found = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in page.evaluate("options => axe.run(options)", options)["violations"]]
    return [*found, *cut(page), *(f"a choice is cut off: {words}" for words in page.evaluate(CUT_CHOICES, ARROW))]


def cut(page: Page) -> list[str]:
    """Returns what makes a page scroll sideways (WCAG 1.4.10)."""
    return [f"scrolls sideways: {widest}"] if (widest := page.evaluate(WIDEST)) is not None else []


def crowded(page: Page) -> list[str]:
    """Returns what a reader loses who sets words and lines further apart (WCAG 1.4.12)."""
    page.evaluate(SPACED)
    found = [f"spaced: {each}" for each in [*cut(page), *page.evaluate(OVERLAPS)]]
    page.evaluate(AS_BEFORE)
    return found


def faults_in_any_form(page: Page) -> list[str]:
    """Returns faults at both sizes, light and dark, with more space in the text, and on the narrowest screen. Dark pages differ only in colors, so axe checks
    only those. Leaves a phone's size.
    """
    found = []
    for size in ("desk", "phone"):
        resize(page, SIZES[size])
        for scheme in reversed(SCHEMES):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{size}, {scheme}: {each}" for each in faults(page, *(["color-contrast"] if scheme == "dark" else []))]
        found += [f"{size}, {each}" for each in crowded(page)]
    found += [f"moves: {each}" for each in page.evaluate(MOVES)]
    resize(page, NARROWEST)
    found += [f"narrowest: {each}" for each in cut(page)]
    resize(page, SIZES["phone"])
    return found


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
