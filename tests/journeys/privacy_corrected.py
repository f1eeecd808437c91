"""A mother asks to correct a name. The office agrees, and the request closes with the district's file that brings the name, and with no other. She also asks
to correct the grade level. The office refuses, and a hearing decides that the record stays. She adds a statement, and the next import doesn't remove it.
"""

import time
from datetime import datetime, timedelta

from playwright.sync_api import Page

from homeroom.ops.demo.madeup.sheets import write_zip
from homeroom.ops.demo.madeup.variants import read_texts
from tests.journeys import imports, nights
from tests.journeys.pages import follow
from tests.journeys.privacy_asked import ANA, short, tries_to_erase, words_of
from tests.journeys.sign_in.office import JOAN
from tests.journeys.sign_in.scene import SLUG, Scene, goes, sent
from tests.journeys.ties_tutor import nina

WANTED, WHY = "Ruiz Vega", "the birth certificate of second grade"
REASONS, DECISION = "She is in seventh grade.", "The school's papers say seventh grade."
STATEMENT = "Nina skipped a grade in another district."
STATE, LAST = (f"SELECT state FROM correction ORDER BY id {order} LIMIT 1" for order in ("", "DESC"))
GRADE_LEVEL = "main section:has(h2:has-text('Grade level'))"
ASKED = "main section:has(h2:has-text('for the record of Nina Ruiz')):has(p:has-text('To correct the record'))"
OPEN = "request to correct this record is open"


def play(scene: Scene) -> None:
    path = f"/children/{nina(scene)}/corrections"
    with scene.signed_in(ANA) as page:
        asks(scene, page)
    tries_to_erase(scene, "the operator tries to erase Nina's record, without changing anything", OPEN)
    agrees(scene)
    for name, middle, state, done in (
        ("Ruiz", "Sol", "agreed", "the next file brings another middle name, and the request stays open"),
        (WANTED, "Sol", "corrected", "the file after it brings the last name, and the request closes"),
        ("Ruiz", "Sol", "agreed", "a later file brings the old name back, and the request opens again"),
        (WANTED, "Sol", "corrected", "the last file has the correct name"),
    ):
        imported(scene, name, middle, state, done)
    with scene.signed_in(ANA) as page:
        reads(scene, page, path)
        asks_about_the_grade_level(scene, page)
    answers(scene, "refused", "Joan refuses, with her reasons", said=REASONS)
    with scene.signed_in(ANA) as page:
        appeals(scene, page, path)
    answers(scene, "hearing", "Joan sets a hearing for today", day=str(datetime.now(scene.stage.place(SLUG).zone).date()), place="3 p.m., Room 4")
    answers(scene, "refused", "the hearing is over, and she records its decision", said=DECISION)
    states(scene, path)


def states(scene: Scene, path: str) -> None:
    with scene.signed_in(ANA) as page:
        goes(page, scene.address(path))
        told = words_of(page, f"{GRADE_LEVEL} .card-text >> nth=0")
        form = page.inner_text(f"{GRADE_LEVEL} form:has(textarea)")
        holds = "Room 4" in told and f"the record stays: {DECISION}" in told and "lets you add a statement" in form
        scene.line("Ana reads the decision, and that she may add a statement", told, holds)
        page.fill(f"{GRADE_LEVEL} textarea", STATEMENT)
        sent(page, f"{GRADE_LEVEL} form:has(textarea) button")
        scene.line("she adds one", page.inner_text("#said"), "next to the record" in page.inner_text("#said"))
        is_stated(scene, page, path, "it is at the top of Nina's page")
    imported(scene, WANTED, "Luz", "corrected", "the next file brings another middle name")
    with scene.signed_in(ANA) as page:
        is_stated(scene, page, path, "her page still has the statement after that import")


def is_stated(scene: Scene, page: Page, path: str, done: str) -> None:
    goes(page, scene.address(path.removesuffix("/corrections")))
    told = words_of(page, "main section[aria-labelledby=statements]")
    scene.line(done, told, f"“{STATEMENT}”" in told and "Your statement" in told)


def asks_about_the_grade_level(scene: Scene, page: Page) -> None:
    follow(page, "main section[aria-labelledby=ask] a >> nth=2")
    page.fill("[name=wanted]", "8")
    page.check("input[name=ground][value=misleading]")
    page.fill("[name=why]", WHY)
    sent(page, "main form:has([name=wanted]) button.button-act")
    told = page.inner_text("#said")
    scene.line("she asks to correct the grade level, too", told, "Request sent" in told)


def answers(scene: Scene, verdict: str, done: str, **fields: str) -> None:
    with scene.at_work(JOAN) as page:
        goes(page, scene.address("/office/requests"))
        follow(page, "main section:has(p:has-text('Grade level')) a:has-text('Read and answer')")
        form = f"main form:has(button[value={verdict}])"
        for name, words in fields.items():
            page.fill(f"{form} [name={name}]", words)
        sent(page, f"{form} button[value={verdict}]")
        said = page.inner_text("#said")
        scene.line(done, f"{said}; {scene.owner(LAST)}", "Recorded" in said)


def appeals(scene: Scene, page: Page, path: str) -> None:
    goes(page, scene.address(path))
    told = words_of(page, f"{GRADE_LEVEL} .card-text >> nth=0")
    scene.line("Ana reads the reasons, and until when she can ask for a hearing", told, REASONS in told and "You have the right to a hearing" in told)
    sent(page, f"{GRADE_LEVEL} button.button-act")
    state = scene.owner(LAST)
    scene.line("she asks for one", f"{page.inner_text('#said')}; {state}", state == "hearing")


def asks(scene: Scene, page: Page) -> None:
    goes(page, scene.address(f"/children/{nina(scene)}/everything"))
    follow(page, "main a:has-text('Ask the school to correct it')")
    follow(page, "main section[aria-labelledby=ask] a >> nth=0")
    page.select_option("#chosen", "last name")
    page.fill("[name=wanted]", WANTED)
    page.check("input[name=ground][value=inaccurate]")
    page.fill("[name=why]", WHY)
    sent(page, "main form:has(#chosen) button.button-act")
    day = (datetime.now(scene.stage.place(SLUG).zone) + timedelta(days=30)).date()
    told = words_of(page, "main section:has(h2:has-text('Last name')) .card-text >> nth=0")
    scene.line("Ana asks to correct Nina's last name, and reads the day of the answer", told, f"to “{WANTED}”" in told and f"by {short(day)}" in told)


def agrees(scene: Scene) -> None:
    with scene.at_work("bo.larsen") as page:
        status = goes(page, scene.address("/office/requests"))
        scene.line("Bo, a teacher, opens the page of requests", f"{status}, {page.inner_text('h1')}", status == 404)
    with scene.at_work(JOAN) as page:
        goes(page, scene.address("/office/approvals"))
        follow(page, "main a[href='/office/requests']")
        told = words_of(page, ASKED)
        scene.line("Joan reads who asks about what, and no value", told, "Last name" in told and WANTED not in told)
        follow(page, f"{ASKED} a:has-text('Read and answer')")
        told = words_of(page, "main section[aria-labelledby=case] dl")
        scene.line("she opens the request, and reads the value on the record and why it is wrong", told, f"{WHY}" in told and "Ruiz\n" in told)
        page.fill("[name=value]", WANTED)
        sent(page, "main button[value=agreed]")
        scene.line("she agrees", f"{page.inner_text('#said')}; {scene.owner(STATE)}", scene.owner(STATE) == "agreed")


def imported(scene: Scene, name: str, middle: str, state: str, done: str) -> None:
    folder = scene.stage.computers[SLUG].folder
    texts = read_texts(folder / "export.zip")
    nights.change_one(texts, "users.csv", scene.stage.ids(SLUG)["Nina Ruiz"], familyName=name, middleName=middle)
    write_zip(folder / "corrected.zip", texts)
    _sealed, said = imports.sent(scene.stage, folder / "corrected.zip")
    before, until = scene.owner(STATE), time.monotonic() + 100
    scene.wake_clock("requests")
    while scene.owner("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'requests' AND status IN ('todo', 'doing')") != "0":
        if time.monotonic() > until:
            break
        time.sleep(0.3)
    now = scene.owner(STATE)
    scene.line(done, f"{said.get('state')}; the request was {before}, and is {now}", said.get("state") == "imported" and now == state)


def reads(scene: Scene, page: Page, path: str) -> None:
    goes(page, scene.address(path))
    told = words_of(page, "main section:has(h2:has-text('Last name')) .card-text >> nth=0")
    scene.line("Ana reads that the record has it now", told, f"The record says “{WANTED}” now." in told)
