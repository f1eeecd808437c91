"""One password is tried with many names from one address. It comes last, because no new browser can sign in for a minute afterward."""

from playwright.sync_api import Page

from tests.journeys.sign_in.raw import Caller
from tests.journeys.sign_in.scene import Scene, is_in, said, sent

ANA = "ana.ruiz"
MOST = 20  # ten a minute are free


def play(scene: Scene) -> None:
    with scene.signed_in(ANA) as own, scene.computer() as strange:
        own.goto(scene.address("/account"))
        sent(own, "form[action='/account/sign-out'] button")
        tries = sprayed(strange)
        scene.line("a stranger tries one password with twenty names", f"refused {tries} times, then he must wait", 5 < tries <= 10)
        scene.by_password(strange, ANA)
        scene.line("then Ana's, with the right password", said(strange), not is_in(strange))
        scene.by_password(own, ANA)
        scene.line("Ana, behind the same address, in a browser that she has used before", own.inner_text("h1"), is_in(own))


def sprayed(page: Page) -> int:
    """Returns how many tries were accepted before one had to wait."""
    caller, form = Caller.of(page), Caller.form(page)
    for number in range(MOST):
        if caller.post("/sign-in", {**form, "sign_in_name": f"name.{number}", "password": "lincoln lions 2026"}).status == 429:
            return number
    return MOST
