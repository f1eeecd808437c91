"""What an administrator does on the pages of imports, in Chromium."""

from playwright.sync_api import Page

from homeroom.ops.check.stage import Stage


def open_newest(stage: Stage, page: Page) -> None:
    """The page of the file that came last."""
    page.goto(stage.address("lincoln", "/imports"))
    page.click(".file-strip li >> nth=0 >> a")


def decide(page: Page, verdict: str, why: str) -> None:
    """On the page of one file; types the number that an approval asks for where rows would end."""
    page.fill("#decision-why", why)
    number = page.locator("#decision-number")
    if verdict == "approve" and number.count():
        number.fill("".join(each for each in page.inner_text("label[for=decision-number]") if each.isdigit()))
    page.click(f"button[name=verdict][value={verdict}]")

