"""Families and students sign in: by password, by a name that is no email address, by a card that the teacher printed."""

import time

from playwright.sync_api import Page

from homeroom.ops.answers import NotDone
from tests.journeys.sign_in.paper import CARD, Sheet, printed
from tests.journeys.sign_in.scene import SLUG, Scene, goes, is_in, said, sent

ADDRESSES = "SELECT count(*) FROM mail_address m JOIN account a ON a.id = m.account_id WHERE a.sign_in_name = 'nina.ruiz'"


def play(scene: Scene) -> None:
    mother(scene)
    own_device(scene)
    student(scene)
    card(scene)


def mother(scene: Scene) -> None:
    with scene.signed_in("ana.ruiz") as page:
        text = page.inner_text("main")
        scene.line("Ana signs in by name and password", page.inner_text("h1"), is_in(page) and "Nina" in text and "Leo" in text)


def own_device(scene: Scene) -> None:
    """If the box was checked, the browser keeps the cookie for 30 days. Otherwise it keeps it until it closes."""
    lasts = {}
    for is_own in (False, True):
        with scene.computer() as page:
            page.set_checked("#own-device", is_own)
            scene.by_password(page, "dee.moss")
            cookie = next(each for each in page.context.cookies() if each["name"] == f"homeroom-{SLUG}")
            lasts[is_own] = round((cookie["expires"] - time.time()) / 86400) if cookie["expires"] > 0 else 0
    scene.line("Dee signs in at the library, and on her own phone", f"cookies for {lasts[False]} and {lasts[True]} days", lasts == {False: 0, True: 30})


def student(scene: Scene) -> None:
    with scene.signed_in("nina.ruiz") as page:
        addresses = scene.owner(ADDRESSES)
        told = f"{page.inner_text('h1')}, {addresses} e-mail addresses"
        scene.line("Nina signs in by a name alone", told, is_in(page) and "Algebra 1" in page.inner_text("main") and addresses == "0")


def card(scene: Scene) -> None:
    sheet = card_printed(scene)
    words, square = words_on(sheet), sheet.squares[0]
    are_readable = all(word in sheet.text.split() for word in words.split())
    scene.line("Bo prints a sign-in card for Nina; poppler and zbar look at the PDF", sheet.told(),
               sheet.is_tagged and are_readable and square.startswith(scene.address("/sign-in/card#")))  # fmt: skip
    with scene.computer("/sign-in/card") as typed, scene.computer() as scanned:
        typed.fill("#words", words)
        sent(typed, "main form button")
        scene.line("Nina types the words", typed.inner_text("h1"), is_in(typed) and "Algebra 1" in typed.inner_text("main"))
        scanned.goto(square)
        is_filled = scanned.input_value("#words") == words
        scene.line("another computer opens the square's address", f"{scanned.url}, the words stand in the field", is_filled and "#" not in scanned.url)
        sent(scanned, "main form button")
        scene.line("… and signs in", scanned.inner_text("h1"), is_in(scanned) and "Algebra 1" in scanned.inner_text("main"))
        scene.line("… and adds no second factor, names no email, and downloads nothing", *closed_to_a_card(scanned, scene))
        ended = cards_ended(scene)
        typed.goto(scene.address("/"))
        scene.line("Bo ends the cards of the class; Nina's browser opens its page anew", f"{ended}; {typed.url}", not is_in(typed))
    ended_one, nobodys = by_card(scene, words), by_card(scene, " ".join([*reversed(words.split()[:-1]), words[-3:]]))
    scene.line("the words are typed again, and in an order that is nobody's", ended_one, "doesn’t work" in ended_one and ended_one == nobodys)


def closed_to_a_card(page: Page, scene: Scene) -> tuple[str, bool]:
    """Returns the answers of pages that need the student's own password, and whether each says so."""
    record = page.locator("a[href^='/children/']").first.get_attribute("href") or ""
    child = "/".join(record.split("/")[:3])
    answers = []
    for path in ("/account/factors/add", "/account/email", f"{child}/everything", f"{child}/everything/download"):
        answers.append(f"{goes(page, scene.address(path))} {page.inner_text('h1')}")
    return "; ".join(answers), set(answers) == {"403 Sign in with your password"}


def card_printed(scene: Scene) -> Sheet:
    """Raises NotDone."""
    with scene.at_work("bo.larsen") as page:
        page.click("main li:has-text('Algebra 1, period 2') >> a >> nth=0")
        page.wait_for_url("**/classes/*")
        page.goto(f"{page.url}/cards")
        for box in page.locator("input[name=student]").all():
            box.uncheck()
        page.check("label:has-text('Nina') input[name=student]")
        return printed(page, "button[value=print]")


def cards_ended(scene: Scene) -> str:
    with scene.at_work("bo.larsen") as page:
        page.click("main li:has-text('Algebra 1, period 2') >> a >> nth=0")
        page.wait_for_url("**/classes/*")
        page.goto(f"{page.url}/cards")
        for box in page.locator("input[name=student]").all():
            box.check()
        sent(page, "button[value=end]")
        return page.inner_text("#then")


def words_on(sheet: Sheet) -> str:
    """Returns the words in the square. Raises NotDone."""
    found = CARD.search(sheet.squares[0]) if sheet.squares else None
    if found is None:
        raise NotDone("No square with a card's words stands on the sheet.")
    return found[1].replace("-", " ")


def by_card(scene: Scene, words: str) -> str:
    """Returns what a new computer shows."""
    with scene.computer("/sign-in/card") as page:
        page.fill("#words", words)
        sent(page, "main form button")
        return page.inner_text("h1") if is_in(page) else said(page)
