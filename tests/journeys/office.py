"""An administrator's actions on the pages of imports, in Chromium."""

from playwright.sync_api import Page

from tests.journeys.stage import Stage

CONFIRM = "form[action$='/confirmation'] button"


def open_newest(stage: Stage, page: Page) -> None:
    """Opens the page of the newest file."""
    page.goto(stage.address("lincoln", "/imports"))
    page.click(".file-strip li >> nth=0 >> a")


def answer_the_question(stage: Stage, page: Page, answer: str) -> None:
    """Answers the first question of the newest file."""
    open_question(stage, page)
    page.check(f"input[name=answer][value='{answer}']")
    page.click("main form .button-act")


def confirm_the_answer(stage: Stage, page: Page) -> None:
    open_question(stage, page)
    page.click(CONFIRM)


def open_question(stage: Stage, page: Page) -> None:
    open_newest(stage, page)
    page.goto(f"{page.url}/questions")
    page.click("main a[href^='/questions/'] >> nth=0")


def decide(page: Page, verdict: str, why: str) -> None:
    """Decides on the page of one file. Types the number that an approval asks for if rows would end."""
    page.fill("#decision-why", why)
    number = page.locator("#decision-number")
    if verdict == "approve" and number.count():
        number.fill("".join(each for each in page.inner_text("label[for=decision-number]") if each.isdigit()))
    page.click(f"button[name=verdict][value={verdict}]")

