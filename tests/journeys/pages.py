"""Pages in Chromium, as each person. They see what belongs to them, and a stranger's child is not found."""

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from homeroom.ops.answers import NotDone
from homeroom.ops.demo.digits import digits, next_digits
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale

WORDS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
)
A_WHILE = 480.0  # seconds, less than the ten minutes after which some acts ask for the password again
CHILD = re.compile(r"/children/[0-9a-f-]{36}$")


def play(stage: Stage, tale: Tale) -> None:
    with chromium() as browser:
        nina = as_ana(stage, tale, browser)
        for slug, name, wanted, unwanted in (
            ("lincoln", "dee.moss", "Max", "Nina"),
            ("lincoln", "nina.ruiz", "Algebra 1", "Leo"),
            ("lincoln", "bo.larsen", "Algebra 1", "Leo Ruiz"),
            ("lincoln", "carl.webb", "Import", "Nina"),
            ("harbor", "eve.stone", "Ivy", "Nina"),
        ):
            with signed_in(stage, browser, slug, name) as page:
                text = page.inner_text("body")
                told = f"h1 {page.inner_text('h1')!r}"
                tale.line(f"{name} signs in at {slug}", told, wanted in text and unwanted not in text)
                if name not in ("nina.ruiz", "bo.larsen"):
                    answered = page.goto(stage.address(slug, nina))
                    status = answered.status if answered else 0
                    tale.line(
                        f"{name} opens the address of Nina's page",
                        f"{status}, {page.inner_text('h1')!r}",
                        status == 404,
                    )
        as_bo(stage, tale, browser)
        strangers(stage, tale, browser)


def as_ana(stage: Stage, tale: Tale, browser: Browser) -> str:
    """Returns the path of Nina's page."""
    with signed_in(stage, browser, "lincoln", "ana.ruiz") as page:
        text = page.inner_text("main")
        tale.line("ana.ruiz signs in", page.inner_text("h1"), "Nina" in text and "Leo" in text and "Max" not in text)
        tale.line("Ana reads what needs her", page.inner_text(".lead"), "2 assignments are missing" in text)
        follow(page, "main h2 a:has-text('Nina')")
        child = page.inner_text("main")
        tale.line("Ana opens Nina's page", page.inner_text("h1"), all(word in child for word in ("Algebra 1", "as of")))
        path = page.url.removeprefix(stage.address("lincoln", ""))
        tale.line("its address names nobody", path, CHILD.fullmatch(path) is not None)
        page.goto(stage.address("lincoln", "/language/es?next=/"))
        tale.line("Ana asks for Spanish", page.inner_text("h1"), page.get_attribute("html", "lang") == "es")
        return path


def as_bo(stage: Stage, tale: Tale, browser: Browser) -> None:
    with signed_in(stage, browser, "lincoln", "bo.larsen") as page:
        follow(page, "main li:has-text('Algebra 1, period 2') >> a >> nth=0")
        text = page.inner_text("main")
        tale.line("Bo opens the gradebook of Algebra 1", page.inner_text("h1"), "Nina" in text)
    with signed_in(stage, browser, "lincoln", "ana.ruiz") as page:
        follow(page, "nav a:has-text('Access log'):visible")
        if "who-has-looked" in page.url and page.locator("main a:has-text('Nina')").count():
            follow(page, "main a:has-text('Nina') >> nth=0")
        text = page.inner_text("main")
        tale.line("Ana reads who has looked at Nina's record", page.inner_text("h1"), "Bo Larsen" in text)


def strangers(stage: Stage, tale: Tale, browser: Browser) -> None:
    with opened(stage, browser, "lincoln") as page:
        sign_in(page, "eve.stone", stage.passwords["harbor eve.stone"])
        tale.line("Eve of Harbor tries to sign in at Lincoln", page.inner_text("h1"), page.url.endswith("/sign-in"))
    with opened(stage, browser, "lincoln") as page:
        sign_in(page, "ana.ruiz", "a password she never had")
        tale.line(
            "somebody tries Ana's name with another password", page.inner_text("h1"), page.url.endswith("/sign-in")
        )
        page.goto(stage.address("lincoln", "/imports"))
        tale.line("nobody signed in asks for the imports", page.url, "/sign-in" in page.url)


@contextmanager
def chromium(*words: str) -> Iterator[Browser]:
    """`words` are more options for its command line. Raises NotDone."""
    path = shutil.which("chromium")
    if path is None:
        raise NotDone("Chromium is missing. Install Debian's package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*WORDS, *words])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(stage: Stage, browser: Browser, slug: str, kept: Any = None) -> Iterator[Page]:
    """Opens a new computer at the sign-in page. With `kept`, opens one with those cookies at the home page."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US", storage_state=kept)
    try:
        page = context.new_page()
        page.goto(stage.address(slug, "/" if kept else "/sign-in"))
        yield page
    finally:
        context.close()


@contextmanager
def signed_in(stage: Stage, browser: Browser, slug: str, name: str) -> Iterator[Page]:
    """Signs in. A staff member's digits work once, so the same computer is used again for some minutes."""
    who = f"{slug} {name}"
    since, kept = stage.kept.get(who, (0.0, None))
    with opened(stage, browser, slug, kept if time.monotonic() - since < A_WHILE else None) as page:
        if "/sign-in" in page.url:
            sign_in(page, name, stage.passwords[who])
            if who in stage.authenticators:
                second_step(page, stage.authenticators[who])
                stage.kept[who] = (time.monotonic(), page.context.storage_state())
        yield page


def follow(page: Page, link: str) -> None:
    """Clicks and waits for the next page. Without the wait, the click can return while the page before is still being read."""
    with page.expect_navigation():
        page.click(link)


def sign_in(page: Page, name: str, password: str) -> None:
    page.fill("input[name=sign_in_name]", name)
    page.fill("input[name=password]", password)
    page.click("main form button")


def second_step(page: Page, key: str) -> None:
    """Types the digits of this half minute. If they were used, types the next ones."""
    for code in (digits, next_digits):
        page.fill("input[name=code]", code(key))
        with page.expect_navigation():
            page.click("main form:has(input[name=code]) button")
        if "/sign-in/second" not in page.url:
            return
