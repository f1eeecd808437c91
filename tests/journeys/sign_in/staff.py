"""Staff sign in: by password and app, by passkey only, by a recovery code. Also an administrator, and a teacher who is a mother, in either role."""

from playwright.sync_api import Page

from homeroom.ops.demo.feeding import make_people
from tests.journeys.pages import opened
from tests.journeys.sign_in.scene import SLUG, Scene, goes, is_in, said, sent, with_device

BO, CARL, PRIYA = "bo.larsen", "carl.webb", "priya.nair"


def play(scene: Scene) -> None:
    app(scene)
    passkey(scene)
    administrator(scene)
    other_side(scene)


def app(scene: Scene) -> None:
    with scene.computer() as page, scene.computer() as other:
        scene.by_password(page, BO)
        told = page.inner_text("h1")
        goes(page, scene.address("/classes"))
        scene.line("Bo signs in by password, and opens his classes before the second step", f"{told}; {page.url}", not is_in(page))
        goes(page, scene.address("/sign-in/second"))
        page.fill("input[name=code]", "000000")
        sent(page, "main form:has(input[name=code]) button")
        scene.line("he types digits that his app does not show", said(page), not is_in(page))
        digits = scene.digits(BO)
        page.fill("input[name=code]", digits)
        sent(page, "main form:has(input[name=code]) button")
        scene.line("he types those that it shows", page.inner_text("h1"), is_in(page) and "Algebra 1" in page.inner_text("main"))
        scene.by_password(other, BO)
        other.fill("input[name=code]", digits)
        sent(other, "main form:has(input[name=code]) button")
        scene.line("somebody who has his password types the same digits once more", said(other), not is_in(other))


def passkey(scene: Scene) -> None:
    with opened(scene.stage, scene.browser, SLUG) as page:
        scene.sign_in(page, BO)
        with_device(page)
        page.goto(scene.address("/account/factors/add"))
        page.fill("#passkey-name", "School laptop")
        sent(page, "form[data-options] button")
        scene.line("Bo adds a passkey of the school's laptop", page.inner_text("main ul"), "School laptop" in page.inner_text("main"))
        sent(page, "form[action='/account/factors/codes'] button")
        codes = page.locator(".recovery-codes code").all_inner_texts()
        scene.line("he has new recovery codes made", f"{len(codes)} codes", len(codes) >= 8)
        page.context.clear_cookies()
        by_passkey(page, scene.address())
        scene.line("he signs in by the passkey alone", page.inner_text("h1"), is_in(page) and "Algebra 1" in page.inner_text("main"))
        by_passkey(page, scene.stage.address("harbor"))
        scene.line("the same passkey at Harbor's door", said(page), not is_in(page))
    for told, holds in (("he lost both, and signs in by password and a recovery code", True), ("somebody uses that code again", False)):
        with scene.computer() as page:
            scene.by_password(page, BO)
            page.click("summary")
            page.fill("input[name=recovery_code]", codes[0])
            sent(page, "form:has(input[name=recovery_code]) button")
            scene.line(told, page.inner_text("h1") if holds else said(page), is_in(page) is holds)


def by_passkey(page: Page, address: str) -> None:
    page.goto(f"{address}sign-in/passkey")
    sent(page, "form[data-options] button")


def administrator(scene: Scene) -> None:
    with scene.computer() as page:
        scene.by_password(page, CARL)
        goes(page, scene.address("/imports"))
        scene.line("Carl, an administrator, opens the imports by his password alone", page.url, not is_in(page))
    with scene.at_work(CARL) as page:
        status = goes(page, scene.address("/imports"))
        scene.line("… and by password and app", f"{status}, {page.inner_text('h1')}", status == 200 and is_in(page))


def other_side(scene: Scene) -> None:
    child = two_sides(scene)
    with scene.signed_in(PRIYA) as page:
        status = goes(page, scene.address(f"/children/{child}"))
        scene.line("Priya signs in as a teacher, and opens her daughter's page", f"{status}, {page.inner_text('h1')}", status == 404)
        change_over(scene, page, "As family")
        told = f"{page.inner_text('h1')}, the name {page.input_value('input[name=sign_in_name]')} stands in the form"
        status = goes(page, scene.address(f"/children/{child}"))
        scene.line("she changes over to her family's side, without its password yet", f"{told}; {status}", status == 404)
        change_over(scene, page, "As family")
        page.fill("input[name=password]", scene.password("priya.family"))
        sent(page, "main form:has(input[name=password]) button")
        goes(page, scene.address(f"/children/{child}"))
        scene.line("… with its password", page.inner_text("h1"), "Asha" in page.inner_text("h1"))
        change_over(scene, page, "As staff")
        page.fill("input[name=password]", scene.password(PRIYA))
        sent(page, "main form:has(input[name=password]) button")
        scene.by_app(page, PRIYA)
        scene.line("… and back, with the password and the app of her work", page.inner_text("h1"), "Science 7" in page.inner_text("main"))


def change_over(scene: Scene, page: Page, side: str) -> None:
    page.goto(scene.address("/account"))
    sent(page, f"main a:has-text('{side}')")


def two_sides(scene: Scene) -> str:
    """Makes Priya's two accounts, each with its own password. Returns the id in the address of her daughter's page."""
    stage, ids = scene.stage, scene.stage.ids(SLUG)
    passwords = {side: f"{scene.password(BO)}-{side}" for side in ("staff", "family")}
    key = stage.authenticators[f"{SLUG} {BO}"]
    for side, name in (("staff", PRIYA), ("family", "priya.family")):
        ties = [[ids["Priya Nair"], ids["Asha Nair"], "mother"]] if side == "family" else []
        accounts = [[ids["Priya Nair"], side, name]]
        make_people(stage.installation, SLUG, {"password": passwords[side], "authenticator": key, "accounts": accounts, "ties": ties, "duties": []})
        stage.passwords[f"{SLUG} {name}"] = passwords[side]
    stage.authenticators[f"{SLUG} {PRIYA}"] = key
    return scene.owner(f"SELECT uuid FROM person WHERE sourced_id = '{ids['Asha Nair']}'")
