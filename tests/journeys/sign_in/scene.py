"""The place of the journey: Lincoln's portal in Chromium, one computer after another, and psql as owner to let time pass."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyotp
from playwright.sync_api import Browser, Page

from homeroom.ops.answers import NotDone
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale

SLUG = "lincoln"
DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}


@dataclass(slots=True)
class Scene:
    """`steps` has the last half minute of each person's app whose digits were typed, because digits work once. `free` are computers that no one uses. Each
    is used again after its cookies are cleared, which costs a fifth of a new one."""

    stage: Stage
    tale: Tale
    browser: Browser
    steps: dict[str, int] = field(default_factory=dict)
    free: list[Page] = field(default_factory=list)

    def line(self, done: str, answered: object, holds: bool) -> None:
        self.tale.line(done, answered, holds)

    def address(self, path: str = "/") -> str:
        return self.stage.address(SLUG, path)

    @contextmanager
    def computer(self, path: str = "/sign-in", kept: Any = None) -> Iterator[Page]:
        """Opens this page on a new computer, or on one with the cookies `kept`."""
        page = self.free.pop() if self.free else self.browser.new_context(locale="en-US").new_page()
        page.context.clear_cookies()
        page.context.add_cookies(kept["cookies"] if kept else [])
        page.goto(self.address(path))
        yield page
        self.free.append(page)

    @contextmanager
    def signed_in(self, name: str) -> Iterator[Page]:
        """Signs in by password, and with the app's digits if asked."""
        with self.computer() as page:
            self.sign_in(page, name)
            yield page

    @contextmanager
    def at_work(self, name: str) -> Iterator[Page]:
        """Uses the same computer as before if it was here lately, because an office signs in once a morning."""
        who = f"{SLUG} {name}"
        with self.computer("/", self.stage.kept[who][1] if who in self.stage.kept else None) as page:
            if not is_in(page):
                self.sign_in(page, name)
            yield page
            self.stage.kept[who] = (time.monotonic(), page.context.storage_state())

    def sign_in(self, page: Page, name: str, path: str = "/sign-in") -> None:
        self.by_password(page, name, path)
        if page.url.endswith("/sign-in/second"):
            self.by_app(page, name)

    def by_password(self, page: Page, name: str, path: str = "/sign-in") -> int:
        return by_password(page, self.address(path), name, self.password(name))

    def by_app(self, page: Page, name: str) -> int:
        page.fill("input[name=code]", self.digits(name))
        return sent(page, "main form:has(input[name=code]) button")

    def password(self, name: str) -> str:
        return self.stage.passwords[f"{SLUG} {name}"]

    def digits(self, name: str) -> str:
        """Returns the digits of the half minute before this one, of this one or of the next. An app with a clock that is a little off does the same."""
        totp = pyotp.TOTP(self.stage.authenticators[f"{SLUG} {name}"])
        step = max(self.steps.get(name, 0) + 1, int(time.time()) // totp.interval - 1)
        while step > int(time.time()) // totp.interval + 1:
            time.sleep(0.2)
        self.steps[name] = step
        return totp.generate_otp(step)

    def owner(self, statement: str) -> str:
        """Runs Debian's psql and returns what it printed last. Raises NotDone."""
        allowed, told = self.stage.psql(SLUG, "owner", statement)
        if not allowed:
            raise NotDone(f"psql as owner: {told}")
        return told

    def wake_clock(self, task: str) -> None:
        """Makes the jobs process do now what it does each minute."""
        self.owner(f"INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', '{task}', '{{\"timestamp\": 0}}')")


def by_password(page: Page, address: str, name: str, password: str) -> int:
    if page.url != address:
        page.goto(address)
    page.fill("input[name=sign_in_name]", name)
    page.fill("input[name=password]", password)
    return sent(page, "main form:has(input[name=password]) button")


def sent(page: Page, button: str) -> int:
    """Clicks the button and returns the status of the next page."""
    with page.expect_navigation() as led:
        page.click(button)
    return led.value.status if led.value else 0


def goes(page: Page, address: str) -> int:
    answered = page.goto(address)
    return answered.status if answered else 0


def is_in(page: Page) -> bool:
    return "/sign-in" not in page.url


def said(page: Page) -> str:
    """Returns what a page answered: its notice, or its heading."""
    alert = page.locator("main [role=alert]:visible, main .error:visible").first
    return str(alert.inner_text() if alert.count() else page.inner_text("h1"))


def with_device(page: Page) -> None:
    """Adds a passkey device to this browser, over the DevTools protocol."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    line.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
