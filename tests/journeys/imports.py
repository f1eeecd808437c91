"""The journey `import`: a good night, a shifted column on hold, a swapped child caught, a rejected change set, an undo, a file from the browser, a
rollover. At the end, the swapped child comes again and is answered as another person, and a renamed child as the same person."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from homeroom.ops.host.running import command
from tests.journeys import by_browser, file, nights, office
from tests.journeys.pages import chromium, follow, signed_in
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale

SLUG = "lincoln"
PEOPLE = "SELECT md5(string_agg(concat_ws('|', sourced_id, given_name, family_name, ended_at), ',' ORDER BY id)) FROM person"
RECORDS = """SELECT md5(concat(
    (SELECT string_agg(r::text, ',' ORDER BY r.id) FROM result r), (SELECT string_agg(p::text, ',' ORDER BY p.id) FROM person p),
    (SELECT string_agg(e::text, ',' ORDER BY e.id) FROM enrollment e), (SELECT string_agg(c::text, ',' ORDER BY c.id) FROM result_change c)))"""


def play(stage: Stage, tale: Tale) -> None:
    """Raises NotDone if the journey can't go on."""
    file.play(stage, tale, SLUG)
    with chromium() as browser:
        for night in (good_night, shifted_column, swapped_child, taken_back, by_browser.play, rollover, another_child, same_child):
            night(stage, tale, browser)


def good_night(stage: Stage, tale: Tale, browser: Browser) -> None:
    export, nina = folder(stage) / "good.zip", stage.ids(SLUG)["Nina Ruiz"]
    changed = nights.with_scores(first(stage), export, nina, "7")
    _, said = sent(stage, export)
    wrote = said["counts"]["result"]
    told = f"{said['state']}: results {wrote['new']} new, {wrote['changed']} changed, {wrote['ended']} ended"
    tale.line(f"lincoln sends a night with {changed} scores changed", told,
              (said["state"], wrote["new"], wrote["changed"], wrote["ended"]) == ("imported", 0, changed, 0))  # fmt: skip
    with signed_in(stage, browser, SLUG, "ana.ruiz") as page:
        follow(page, "main h2 a:has-text('Nina')")
        tale.line("Ana opens Nina's page", page.inner_text("h1"), "as of" in page.inner_text("main"))
    export.replace(first(stage))


def shifted_column(stage: Stage, tale: Tale, browser: Browser) -> None:
    export = folder(stage) / "shifted.zip"
    nights.with_shifted_names(first(stage), export)
    before = stage.psql(SLUG, "owner", PEOPLE)
    sealed, said = sent(stage, export)
    tale.line("lincoln sends a file whose names have shifted by a column", f"{said['state']}: {said['sentence']}",
              (said["state"], said["reason"]) == ("held", "names-change"))  # fmt: skip
    tale.line("psql compares every name before and after", "equal", stage.psql(SLUG, "owner", PEOPLE) == before)
    with signed_in(stage, browser, SLUG, "carl.webb") as page:
        office.open_newest(stage, page)
        page.click("main a:has-text('Person by person')")
        text = page.inner_text("main")
        tale.line("Carl opens what would change", page.inner_text("h1"), "would be added" in text.lower())
        page.fill("#name", "Ruiz")
        page.click("main form button")
        page.click("main .row-main a >> nth=0")
        told = " / ".join(page.inner_text("main .compared tr.differs >> nth=0").split())
        tale.line("Carl reads a person old beside new", told, "Ruiz" in told)
        office.open_newest(stage, page)
        office.decide(page, "reject", "The name columns have shifted; the vendor sends it again.")
    said = became(stage, sealed, "rejected")
    tale.line("Carl rejects it; gpg verifies the receipt", f"{said['state']}: {said['sentence']}", said["state"] == "rejected")
    tale.line("psql compares every name again", "equal", stage.psql(SLUG, "owner", PEOPLE) == before)


def swapped_child(stage: Stage, tale: Tale, browser: Browser) -> None:
    export, ids = folder(stage) / "swapped.zip", stage.ids(SLUG)
    nights.with_another_child(first(stage), export, ids["Leo Ruiz"], "Ivo", "Zeman", "2014-02-03")
    sealed, said = sent(stage, export)
    tale.line("lincoln sends Leo's sourcedId with another name and birth date", f"{said['state']}: {said['sentence']}",
              (said["state"], said["reason"]) == ("held", "other-person"))  # fmt: skip
    with signed_in(stage, browser, SLUG, "carl.webb") as page:
        office.open_newest(stage, page)
        office.decide(page, "reject", "Leo's number was given away by mistake.")
    said = became(stage, sealed, "rejected")
    tale.line("Carl rejects it; gpg verifies the receipt", f"{said['state']}: {said['sentence']}", said["state"] == "rejected")
    with signed_in(stage, browser, SLUG, "ana.ruiz") as page:
        text = page.inner_text("main")
        tale.line("Ana looks for Leo, and for the other child", page.inner_text("h1"), "Leo" in text and "Ivo" not in text)


def taken_back(stage: Stage, tale: Tale, browser: Browser) -> None:
    export, nina = folder(stage) / "wrong.zip", stage.ids(SLUG)["Nina Ruiz"]
    changed = nights.with_scores(first(stage), export, nina, "1")
    before = stage.psql(SLUG, "owner", RECORDS)
    sealed, said = sent(stage, export)
    tale.line(f"lincoln sends {changed} wrong scores", said["state"], said["state"] == "imported")
    tale.line("psql compares digests of the tables", "they differ", stage.psql(SLUG, "owner", RECORDS) != before)
    with signed_in(stage, browser, SLUG, "carl.webb") as page:
        office.open_newest(stage, page)
        office.decide(page, "undo", "The scores belong to another class.")
    said = became(stage, sealed, "undone")
    tale.line("Carl takes it back; gpg verifies the receipt", f"{said['state']}: {said['sentence']}", said["state"] == "undone")
    tale.line("psql compares the digests again", before[1], stage.psql(SLUG, "owner", RECORDS) == before)


def rollover(stage: Stage, tale: Tale, browser: Browser) -> None:
    today = datetime.now(stage.place(SLUG).zone).date()
    days = ("--from", str(today), "--until", str(today + timedelta(days=10)))
    announced = command("portal", "rollover", SLUG, *days, folder=stage.installation.folder)
    tale.line("the operator announces a rollover", announced, announced["from"] == str(today))
    export = folder(stage) / "next-year.zip"
    nights.with_next_year(first(stage), export, today)
    _, said = sent(stage, export)
    tale.line("lincoln sends next year's classes beside this year's", said["sentence"] or said["counts"]["section"], said["state"] == "imported")
    _, there = stage.psql(SLUG, "owner", "SELECT count(*) FROM section WHERE title LIKE '%next year'")
    tale.line("psql counts next year's classes", there, int(there) > 10)
    for name in ("ana.ruiz", "nina.ruiz", "bo.larsen"):
        with signed_in(stage, browser, SLUG, name) as page:
            text = page.inner_text("main")
            tale.line(f"{name} looks for a class of next year", "none" if "next year" not in text else text, "next year" not in text)


def another_child(stage: Stage, tale: Tale, browser: Browser) -> None:
    """Sends the swapped child again. Leo has left, and the office answers that it is someone else."""
    export, leo = folder(stage) / "next-child.zip", stage.ids(SLUG)["Leo Ruiz"]
    nights.with_another_child(folder(stage) / "next-year.zip", export, leo, "Ivo", "Zeman", "2014-02-03")
    sealed, said = sent(stage, export)
    tale.line("lincoln sends the other child under Leo's sourcedId again", said["reason"], said["reason"] == "other-person")
    with signed_in(stage, browser, SLUG, "carl.webb") as page:
        office.answer_the_question(stage, page, "new person")
        office.open_newest(stage, page)
        office.decide(page, "approve", "Leo has moved away; the number was given to Ivo.")
    said = became(stage, sealed, "imported")
    tale.line("Carl answers that it is a new person, and approves", f"{said['state']}: {said['sentence']}", said["state"] == "imported")
    with signed_in(stage, browser, SLUG, "ana.ruiz") as page:
        tale.line("Ana looks for the other child", page.inner_text("h1"), "Ivo" not in page.inner_text("main"))
    _, ties = stage.psql(SLUG, "owner", "SELECT count(*) FROM tie JOIN person ON person.id = tie.student_id WHERE given_name = 'Ivo'")
    tale.line("psql counts the other child's ties", ties, ties == "0")


def same_child(stage: Stage, tale: Tale, browser: Browser) -> None:
    """Max has another name and a corrected birth date. His mother keeps her access only if two administrators agree."""
    export, max_moss = folder(stage) / "renamed.zip", stage.ids(SLUG)["Max Moss"]
    nights.with_another_child(folder(stage) / "next-child.zip", export, max_moss, "Massimo", "Moretti", "2013-04-05")
    sealed, said = sent(stage, export)
    tale.line("lincoln sends Max under a new name and birth date", said["reason"], said["reason"] == "other-person")
    with signed_in(stage, browser, SLUG, "carl.webb") as page:
        office.answer_the_question(stage, page, "same person")
        told = page.inner_text("main")
        tale.line("Carl answers that it is the same person", page.inner_text("main .notice h2 >> nth=-1"),
                  "another administrator must confirm" in told and page.locator(office.CONFIRM).count() == 0)  # fmt: skip
    with signed_in(stage, browser, SLUG, "joan.abbott") as page:
        office.confirm_the_answer(stage, page)
        office.open_newest(stage, page)
        office.decide(page, "approve", "The court changed his name; both of us saw the paper.")
    said = became(stage, sealed, "imported")
    tale.line("Joan confirms it and approves; gpg verifies the receipt", f"{said['state']}: {said['sentence']}", said["state"] == "imported")
    with signed_in(stage, browser, SLUG, "dee.moss") as page:
        text = page.inner_text("main")
        tale.line("Dee looks for her son", page.inner_text("h1"), "Massimo" in text and "Ivo" not in text)


def first(stage: Stage) -> Path:
    return stage.computers[SLUG].folder / "export.zip"


def folder(stage: Stage) -> Path:
    return stage.computers[SLUG].folder


def sent(stage: Stage, export: Path) -> tuple[Path, dict[str, Any]]:
    """Returns the sealed file and the receipt, after gpg verified its signature."""
    computer = stage.computers[SLUG]
    sealed = computer.seal(export, computer.trust(stage.installation.portal(SLUG) / "cert" / "portal.asc"))
    computer.sftp(stage.settings.sftp_host, stage.settings.sftp_port, f"put {sealed} incoming/night.gpg")
    return sealed, became(stage, sealed)


def became(stage: Stage, sealed: Path, *states: str) -> dict[str, Any]:
    computer = stage.computers[SLUG]
    where = (stage.settings.sftp_host, stage.settings.sftp_port, sealed, 300)
    receipt = computer.await_receipt(*where, states) if states else computer.await_receipt(*where)
    return file.verified(computer, stage, SLUG, receipt)[1]
