"""A tutor is let in and out, on phones. The district, an administrator and the mother must agree, and the mother can end it."""

import time

from homeroom.ops.answers import NotDone
from homeroom.ops.host.running import command
from tests.journeys.sign_in.office import CARL, enrol
from tests.journeys.sign_in.scene import SLUG, Scene, goes, is_in, said, sent

IVO, PASSWORD = "ivo.helps", "four words of Ivo and more"
PHONE = {"width": 390, "height": 844}
CHILD = """SELECT d.birth_date FROM demographic d JOIN person p ON p.id = d.person_id WHERE p.given_name = 'Nina' AND p.family_name = 'Ruiz'"""
UNMATCHED = "SELECT count(*) FROM tutor_request WHERE matched_at IS NULL"
LAST_DAY = "SELECT today() + 1"
PATIENCE = 90.0  # seconds. The jobs process runs each minute


def play(scene: Scene) -> None:
    applies(scene)
    approved(scene)
    asks(scene)
    let_in(scene)
    let_out(scene)


def applies(scene: Scene) -> None:
    scene.stage.passwords[f"{SLUG} {IVO}"] = PASSWORD
    with scene.computer() as page:
        status = goes(page, scene.address("/sign-in/tutor"))
        scene.line("a tutor looks for a way in, where the district takes none", f"{status}, {page.inner_text('h1')}", status == 404)
    command("portal", "tutors", SLUG, "with-grades", folder=scene.stage.installation.folder)
    with scene.computer("/sign-in/tutor") as page:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        fields = {"given_name": "Ivo", "family_name": "Blum", "organization": "After-School Center", "purpose": "Homework help"}
        for field, value in (fields | {"password": PASSWORD}).items():
            page.fill(f"#{field}", value)
        made = page.input_value("#sign_in_name")
        sent(page, "main form[action='/sign-in/tutor'] button")
        scene.owner(f"UPDATE account SET sign_in_name = '{IVO}' WHERE sign_in_name = '{made}' RETURNING 1")
        scene.line("the operator turns tutors on, and Ivo applies", page.inner_text("main")[:60], is_in(page) and "Nina" not in page.inner_text("main"))
        goes(page, scene.address("/account/factors/add"))
        enrol(scene, page, IVO)


def approved(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        page.goto(scene.address("/office/tutors"))
        page.check("main section:has-text('Ivo Blum') input[name=evidence] >> nth=0")
        sent(page, "main section:has-text('Ivo Blum') button[value=approved]")
        scene.line("Carl saw him in person, and approves him", said(page), "Ivo Blum" in page.inner_text("main"))


def asks(scene: Scene) -> None:
    with scene.computer() as page:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        scene.by_password(page, IVO)
        scene.by_app(page, IVO)
        page.goto(scene.address("/tutoring"))
        fields = {"child_given_name": "Nina", "child_family_name": "Ruiz", "child_birth_date": scene.owner(CHILD), "purpose": "Algebra homework",
                  "last_day": scene.owner(LAST_DAY)}  # fmt: skip
        for field, value in fields.items():
            page.fill(f"#{field}", value)
        page.select_option("#school", label="Lincoln Middle")
        for kind in ("grades", "attendance"):
            page.check(f"input[name=kind][value={kind}]")
        sent(page, "main form[action='/tutoring'] button")
        scene.line("Ivo asks for Nina's grades and attendance", said(page), "Nina" in page.inner_text("main") and "Algebra 1" not in page.inner_text("main"))
    scene.wake_clock("requests")
    until = time.monotonic() + PATIENCE
    while scene.owner(UNMATCHED) != "0":
        if time.monotonic() > until:
            raise NotDone("The jobs process did not look at the tutor's request.")
        time.sleep(0.5)


def let_in(scene: Scene) -> None:
    path = f"/children/{nina(scene)}/tutors"
    with scene.signed_in("dee.moss") as page:
        status = goes(page, scene.address(path))
        scene.line("Max's mother opens the page of Nina's tutors", f"{status}, {page.inner_text('h1')}", status == 404)
    with scene.signed_in("ana.ruiz") as page:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.goto(scene.address(path))
        form = "main form:has(input[name=signature])"
        page.check(f"{form} input[name=kind][value=grades]")
        page.fill(f"{form} input[name=signature]", "Anna")
        sent(page, f"{form} button[value=given]")
        scene.line("Ana signs with half of her name", said(page), "Ivo Blum asks" in page.inner_text("main"))
        page.check(f"{form} input[name=kind][value=grades]")
        page.fill(f"{form} input[name=signature]", "Ana Ruiz")
        sent(page, f"{form} button[value=given]")
        scene.line("she signs for the grades alone", page.inner_text("main .row-acts"), "End it now" in page.inner_text("main"))
    reads(scene, "Ivo reads Nina's grades, and no attendance", is_open=True)


def let_out(scene: Scene) -> None:
    with scene.signed_in("ana.ruiz") as page:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.goto(scene.address(f"/children/{nina(scene)}/tutors"))
        sent(page, "main .row-acts form button")
        scene.line("Ana ends it", said(page), "Ivo" not in page.inner_text("main"))
    reads(scene, "Ivo looks again", is_open=False)


def reads(scene: Scene, done: str, *, is_open: bool) -> None:
    with scene.signed_in(IVO) as page:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        status = goes(page, scene.address(f"/children/{nina(scene)}"))
        text = page.inner_text("main")
        holds = (status == 200 and "Algebra 1" in text and "Attendance" not in text) if is_open else (status == 404 and "Algebra" not in text)
        scene.line(done, f"{status}, {page.inner_text('h1')}", holds)


def nina(scene: Scene) -> str:
    """Returns the person's uuid, which addresses have in place of the name."""
    return scene.owner("SELECT uuid FROM person WHERE given_name = 'Nina' AND family_name = 'Ruiz'")
