"""A district's decisions about a child: a foster caregiver whose name no one can read, a father whom a court restricts, an alias."""

from playwright.sync_api import Page

from tests.journeys.sign_in.office import CARL, choose_password, letter, type_code
from tests.journeys.sign_in.scene import SLUG, Scene, goes, is_in, sent
from tests.journeys.ties_tutor import nina

FERN_AT_HOME, PASSWORD = "fern.at.home", "four words of Fern at home"
PHONE = {"width": 390, "height": 844}
FERN = """SELECT t.kind || ', ' || t.state || ', ' || t.is_confidential FROM tie t JOIN person p ON p.id = t.adult_id
    WHERE p.given_name = 'Fern' AND p.family_name = 'Hale'"""
BARRED = "SELECT count(*) FROM restriction r JOIN account a ON a.person_id = r.person_id WHERE a.sign_in_name = 'luis.at.home'"


def play(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        foster(scene, page)
    fern(scene)
    unnamed(scene)
    with scene.signed_in("luis.at.home") as his, scene.at_work(CARL) as page:
        bar(scene, page)
        his.goto(scene.address("/"))
        text = his.inner_text("main")
        scene.line("Luis, signed in all the while, opens his next page", his.inner_text("h1"), "Algebra" not in text and "court" not in text.lower())
        status = goes(his, scene.address(f"/children/{nina(scene)}"))
        scene.line("he opens Nina's page by its address", f"{status}, {his.inner_text('h1')}", status == 404)
    with scene.at_work(CARL) as page:
        mask(scene, page)


def adults_of_nina(scene: Scene, page: Page) -> None:
    page.goto(scene.address("/office/ties"))
    page.fill("#name", "Ruiz")
    sent(page, "main form[action='/office/ties'] button")
    sent(page, "main a:has-text('Nina Ruiz')")


def foster(scene: Scene, page: Page) -> None:
    adults_of_nina(scene, page)
    sent(page, "main a[href$='/new']")
    fields = {"given": "Fern", "family": "Hale", "relation": "foster caregiver"}
    for field, value in fields.items():
        page.fill(f"#{field}", value)
    page.select_option("#kind", "foster caregiver")
    page.select_option("#basis", "placement")
    for box in ("view][value=grades", "view][value=attendance", "proof][value='in person'", "confidential][value='1'"):
        page.check(f"input[name={box}]")
    sent(page, "main form .button-act")
    scene.line("Carl ties a foster caregiver, whose name stays with the office", f"{page.inner_text('#said')}; {scene.owner(FERN)}",
               scene.owner(FERN) == "foster caregiver, approved, true")  # fmt: skip


def fern(scene: Scene) -> None:
    sheet = letter(scene, CARL, "Fern Hale", "family", "wake")
    scene.stage.passwords[f"{SLUG} {FERN_AT_HOME}"] = PASSWORD
    with scene.computer() as page:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        type_code(scene, page, sheet.code)
        choose_password(page, PASSWORD, FERN_AT_HOME)
        page.goto(scene.address("/"))
        text = page.inner_text("main")
        is_hers = is_in(page) and "Algebra 1" in text and "Ana" not in text
        scene.line("Fern types the printed code on her phone, and reads the grades", page.inner_text("h1"), is_hers)


def unnamed(scene: Scene) -> None:
    with scene.signed_in("ana.ruiz") as page:
        page.goto(scene.address(f"/children/{nina(scene)}/who-can-see"))
        text = page.inner_text("main")
        is_unnamed = "whose name the school keeps confidential" in text and "Fern" not in text and "Hale" not in text
        scene.line("Ana reads who can see Nina", page.inner_text("#family"), is_unnamed)


def bar_from_nina(scene: Scene, page: Page, name: str) -> None:
    """Keeps a person from Nina's record by a court order. `name` is the given and the family name."""
    adults_of_nina(scene, page)
    sent(page, "main a[href$='/bar']")
    page.fill("#name", name.split()[0])
    sent(page, "main button[name=find]")
    page.check(f"main label:has-text('{name}') input[name=whom]")
    page.select_option("#basis", "court order")
    page.fill("#paper", "Safe, folder 12")
    sent(page, "main form .button-ends")


def bar(scene: Scene, page: Page) -> None:
    bar_from_nina(scene, page, "Luis Ruiz")
    scene.line("Carl bars Luis by a court's order, who stands twice: on record, and by his account", page.inner_text("#said"), scene.owner(BARRED) == "1")


def mask(scene: Scene, page: Page) -> None:
    page.goto(scene.address("/office/masked"))
    page.fill("#name", "Ruiz")
    sent(page, "main form[action='/office/masked'] button")
    sent(page, "main a:has-text('Nina Ruiz')")
    page.fill("#given", "Nina")
    page.fill("#family", "Hart")
    sent(page, "main form .button-act")
    scene.line("Carl types an alias that is half her name", page.inner_text("#given-error"), "Nina" in page.inner_text("main"))
    page.fill("#given", "Wren")
    sent(page, "main form .button-act")
    scene.line("he gives her another", page.inner_text("#said"), "Others see Wren Hart" in page.inner_text("main"))
