"""The office's work: letters with a code, a lost app, a substitute, and a new administrator after a second approval and a day."""

from playwright.sync_api import Page

from homeroom.ops.answers import NotDone
from tests.journeys.sign_in.paper import Sheet, printed
from tests.journeys.sign_in.scene import SLUG, Scene, goes, is_in, said, sent

CARL, JOAN, ROSA, SAM = "carl.webb", "joan.abbott", "rosa.lim", "sam.ortega"
OFFICES = "SELECT count(DISTINCT person_id) FROM administrator WHERE end_date IS NULL"


def play(scene: Scene) -> None:
    first_sign_in(scene)
    lost_app(scene)
    substitute(scene)
    new_administrator(scene)


def letter(scene: Scene, by: str, name: str, side: str, kind: str) -> Sheet:
    """An administrator finds someone and prints a code. Raises NotDone."""
    with scene.at_work(by) as page:
        page.goto(scene.address("/office/codes"))
        page.fill("#name", name.rpartition(" ")[2])
        sent(page, "main form button")
        sent(page, f"main a:has-text('{name}')")
        form = f"form:has(input[name=side][value={side}])"
        page.check(f"{form} input[name=kind][value={kind}]")
        page.check(f"{form} input[name=checked][value='photo id']")
        return printed(page, f"{form} button")


def type_code(scene: Scene, page: Page, code: str) -> str:
    """Returns the answer of the page of codes."""
    page.goto(scene.address("/sign-in/code"))
    page.fill("#code", code.lower())
    sent(page, "main form button")
    return said(page)


def choose_password(page: Page, password: str, name: str = "") -> int:
    if name:
        page.fill("#sign-in-name", name)
    page.fill("#password", password)
    return sent(page, "main form:has(#password) button")


def enrol(scene: Scene, page: Page, name: str) -> None:
    """Adds an app, on the page that leads no further without one."""
    scene.stage.authenticators[f"{SLUG} {name}"] = page.inner_text("code.numbers").replace(" ", "")
    scene.steps.pop(name, None)
    page.fill("#code", scene.digits(name))
    sent(page, "main form:has(#code) button")


def first_sign_in(scene: Scene) -> None:
    sheet, password = letter(scene, CARL, "Sam Ortega", "staff", "wake"), f"{scene.password(CARL)}-too"
    scene.stage.passwords[f"{SLUG} {SAM}"] = password
    scene.line("Carl prints Sam, a counselor, a letter for the first sign-in", sheet.told(), sheet.is_tagged and sheet.pages == 2)
    with scene.computer() as page:
        type_code(scene, page, sheet.code)
        choose_password(page, password, SAM)
        told = page.inner_text("h1")
        status = goes(page, scene.address("/classes"))
        scene.line("Sam types the code and chooses a name and a password", f"{told}; his classes: {page.url}", status == 200 and not is_in(page))
        goes(page, scene.address("/sign-in/enrol"))
        enrol(scene, page, SAM)
        sent(page, "main a.button-act")
        scene.line("he adds an app, and is in", page.inner_text("h1"), is_in(page))


def lost_app(scene: Scene) -> None:
    """Rosa keeps the attendance of a school. No way in works without a second factor, not even the office's letter."""
    sheet = letter(scene, JOAN, "Rosa Lim", "staff", "factors")
    with scene.computer() as page, scene.computer() as other:
        type_code(scene, page, sheet.code)
        page.fill("#password", "not the password of Rosa")
        sent(page, "main form:has(#password) button")
        scene.line("somebody has the letter for Rosa's lost app, and not her password", said(page), not is_in(page))
        page.fill("#password", scene.password(ROSA))
        sent(page, "main form:has(#password) button")
        scene.line("Rosa types the code and her password", page.inner_text("h1"), page.url.endswith("/sign-in/enrol"))
        scene.by_password(other, ROSA)
        scene.line("before she has a new app, somebody comes with her password alone", said(other), not is_in(other))
        enrol(scene, page, ROSA)
        sent(page, "main a.button-act")
        scene.line("she adds an app, and is in", page.inner_text("h1"), is_in(page))


def substitute(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        page.goto(scene.address("/office/duties"))
        page.fill("#name", "Rosa")
        sent(page, "main form.filters button")
        sent(page, "main a:has-text('Rosa Lim')")
        sent(page, "main a[href^='/office/substitutes/new/']")
        page.select_option("#school", label="Lincoln Middle")
        page.fill("#words", "Larsen")
        sent(page, "button[name=find]")
        page.check("main label:has-text('Algebra 1') input[name=class] >> nth=0")
        page.fill("#why", "Bo is at a training.")
        sent(page, "main form[method=post] button.button-act")
        scene.line("Carl names Rosa a substitute in Algebra 1 for today", page.inner_text("#said"), "then=given" in page.url)
    with scene.signed_in(ROSA) as page:
        page.goto(scene.address("/substitute"))
        sent(page, "main a[href^='/substitute/']")
        holds = page.inner_text("h1") == "Algebra 1" and page.locator("main ol li").count() > 9
        scene.line("Rosa reads the names of that class", page.inner_text("main .lead"), holds)
        status = goes(page, page.url.replace("/substitute/", "/classes/"))
        scene.line("she opens its gradebook", f"{status}, {page.inner_text('h1')}", status == 404)


def new_administrator(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        page.goto(scene.address("/office/administrators"))
        page.fill("#name", "Sam")
        sent(page, "main form.filters button")
        sent(page, "main a:has-text('Sam Ortega')")
        page.fill("#why", "Carl retires in June.")
        sent(page, "main form.card button.button-act")
        is_alone = page.locator("button[value=second]").count() == 0
        scene.line("Carl proposes Sam as an administrator; he cannot confirm it himself", page.inner_text("main .card >> nth=0"), is_alone)
    with scene.at_work(JOAN) as page:
        page.goto(scene.address("/office/two-people"))
        sent(page, "button[value=second]")
        offices = scene.owner(OFFICES)
        scene.line("Joan confirms it", f"{page.inner_text('#said')}; {offices} administrators", offices == "2")
    with scene.signed_in(SAM) as page:
        scene.line("Sam opens the imports", *imports(scene, page, 404))
        scene.owner("UPDATE proposal SET lock_until = now() - interval '1 minute' WHERE kind = 'new administrator'")
        scene.wake_clock("two people")
        await_office(scene, page)
        scene.line("24 hours later (psql moves the lock) he opens them again", *imports(scene, page, 200))


def imports(scene: Scene, page: Page, wanted: int) -> tuple[str, bool]:
    status = goes(page, scene.address("/imports"))
    return f"{status}, {page.inner_text('h1')}", status == wanted and is_in(page)


def await_office(scene: Scene, page: Page) -> None:
    """Raises NotDone."""
    for _ in range(400):
        if scene.owner(OFFICES) == "3":
            return
        page.wait_for_timeout(200)
    raise NotDone("The jobs process did not make the administrator within 80 s.")
