"""A student leaves. The family keeps access for sixty days, then asks, and the school shows the record again. Nothing is erased."""

from playwright.sync_api import Page

from homeroom.ops.demo.madeup.variants import without
from tests.journeys import imports
from tests.journeys.pages import follow
from tests.journeys.sign_in.office import JOAN
from tests.journeys.sign_in.scene import SLUG, Scene, goes, sent
from tests.journeys.ties_tutor import nina

RESULTS = "SELECT count(*) > 0 FROM result r JOIN person p ON p.id = r.student_id WHERE p.given_name = 'Nina' AND p.family_name = 'Ruiz'"
PAST = """UPDATE role SET ended_at = ended_at - interval '61 days' WHERE person_id = (SELECT id FROM person WHERE given_name = 'Nina' AND family_name = 'Ruiz');
    UPDATE person SET ended_at = ended_at - interval '61 days' WHERE given_name = 'Nina' AND family_name = 'Ruiz'"""


def play(scene: Scene) -> None:
    stage, child = scene.stage, nina(scene)
    export = imports.folder(stage) / "left.zip"
    without(imports.first(stage), export, [stage.ids(SLUG)["Nina Ruiz"]])
    _, said = imports.sent(stage, export)
    scene.line("lincoln sends a night without Nina", f"{said['state']}: {said['sentence']}", said["state"] == "imported")
    with scene.signed_in("ana.ruiz") as page:
        status = goes(page, scene.address(f"/children/{child}"))
        scene.line("Ana opens Nina's page, as for sixty days more", f"{status}, {page.inner_text('h1')}", status == 200 and "Nina" in page.inner_text("h1"))
        page.goto(scene.address("/inspection"))
        with page.expect_download() as loaded:
            page.click("main a[href$='/download']")
        text = loaded.value.path().read_text()
        scene.line("she downloads every year's grades", text.splitlines()[0], len(text.splitlines()) > 5)  # the header, and a line for each grade
    scene.owner(PAST)
    with scene.signed_in("ana.ruiz") as page:
        asked(scene, page, child)
    with scene.at_work(JOAN) as page:
        page.goto(scene.address("/office/requests"))
        follow(page, "main section >> nth=0 >> a")
        words = page.inner_text("main section >> nth=0")
        sent(page, "main button[value=opened]")
        scene.line("Joan opens it again for fourteen days", page.inner_text("#said"), "Nina Ruiz" in words)
    with scene.signed_in("ana.ruiz") as page:
        status = goes(page, scene.address(f"/children/{child}"))
        scene.line("Ana inspects the record", f"{status}, {page.inner_text('h1')}", status == 200 and scene.owner(RESULTS) == "t")


def asked(scene: Scene, page: Page, child: str) -> None:
    status = goes(page, scene.address(f"/children/{child}"))
    scene.line("sixty-one days later she opens Nina's page", f"{status}, {page.inner_text('h1')}", status == 404)
    page.goto(scene.address("/inspection"))
    sent(page, "main form[action='/inspection'] button")
    text = page.inner_text("main")
    scene.line("she asks the school to show it, and reads by when it must", page.inner_text("#said"), "five business days, until" in text)
