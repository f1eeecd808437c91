"""Every kind of page in a real browser, as each person, narrow and wide, light and dark: axe finds nothing, nothing is cut."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page

from tests.browser import Browser
from tests.cast import token
from tests.house.test_doors import DOOR, GUARDED, HATS, samples
from tests.live import chromium, serving
from tests.school import School, pointed_at

SIZES = {"phone": (390, 844), "desk": (1280, 900)}
SCHEMES = ("light", "dark")
NOWHERE = "/no/such/page"
ARROW = 16  # pixels that a list keeps for its own arrow
# What a list says as the page opens. A list shows its other choices in full once it is open.
CUT_CHOICES = """arrow => { const pen = document.createElement('canvas').getContext('2d');
    return [...document.querySelectorAll('select')].filter(each => each.checkVisibility()).flatMap(each => {
        const look = getComputedStyle(each), room = each.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight) - arrow;
        pen.font = look.font;
        return [...each.selectedOptions].map(option => option.label).filter(words => pen.measureText(words).width > room); }) }"""
PEOPLE = HATS | {"substitute": ("rosa", "staff"), "asker": ("lou", "family"), "checked": ("jo", "family"), "turning": ("max", "student")}
IS_CUT = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
WIDEST = """() => { const edge = document.documentElement.clientWidth;
    return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > edge + 1)
        .slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(' | ') }"""


@pytest.fixture(scope="module")
def launch() -> Iterator[Callable[..., Chromium]]:
    with chromium() as starter:
        yield starter


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Chromium]) -> Chromium:
    return launch()


@pytest.fixture(scope="module")
def web(school: School) -> Iterator[str]:
    with serving() as address:
        yield address


def pages_of(school: School, hat: str) -> list[str]:
    """Every page that opens to this person, downloads aside; of the others one, since all say the same."""
    visitor = Browser(*PEOPLE[hat])
    paths = [door.path(**samples(school, door)) for door in GUARDED]
    return [path for path in paths if (page := visitor.open(path)).status == 200 and page.tree is not None] + [NOWHERE]


def context_of(browser: Chromium, address: str, hat: str, size: tuple[int, int], scheme: str) -> BrowserContext:
    return context_as(browser, address, PEOPLE[hat] if hat else None, size, scheme)


def context_as(browser: Chromium, address: str, who: tuple[str, str] | None, size: tuple[int, int], scheme: str) -> BrowserContext:
    """who: of the cast, and on which side; None: nobody is signed in."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    if who:
        context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token(*who), "url": address}])
    return context


def opened(browser: Chromium, address: str, pages: dict[str, tuple[str, str]], size: str, scheme: str) -> Iterator[tuple[str, Page]]:
    """Each of these pages, as the person who stands beside it."""
    for path, who in pages.items():
        with context_as(browser, address, who, SIZES[size], scheme) as context:
            page = context.new_page()
            answer = page.goto(address + path)
            assert answer is not None and answer.status == 200
            yield path, page


def wrong_with(page: Page, address: str) -> list[str]:
    """What axe and the eye would object to on the page as it stands."""
    found = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in Axe().run(page).response["violations"]]
    if page.evaluate(IS_CUT):
        found.append("scrolls sideways")
    return found + [f"a choice is cut off: {words}" for words in page.evaluate(CUT_CHOICES, ARROW)]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("hat", PEOPLE)
def test_every_page_as_each_person(
    school: School, browser: Chromium, web: str, hat: str, size: str, scheme: str
) -> None:
    found: dict[str, list[str]] = {}
    asked: list[str] = []
    with context_of(browser, web, hat, SIZES[size], scheme) as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on(
            "console",
            lambda line: (
                found.setdefault(page.url, []).append(f"console: {line.text}") if line.type == "error" else None
            ),
        )
        for path in pages_of(school, hat):
            answer = page.goto(web + path)
            assert answer is not None
            found.setdefault(path, []).extend(wrong_with(page, web))
    assert {path: wrong for path, wrong in found.items() if wrong and not path.endswith(NOWHERE)} == {}
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(web).netloc}


@pytest.mark.parametrize("hat", PEOPLE)
def test_nothing_is_cut_on_the_narrowest_phone(school: School, browser: Chromium, web: str, hat: str) -> None:
    """WCAG 1.4.10: at 320 px nobody scrolls the page sideways."""
    assert cut(school, browser, web, hat, 320) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_sign_in_page_empty_and_refused(school: School, browser: Chromium, size: str, scheme: str) -> None:
    with (
        pointed_at(school.server, "door", school.database),
        override_settings(ROOT_URLCONF=DOOR),
        serving() as address,
        context_of(browser, address, "", SIZES[size], scheme) as context,
    ):
        page = context.new_page()
        page.goto(f"{address}/sign-in")
        assert wrong_with(page, address) == []
        page.get_by_label("Email or username").fill("ana.family")
        page.locator("input[type=password]").fill("not this one")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state()
        assert "sign-in" in page.url
        assert wrong_with(page, address) == []
        assert page.locator("input[type=password]").input_value() == ""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_account_page_and_the_one_after_signing_out(own_school: School, browser: Chromium, scheme: str) -> None:
    with (
        pointed_at(own_school.server, "door", own_school.database),
        override_settings(ROOT_URLCONF=DOOR),
        serving() as address,
        context_of(browser, address, "family", SIZES["phone"], scheme) as context,
    ):
        page = context.new_page()
        page.goto(f"{address}/account")
        assert "Ana" in page.inner_text("body") or "ana" in page.inner_text("body")
        assert wrong_with(page, address) == []
        page.get_by_role("button", name="Sign out").first.click()
        page.wait_for_load_state()
        assert wrong_with(page, address) == []


def cut(school: School, browser: Chromium, web: str, hat: str, width: int) -> list[str]:
    """Pages of this width that scroll sideways, and what reaches over the edge."""
    found = []
    with context_of(browser, web, hat, (width, 800), "light") as context:
        page = context.new_page()
        for path in pages_of(school, hat):
            page.goto(web + path)
            if page.evaluate(IS_CUT):
                found.append(f"{path} at {width} px: {page.evaluate(WIDEST)}")
    return found


def test_the_browser_would_see_a_page_that_is_wrong(browser: Chromium) -> None:
    """The control: a picture without words, grey on grey, wider than the screen."""
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.set_content(
        "<html lang=en><title>x</title><main><h1>x</h1><img src=''><p style='color:#999;background:#aaa'>grey</p>"
        "<div style='width:900px'>wide</div><select style='width:90px' aria-label=x><option>as long as no list is</select></main>"
    )
    found = wrong_with(page, "")
    assert {each.split(":")[0] for each in found} >= {"image-alt", "color-contrast", "scrolls sideways", "a choice is cut off"}
    page.close()


@pytest.mark.parametrize("hat", PEOPLE)
def test_nothing_is_cut_with_letters_twice_as_large(
    school: School, launch: Callable[..., Chromium], web: str, hat: str
) -> None:
    """WCAG 1.4.4: by the browser's own setting, which media queries in em follow."""
    large = launch("--blink-settings=defaultFontSize=32")
    assert [line for width in (390, 640, 1280) for line in cut(school, large, web, hat, width)] == []
    large.close()
