"""Two administrators let the operator's support in. It sees numbers in place of names, and loses access when one administrator ends it."""

from playwright.sync_api import Page

from homeroom.ops.host.running import command
from tests.journeys.pages import opened
from tests.journeys.sign_in.attacks import LATER
from tests.journeys.sign_in.office import CARL, JOAN
from tests.journeys.sign_in.scene import SLUG, Scene, goes, said, sent, with_device

SOL = "Sol Park"
NAMES = ("Nina", "Ruiz", "Ana", "Larsen", "Algebra", "Problem set")


def play(scene: Scene) -> None:
    with opened(scene.stage, scene.browser, SLUG) as page:
        registered(scene, page)
        told, is_let = entered(scene, page)
        scene.line("Sol uses the passkey before anybody granted anything", told, not is_let)
        proposed(scene)
        told, is_let = entered(scene, page)
        scene.line("… and while one administrator proposes it", told, not is_let)
        confirmed(scene)
        scene.owner(LATER)
        told, is_let = entered(scene, page)
        scene.line("… and when two granted it for an hour", told, is_let)
        masked(scene, page)
        ended(scene)
        page.goto(scene.address("/support/students/1"))
        scene.line("Sol opens the student's page again", page.url, page.url.endswith("/support/sign-in"))
        told, is_let = entered(scene, page)
        scene.line("… and uses the passkey again", told, not is_let)


def registered(scene: Scene, page: Page) -> None:
    made = command("portal", "support", "add", SLUG, SOL, folder=scene.stage.installation.folder)
    with_device(page)
    page.goto(scene.address("/support/register"))
    page.fill("#code", made["code"])
    sent(page, "main form button")
    sent(page, "form[data-options] button")
    told = page.inner_text("main .notice")
    scene.line("the operator names Sol Park, who makes a passkey by a one-use code", told, "registered" in told)
    page.goto(scene.address("/support/register"))
    page.fill("#code", made["code"])
    sent(page, "main form button")
    scene.line("the code is typed again", said(page), page.locator("form[data-options]").count() == 0)


def entered(scene: Scene, page: Page) -> tuple[str, bool]:
    """Returns the answer to the passkey, and whether it led in."""
    page.goto(scene.address("/support/sign-in"))
    sent(page, "form[data-options] button")
    return said(page), page.url.endswith("/support")


def proposed(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        page.goto(scene.address("/office/support"))
        sent(page, f"main a:has-text('{SOL}')")
        page.fill("#name", "Nina")
        sent(page, "button[name=find]")
        sent(page, "main a:has-text('Nina Ruiz')")
        page.select_option("#hours", "1")
        page.fill("#why", "Her average looks wrong to her mother.")
        sent(page, "form:has(#why) button")
        is_alone = page.locator("button[value=second]").count() == 0
        scene.line("Carl proposes to let Sol in, for Nina's record", page.inner_text("#said"), is_alone and "then=proposed" in page.url)


def confirmed(scene: Scene) -> None:
    with scene.at_work(JOAN) as page:
        page.goto(scene.address("/office/two-people"))
        sent(page, f"section:has-text('{SOL}') button[value=second]")
        scene.line("Joan confirms it", page.inner_text("#said"), page.locator("button[value=second]").count() == 0)


def masked(scene: Scene, page: Page) -> None:
    page.goto(scene.address("/support/students/1"))
    text = page.inner_text("main")
    named = [name for name in NAMES if name in page.content()]
    scene.line("Sol opens Nina's page, who is Student 1 there", f"{page.inner_text('h1')}; of names {named or 'none'}", "%" in text and not named)
    for path in ("/support/students/2", "/imports", "/office/codes"):
        status = goes(page, scene.address(path))
        scene.line(f"Sol opens {path}", f"{status}, {page.url}", status == 404 or "/sign-in" in page.url)
    with scene.signed_in("ana.ruiz") as own:
        own.click("nav a:has-text('Access log'):visible")
        own.wait_for_url("**/who-has-looked")
        looks = [line for line in own.inner_text("main").splitlines() if "support viewed" in line]
        scene.line("Ana reads it in her child's ledger", looks, len(looks) == 1)


def ended(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        page.goto(scene.address("/office/support"))
        page.fill("main form textarea", "Thank you, we have found it.")
        sent(page, "main form:has(textarea) button")
        scene.line("Carl ends it", page.inner_text("main .lead"), "then=ended" in page.url)
