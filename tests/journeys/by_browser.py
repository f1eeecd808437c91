"""An administrator sends files with the browser after an undo: a plain one, which is refused, then a sealed one, which is approved, and the same one
again."""

import time
from pathlib import Path

from playwright.sync_api import Browser, Page

from homeroom.ops.answers import NotDone
from tests.journeys import file, nights, office
from tests.journeys.pages import signed_in
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale

SLUG = "lincoln"
PATIENCE = 120.0  # seconds for an import


def play(stage: Stage, tale: Tale, browser: Browser) -> None:
    """Raises NotDone if the file is not read in time."""
    computer = stage.computers[SLUG]
    export, nina = computer.folder / "by-browser.zip", stage.ids(SLUG)["Nina Ruiz"]
    changed = nights.with_scores(computer.folder / "export.zip", export, nina, "9")
    sealed = computer.seal(export, computer.trust(stage.installation.portal(SLUG) / "cert" / "portal.asc"))
    inbox = stage.installation.portal(SLUG) / "inbox"
    with signed_in(stage, browser, SLUG, "carl.webb") as page:
        before = sorted(path.name for path in inbox.iterdir())
        send(stage, page, export)
        said = page.inner_text("section[aria-labelledby=not-taken] p")
        tale.line("Carl sends the export by the browser, not sealed", said, "isn’t sealed" in said)
        tale.line("the inbox's folder is listed", "as before", sorted(path.name for path in inbox.iterdir()) == before)
        send(stage, page, sealed)
        facts = await_read(page, "On hold")
        holds = "Carl Webb" in facts and "undone" in page.inner_text("main")
        tale.line("Carl sends it sealed, and it is held: the import before it was undone", facts, holds)
        office.decide(page, "approve", "These scores belong to this class.")
        facts = await_read(page, "Imported")
        tale.line("Carl approves it, and it is imported", facts, scores_changed(page) == changed)
        receipt = computer.folder / "from-the-page.asc"
        with page.expect_download() as download:
            page.click("a:has-text('Receipt, signed by the portal')")
        download.value.save_as(receipt)
        is_signed, told = file.verified(computer, stage, SLUG, receipt.read_text())
        tale.line("gpg verifies the receipt from the page", told["sentence"], is_signed and told["state"] == "imported")
        send(stage, page, sealed)
        again = page.inner_text("main section.notice >> nth=0")
        tale.line("Carl sends the same file again", again, "already received this file" in again)
    export.replace(computer.folder / "export.zip")  # the next night starts from this file


def scores_changed(page: Page) -> int:
    return int(page.inner_text("table.counts tbody tr:has-text('Scores') td >> nth=1"))


def send(stage: Stage, page: Page, path: Path) -> None:
    page.goto(stage.address(SLUG, "/imports"))
    page.set_input_files("#send-file", path)
    page.click("#send form button")


def await_read(page: Page, state: str) -> str:
    """Returns the facts of the file's page once it has a receipt and is in this state. Raises NotDone."""
    until = time.monotonic() + PATIENCE
    while page.locator("a:has-text('Receipt, signed by the portal')").count() == 0 or state not in (facts := page.inner_text("section:has(#file)")):
        if time.monotonic() > until:
            raise NotDone(f"The file that was sent by the browser was not {state.lower()} within {PATIENCE:.0f} s.")
        page.wait_for_timeout(300)
        page.reload()
    return facts
