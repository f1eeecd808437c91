"""Every kind of page in a real browser, as each person, narrow and wide, light and dark: axe finds nothing, nothing is cut."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page

from tests.browser import Browser
from tests.cast import token
from tests.house.test_doors import DOOR, GUARDED, HATS, samples
from tests.live import chromium, serving
from tests.page_faults import SIZES, cut, faults, faults_in_any_form, resize
from tests.school import School, pointed_at

NOWHERE = "/no/such/page"
PEOPLE = HATS | {
    "substitute": ("rosa", "staff"), "principal": ("pat", "staff"), "asker": ("lou", "family"), "checked": ("jo", "family"), "turning": ("max", "student"),
}  # fmt: skip


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
    """Returns every page that is open to this person, without downloads, and one that isn't, since all of those say the same. Then one for everyone."""
    visitor = Browser(*PEOPLE[hat])
    paths = [door.path(**samples(school, door)) for door in GUARDED]
    return [path for path in paths if (page := visitor.open(path)).status == 200 and page.tree is not None] + [NOWHERE, "/source", "/privacy"]


def context_of(browser: Chromium, address: str, hat: str, size: tuple[int, int], scheme: str) -> BrowserContext:
    return context_as(browser, address, PEOPLE[hat] if hat else None, size, scheme)


def context_as(browser: Chromium, address: str, who: tuple[str, str] | None, size: tuple[int, int], scheme: str) -> BrowserContext:
    """`who` is a person of the cast and a role. None means that no one is signed in."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    if who:
        context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token(*who), "url": address}])
    return context


def opened(browser: Chromium, address: str, pages: dict[str, tuple[str, str]]) -> Iterator[tuple[str, Page]]:
    """Yields each of these pages on a phone, as the person named next to it."""
    for path, who in pages.items():
        with context_as(browser, address, who, SIZES["phone"], "light") as context:
            page = context.new_page()
            answer = page.goto(address + path)
            assert answer is not None and answer.status == 200
            yield path, page


@pytest.mark.parametrize("hat", PEOPLE)
def test_every_page_as_each_person(school: School, browser: Chromium, web: str, hat: str) -> None:
    found: dict[str, list[str]] = {}
    asked: list[str] = []
    with context_of(browser, web, hat, SIZES["phone"], "light") as context:
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
            found.setdefault(path, []).extend(faults_in_any_form(page))
    assert {path: wrong for path, wrong in found.items() if wrong and not path.endswith(NOWHERE)} == {}
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(web).netloc}


def test_the_sign_in_page_empty_and_refused(school: School, browser: Chromium) -> None:
    with (
        pointed_at(school.server, "door", school.database),
        override_settings(ROOT_URLCONF=DOOR),
        serving() as address,
        context_of(browser, address, "", SIZES["phone"], "light") as context,
    ):
        page = context.new_page()
        page.goto(f"{address}/sign-in")
        assert faults_in_any_form(page) == []
        page.get_by_label("Email or username").fill("ana.family")
        page.locator("input[type=password]").fill("not this one")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state()
        assert "sign-in" in page.url
        assert faults_in_any_form(page) == []
        assert page.locator("input[type=password]").input_value() == ""


def test_the_account_page_and_the_one_after_signing_out(own_school: School, browser: Chromium) -> None:
    with (
        pointed_at(own_school.server, "door", own_school.database),
        override_settings(ROOT_URLCONF=DOOR),
        serving() as address,
        context_of(browser, address, "family", SIZES["phone"], "light") as context,
    ):
        page = context.new_page()
        page.goto(f"{address}/account")
        assert "Ana" in page.inner_text("body") or "ana" in page.inner_text("body")
        assert faults_in_any_form(page) == []
        page.get_by_role("button", name="Sign out").first.click()
        page.wait_for_load_state()
        assert faults_in_any_form(page) == []


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_an_administrators_bar_is_one_line_at_1280_pixels(school: School, browser: Chromium, web: str, language: str) -> None:
    """Also for a district and a person with longer names than the cast's. 15 pixels are for a scroll bar."""
    with context_of(browser, web, "administrator", (1265, 800), "light") as context:
        page = context.new_page()
        page.goto(f"{web}/language/{language}?next=/people")
        for where, words in ((".brand b", "Harbor School District"), (".bar-nav .bar-who", "Marisol Hernández-Quintanilla")):
            page.evaluate("([where, words]) => { document.querySelector(where).textContent = words }", [where, words])
        tops = page.evaluate("[...document.querySelectorAll('.bar-nav li')].map(each => Math.round(each.getBoundingClientRect().top))")
        assert len(tops) == 10 and len(set(tops)) == 1


def test_only_the_current_page_is_marked_in_the_bar_in_the_systems_own_colors(school: School, browser: Chromium, web: str) -> None:
    with context_of(browser, web, "family", SIZES["desk"], "light") as context:
        page = context.new_page()
        page.emulate_media(forced_colors="active")
        page.goto(f"{web}/news")
        marked = page.evaluate("""() => [...document.querySelectorAll('.bar-nav li > *')].filter(e => { const look = getComputedStyle(e);
            return look.borderBottomColor !== getComputedStyle(document.body).backgroundColor }).map(e => e.innerText.trim())""")
    assert marked == ["News"]


def test_the_browser_would_see_a_page_that_is_wrong(browser: Chromium) -> None:
    """The control: an image without words, gray on gray, and wider than the screen."""
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.set_content(
        "<html lang=en><title>x</title><main><h1>x</h1><img src=''><p style='color:#999;background:#aaa'>grey</p>"
        "<div style='width:900px'>wide</div><select style='width:90px' aria-label=x><option>as long as no list is</select></main>"
    )
    found = faults(page)
    assert {each.split(":")[0] for each in found} >= {"image-alt", "color-contrast", "scrolls sideways", "a choice is cut off"}
    page.set_content(
        "<html lang=en><title>x</title><style>body { margin: 0 } @media (min-width: 1000px) { p { color: #999; background: #aaa } }"
        "@media (prefers-color-scheme: dark) { h1 { color: #333; background: #222 } }</style>"
        "<main><h1>heading</h1><p>words</p><div style='width: 350px'>wide</div></main>"
    )
    found = faults_in_any_form(page)
    assert {": ".join(each.split(": ")[:2]) for each in found} == {
        "desk, light: color-contrast", "desk, dark: color-contrast", "phone, dark: color-contrast", "narrowest: scrolls sideways"}  # fmt: skip
    page.set_content(
        "<html lang=en><title>x</title><style>body, h1 { margin: 0 } a { transition: color 1s } b { position: absolute; top: 0; left: 0 } "
        "i { display: block; width: 9em; overflow: hidden; white-space: nowrap } u { margin: -.2em; display: inline-block }</style>"
        "<main><h1>heading</h1><b>over it</b><i>almost as wide as its box</i><u><a href=#a>1</a></u><u><a href=#b>2</a></u>"
        "<button aria-label='Send'>Approve</button></main>"
    )
    found = faults_in_any_form(page)
    noticed = ("target-size", "label-content-name-mismatch", "spaced: over it over heading", "spaced: hidden: almost", "moves")
    assert [words for words in noticed if not any(words in each for each in found)] == []
    page.close()


@pytest.mark.parametrize("hat", PEOPLE)
def test_nothing_is_cut_off_when_text_is_twice_as_large(
    school: School, launch: Callable[..., Chromium], web: str, hat: str
) -> None:
    """WCAG 1.4.4. The size comes from the browser's own setting, which media queries in em follow."""
    large, found = launch("--blink-settings=defaultFontSize=32"), dict[str, list[str]]()
    with context_of(large, web, hat, SIZES["phone"], "light") as context:
        page = context.new_page()
        for path in pages_of(school, hat):
            page.goto(web + path)
            for width in (390, 640, 1280):
                resize(page, (width, 800))
                found[f"{path} at {width} px"] = cut(page)
    large.close()
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
