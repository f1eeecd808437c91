"""The journey `ties`: a father on record registers with a letter, is approved and sees the child. The mother challenges him, his access ends,
administrators are notified, and one lets him in again. The district gives a foster caregiver access, restricts the father by a court order and gives the
child an alias. A tutor is let in and out, and sees the alias. The child leaves, and the record is inspected. All but the office's work is on phones of 390
by 844 pixels.
"""

import time

from playwright.sync_api import Page

from homeroom.ops.answers import NotDone
from tests.journeys import file, ties_left, ties_office, ties_tutor
from tests.journeys.pages import chromium, follow
from tests.journeys.sign_in.office import CARL, JOAN
from tests.journeys.sign_in.paper import Sheet, printed
from tests.journeys.sign_in.scene import SLUG, Scene, is_in, said, sent
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale

LUIS, PASSWORD = "luis.at.home", "four words of Luis at home"
PHONE = {"width": 390, "height": 844}
BORN = "SELECT d.birth_date FROM demographic d JOIN person p ON p.id = d.person_id WHERE p.given_name = 'Nina' AND p.family_name = 'Ruiz'"
PROVEN = """INSERT INTO mail_address (account_id, address, proven_at) SELECT id, 'carl@lincoln.example', now() FROM account
    WHERE sign_in_name = 'carl.webb' RETURNING 1"""
CODES = "SELECT count(*) FROM contact_code WHERE digest IS NOT NULL AND length(digest) = 32"
# Homeroom makes the username. The rest of the tale calls the account by a name of its own.
RENAMED = "UPDATE account SET sign_in_name = '%s' WHERE sign_in_name = '%s' RETURNING 1"
TIE = "SELECT t.state || ', ' || t.proof FROM tie t JOIN account a ON a.person_id = t.adult_id WHERE a.sign_in_name = 'luis.at.home'"
MATCHED = "SELECT count(*) FROM registration WHERE matched_at IS NOT NULL AND student_id IS NOT NULL"
PATIENCE = 90.0  # seconds. The jobs process runs each minute


def play(stage: Stage, tale: Tale) -> None:
    """Raises NotDone if the journey can't go on."""
    file.play(stage, tale, SLUG)
    with chromium() as browser:
        scene = Scene(stage, tale, browser)
        scene.owner(PROVEN)
        code = letter(scene).code
        registers(scene, code)
        approved(scene)
        challenged(scene)
        asked(scene)
        restored(scene)
        looked(scene)
        ties_office.play(scene)
        ties_tutor.play(scene)
        ties_left.play(scene)


def letter(scene: Scene) -> Sheet:
    with scene.at_work(JOAN) as page:
        page.goto(scene.address("/office/letters"))
        page.select_option("#school", label="Lincoln Middle")
        page.fill("#name", "Ruiz")
        sent(page, "main form.filters button")
        page.evaluate("document.querySelectorAll('input[name=contact]').forEach(box => { box.checked = false })")
        text = page.inner_text("main")
        page.check("main label:has-text('Luis Ruiz'):has-text('Nina Ruiz') input")
        page.check("input[name=way][value=post]")
        sheet = printed(page, "main form:has(input[name=way]) .button-act")
    holds = sheet.is_tagged and "Luis Ruiz" in sheet.text and "Nina" in sheet.text and "Ana" not in sheet.text and "Nina Ruiz" not in sheet.text
    scene.line("Joan prints a letter for Nina's father, who is on record", sheet.told(), holds)
    scene.line("she looks for Ana on the list, who is tied already", "Ana Ruiz" in text, "Ana Ruiz" not in text)
    scene.line("psql looks at what is kept of its code", scene.owner(CODES), scene.owner(CODES) == "1")
    return sheet


def register(scene: Scene, page: Page, code: str, name: str, first: str) -> int:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(scene.address("/sign-in/register"))
    fields = {"given_name": first, "family_name": "Ruiz", "child_given_name": "Nina", "child_family_name": "Ruiz", "child_birth_date": scene.owner(BORN),
              "code": code.lower(), "password": PASSWORD}  # fmt: skip
    for field, value in fields.items():
        page.fill(f"#{field}", value)
    made = page.input_value("#sign_in_name")
    page.select_option("#school", label="Lincoln Middle")
    page.select_option("#relation", "father")
    status = sent(page, "main form[action='/sign-in/register'] button")
    scene.owner(RENAMED % (name, made))
    return status


def registers(scene: Scene, code: str) -> None:
    scene.stage.passwords[f"{SLUG} {LUIS}"] = PASSWORD
    with scene.computer() as page:
        register(scene, page, code, LUIS, "Luis")
        text = page.inner_text("main")
        scene.line("Luis registers on his phone with the letter's code", page.inner_text("h1"), is_in(page) and "The school office checks" in text)
        path = f"/children/{ties_tutor.nina(scene)}"
        page.goto(scene.address(path))
        scene.line("he opens Nina's page before anybody approved him", page.inner_text("h1"), "Nina" not in page.inner_text("main"))
    with scene.computer() as page:
        status = register(scene, page, code, "somebody.else", "Ivo")
        scene.line("somebody else registers with the same code", f"{status}: {said(page)}", status == 422 and not is_in(page))


def approved(scene: Scene) -> None:
    scene.wake_clock("requests")
    until = time.monotonic() + PATIENCE
    while scene.owner(MATCHED) == "0":
        if time.monotonic() > until:
            raise NotDone("The jobs process found no record for the request.")
        time.sleep(0.5)
    with scene.at_work(JOAN) as page:
        page.goto(scene.address("/office/approvals"))
        sent(page, "main a:has-text('Luis Ruiz')")
        text = page.inner_text("main")
        scene.line("Joan reads the request beside the record", page.inner_text("#letter"), "Nina Ruiz" in text and "Ana" not in text)
        page.check("input[name=student] >> nth=0")
        page.check("input[name=evidence][value=code]")
        sent(page, "button[name=verdict][value=approved]")
        scene.line("she approves it by the letter's code", f"{page.inner_text('#said')}; {scene.owner(TIE)}", scene.owner(TIE) == "approved, code")
    sees(scene, "Luis opens Nina's page", is_open=True)


def sees(scene: Scene, done: str, *, is_open: bool) -> None:
    with scene.signed_in(LUIS) as page:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.goto(scene.address())
        text = page.inner_text("main")
        told = "Algebra 1" if "Algebra 1" in text else page.inner_text("main")[:80]
        scene.line(done, told, ("Algebra 1" in text) is is_open)


def challenged(scene: Scene) -> None:
    with scene.signed_in(LUIS) as his, scene.signed_in("ana.ruiz") as page:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        follow(page, "main h2 a:has-text('Nina')")
        page.goto(page.url.rstrip("/") + "/who-has-looked")
        page.click("main a[href$='/challenge']")
        page.check("main label:has-text('Luis Ruiz') input[name=whom]")
        page.check("input[name=reason][value='not allowed']")
        page.fill("#words", "He lives elsewhere since May.")
        since = time.monotonic()
        sent(page, "main form[action$='/challenge'] button")
        scene.line("Ana challenges him on her phone", page.inner_text("#said"), "then=sent" in page.url)
        his.goto(scene.address())
        text = his.inner_text("main")
        scene.line("on his next page Luis sees nothing of Nina", his.inner_text("#checks"), "Algebra" not in text and "Ana" not in text)
        mail = scene.stage.post.awaited("carl@lincoln.example", 1)
        took = time.monotonic() - since
        words = str(mail.get_content())
        scene.line("a mail tells Carl", f"after {took:.0f} s: {mail['Subject']}", took < 60 and not {"Ana", "Luis", "Nina", "Ruiz"} & set(words.split()))


def asked(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        page.goto(scene.address("/office/challenges"))
        sent(page, "main a:has-text('Luis Ruiz')")
        scene.line("Carl opens the case", page.inner_text("#stands"), "can’t see Nina’s record now" in page.inner_text("#stands"))
        for field, words in (("#to-challenger", "Is there an order of a court?"), ("#to-challenged", "Bring a photo ID to the office.")):
            page.fill(field, words)
            sent(page, f"form:has({field}) button")
    with scene.signed_in(LUIS) as his, scene.signed_in("ana.ruiz") as hers:
        his.goto(scene.address("/requests"))
        sent(his, "main a[href^='/checks/']")
        follow(hers, "main h2 a:has-text('Nina')")
        hers.goto(hers.url.rstrip("/") + "/challenge")
        sent(hers, "main a[href^='/challenges/']")
        he_reads, she_reads = his.inner_text("main"), hers.inner_text("main")
        apart = "court" not in he_reads and "Ana" not in he_reads and "elsewhere" not in he_reads and "photo ID to the office." not in she_reads
        scene.line("each reads what Carl wrote to them, and nothing else", his.inner_text("main .written"), apart and "court" in she_reads)


def restored(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        page.goto(scene.address("/office/challenges"))
        sent(page, "main a:has-text('Luis Ruiz')")
        page.check("input[name=act][value=restored]")
        page.select_option("#evidence", "photo id")
        page.fill("#why", "He came with an ID; no court has said anything.")
        sent(page, "form:has(input[name=act]) .button-act")
        told = f"{page.inner_text('#said')}; {scene.owner(TIE)}"
        scene.line("Carl alone restores him: the letter's code made him a contact of the record", told, scene.owner(TIE) == "approved, in person")
    sees(scene, "Luis opens Nina's page again", is_open=True)


def looked(scene: Scene) -> None:
    with scene.signed_in(LUIS) as page:
        page.goto(scene.address("/who-has-looked"))
        text = page.inner_text("main")
        told = next((line for line in text.splitlines() if "while the school checks" in line), "no such line")
        scene.line("he reads in Nina's ledger that it was closed, and by whom not", told, "while the school checks" in text and "challenge" not in told.lower())
    with scene.signed_in("ana.ruiz") as page:
        page.goto(scene.address("/"))
        follow(page, "main h2 a:has-text('Nina')")
        page.goto(page.url.rstrip("/") + "/challenge")
        text = page.inner_text("main")
        scene.line("Ana reads what the school decided", page.inner_text("main .row-main .small >> nth=0"), "It checked who Luis Ruiz is" in text)
