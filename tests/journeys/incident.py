"""The journey `incident`: a drill. Someone used a teacher's password. An administrator declares the incident, counts who is affected, and psql counts the same.
Two administrators release the letters, and a mother reads hers. On resolution they release the second notice and record the review. The portals next to
the drill don't change.
"""

import json
from datetime import datetime, timedelta

from playwright.sync_api import Page

from homeroom.gateway.settings import read_settings
from homeroom.ops.demo.districts import SIGN_INS, feed
from homeroom.ops.demo.drill import made, misuse
from homeroom.ops.demo.own_export import running_told, temporary
from homeroom.ops.demo.plan import LINCOLN_DEMO
from homeroom.ops.host.running import command
from tests.journeys.incident_host import kept_by_the_operator
from tests.journeys.pages import chromium, follow
from tests.journeys.privacy_asked import ANA, words_of
from tests.journeys.sign_in.office import CARL, JOAN
from tests.journeys.sign_in.scene import SLUG, Scene, goes, sent
from tests.journeys.stage import Stage
from tests.journeys.tale import Tale

TITLE = "Stolen teacher account"
LETTER = {
    "what_happened_en": "Someone used a teacher's password.", "doing_en": "We closed the account.", "can_do_en": "Call us with questions.",
    "what_happened_es": "Alguien usó la contraseña de un maestro.", "doing_es": "Cerramos la cuenta.", "can_do_es": "Llámenos si tiene preguntas.",
}  # fmt: skip
SECOND = {
    "what_happened_en": "We found out how it was done.", "doing_en": "Every teacher has a passkey now.", "can_do_en": "Change your password.",
    "what_happened_es": "Supimos cómo se hizo.", "doing_es": "Cada maestro tiene una llave de acceso.", "can_do_es": "Cambie su contraseña.",
}  # fmt: skip
BO = "(SELECT person_id FROM account WHERE sign_in_name = 'bo.larsen')"
STUDENTS = f"""SELECT count(DISTINCT s.person_id)
    FROM enrollment t JOIN enrollment s ON s.section_id = t.section_id AND s.role = 'student' AND s.ended_at IS NULL
    WHERE t.person_id = {BO} AND t.role = 'teacher' AND t.ended_at IS NULL"""
ROWS = "SELECT (SELECT count(*) FROM ledger) || ', ' || (SELECT count(*) FROM security_event) || ', ' || (SELECT count(*) FROM incident)"
DUE = "SELECT to_char((SELECT moment FROM incident_fact WHERE kind = 'declared') AT TIME ZONE time_zone + interval '24 hours', 'HH12:MI') FROM district"


def play(stage: Stage, tale: Tale) -> None:
    """Raises NotDone if the journey can't go on."""
    before = next_to_it(stage)
    with temporary("drill") as folder:
        installation = made(folder / "installation")
        with running_told(installation), chromium() as browser:
            feed(installation, (LINCOLN_DEMO,))
            drill = Stage(installation, read_settings(installation.folder), stage.post)
            for each in json.loads((installation.folder / SIGN_INS).read_text()):
                drill.passwords[f"{SLUG} {each['sign_in_name']}"] = each["password"]
                drill.authenticators[f"{SLUG} {each['sign_in_name']}"] = each["authenticator"]
            scene = Scene(drill, tale, browser)
            opened = misuse(installation.portal(SLUG))
            scene.line("someone opens a teacher's classes with his password", f"{opened} classes", opened > 1)
            handled(scene)
            released(scene)
            resolved(scene)
            ended(scene)
        kept_by_the_operator(installation, SLUG, tale)
    tale.line("psql counts the rows of the portals next to the drill", before, next_to_it(stage) == before)


def next_to_it(stage: Stage) -> str:
    return "; ".join(f"{slug}: {stage.psql(slug, 'owner', ROWS)[1]}" for slug in stage.installation.slugs())


def handled(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        goes(page, scene.address("/people"))
        follow(page, "a[href='/office/incidents']")
        strip = words_of(page, ".drill")
        scene.line("Carl opens Incidents, and the page says that it is a drill", f"{strip} Title: {page.title()}", "Drill" in strip and "Drill" in page.title())
        declared(scene, page)
        recorded(scene, page, "decide/suspect", "he names the account as a suspect", find="Larsen", why="The password was on a list.")
        now = datetime.now(scene.stage.place(SLUG).zone)
        count = {"since": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}", "until": f"{now:%Y-%m-%dT%H:%M}"}
        recorded(scene, page, "record/count", "he counts who is affected", find="Larsen", **count)
        told, students = words_of(page, "main section[aria-labelledby=who] tbody tr >> nth=0"), scene.owner(STUDENTS)
        scene.line("psql counts the students of these classes, and the page has as many", f"{students}; {told}", told.split() == ["Names", students, "0", "0"])
        by_session(scene, page, f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}", f"{now:%Y-%m-%dT%H:%M}")
        contained(scene, page)
        done = {"clock": "leads met", "moment": f"{now:%Y-%m-%dT%H:%M}", "said": "By phone, at eight."}
        recorded(scene, page, "record/done", "the leads met, and he records it", **done)
        state = page.get_attribute("main li[data-said^='leads met']", "data-said")
        scene.line("that clock is done", state, state == "leads met: imported")


def by_session(scene: Scene, page: Page, since: str, until: str) -> None:
    here = page.url.partition("?")[0]
    goes(page, f"{here}/record/count")
    page.fill("[name=name]", "Larsen")
    sent(page, "main button[name=find]")
    page.check("input[name=account]")
    sent(page, "main button[name=sign_ins]")
    page.select_option("[name=sign_in]", index=1)
    page.fill("[name=since]", since)
    page.fill("[name=until]", until)
    sent(page, "main form:has([name=sign_in]) .button-act")
    told = words_of(page, "main section[aria-labelledby=who] li:has-text('one session')")
    students = int(scene.owner(STUDENTS))
    scene.line("he counts only that session: as many students, and Bo himself", told, told.endswith(str(students + 1)))


def contained(scene: Scene, page: Page) -> None:
    here = page.url.partition("?")[0]
    goes(page, f"{here}/contain")
    page.fill("main form:has(button[value=close]) [name=why]", "The password was on a list.")
    sent(page, "main button[value=close]")
    told = scene.owner("SELECT is_active || ', ' || (SELECT count(*) FROM session s WHERE s.account_id = a.id AND s.ended_at IS NULL)"
                       " FROM account a WHERE sign_in_name = 'bo.larsen'")  # fmt: skip
    scene.line("he closes the account, and psql finds it closed and without a session", told, told == "false, 0")
    goes(page, here)


def declared(scene: Scene, page: Page) -> None:
    zone = scene.stage.place(SLUG).zone
    page.fill("[name=title]", TITLE)
    page.fill("[name=start]", f"{datetime.now(zone) - timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.fill("[name=said]", "Bo saw a sign-in that was not his.")
    sent(page, "main form:has([name=title]) button")
    told, due = words_of(page, "main .lead"), scene.owner(DUE).lstrip("0")
    scene.line("he declares it; the first deadline is 24 hours after the discovery, as psql computes", told, TITLE in told and due in told)


def recorded(scene: Scene, page: Page, form: str, done: str, find: str = "", **fields: str) -> None:
    here = page.url.partition("?")[0]
    goes(page, f"{here}/{form}")
    if find:
        page.fill("[name=name]", find)
        sent(page, "main button[name=find]")
        page.check("input[name=account]")
    for name, words in fields.items():
        if name == "clock":
            page.select_option("[name=clock]", words)
        else:
            page.fill(f"[name={name}]", words)
    sent(page, "main form:not(:has(button[name=find])) .button-act")
    told = page.inner_text("#said")
    scene.line(done, told, "No one can change" in told or "Another administrator" in told)


def released(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        goes(page, scene.address("/office/incidents"))
        follow(page, f"main a:has-text('{TITLE}')")
        here = page.url
        goes(page, f"{here}/letter")
        for name, words in LETTER.items():
            page.fill(f"[name={name}]", words)
        sent(page, "main form .button-act")
        headings = page.locator("main section[lang=en] h3").all_inner_texts()
        scene.line("he writes the letter in both languages", ", ".join(headings), len(headings) == 5 and page.locator("main section[lang=es] h3").count() == 5)
        goes(page, here)
        recorded(scene, page, "decide/release", "he proposes to release it", why="The board knows.")
    with scene.signed_in(ANA) as page:
        goes(page, scene.address("/breach-letters"))
        told = words_of(page, "main")
        scene.line("Ana has no letter yet", told, "no notices" in told)
    with scene.at_work(JOAN) as page:
        goes(page, scene.address("/office/two-people"))
        sent(page, "section:has-text('Release the letters') button[value=second]")
        told = page.inner_text("#said")
        many = scene.owner("SELECT count(*) || ' letters, ' || count(DISTINCT person_id) || ' people' FROM breach_letter")
        scene.line("Joan confirms it, and psql counts one letter for each person", f"{told}: {many}", len(set(many.split()[::2])) == 1)
    with scene.signed_in(ANA) as page:
        goes(page, scene.address("/breach-letters"))
        told = words_of(page, "main")
        holds = "Notice of Data Breach" in told and "the record of Nina" in told and "Drill" in told and "Aviso" in told
        scene.line("Ana reads hers, in both languages, about Nina", told[:300], holds)
        read = scene.owner("SELECT count(*) FROM breach_letter WHERE read_at IS NOT NULL")
        scene.line("psql finds the proof of delivery", f"{read} letter opened", read == "1")


def opened(scene: Scene, page: Page) -> str:
    """Returns the address of the incident's page."""
    goes(page, scene.address("/office/incidents"))
    follow(page, f"main a:has-text('{TITLE}')")
    return page.url


def through(page: Page, *stages: str) -> str:
    for stage in stages:
        sent(page, f"main button:has-text('Go on to: {stage}')")
    return words_of(page, "main section[aria-labelledby=now] h2")


def resolved(scene: Scene) -> None:
    """The second notice, and the review."""
    with scene.at_work(CARL) as page:
        here = opened(scene, page)
        told = through(page, "Contain", "Notify", "Resolve")
        scene.line("Carl goes through the stages until the incident is resolved", told, told == "Now: Resolve")
        follow(page, "main section[aria-labelledby=now] a[href$='/second-notice']")
        for name, words in SECOND.items():
            page.fill(f"[name={name}]", words)
        sent(page, "main form .button-act")
        goes(page, here)
        recorded(scene, page, "decide/release-second", "he writes the second notice and proposes to release it", why="It is over.")
    with scene.at_work(JOAN) as page:
        goes(page, scene.address("/office/two-people"))
        sent(page, "section:has-text('Release the second notice') button[value=second]")
        many = "SELECT string_agg(n || ' of ' || notice, ', ' ORDER BY notice) FROM (SELECT notice, count(*) n FROM breach_letter GROUP BY 1) g"
        told = scene.owner(many)
        first, second = (each.split()[0] for each in told.split(", "))
        scene.line("Joan confirms it, and everyone who got the first notice gets the second", told, first == second)
    with scene.signed_in(ANA) as page:
        goes(page, scene.address("/breach-letters"))
        told = words_of(page, "main")
        scene.line("Ana reads what was changed", told[:300], "Second Notice" in told and SECOND["doing_en"] in told and SECOND["doing_es"] in told)
    with scene.at_work(CARL) as page:
        opened(scene, page)
        state = page.get_attribute("main li[data-said^='second notice']", "data-said")
        scene.line("the clock of the second notice is done", state, state == "second notice: imported")
        through(page, "Review")
        recorded(scene, page, "record/review", "he records the review", said="The passkeys came in time. The phone tree didn't.")


def ended(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        opened(scene, page)
        told = through(page, "Closed")
        scene.line("he closes the incident", told, told == "Now: Closed")
    allowed, told = scene.stage.psql(SLUG, "app", "UPDATE incident_fact SET words = ''")
    scene.line("psql with the login of the pages tries to change what was recorded", told, not allowed and "permission denied" in told)
    scene.owner("SELECT pg_sleep(3)")
    answer = command("ledger", "verify", SLUG, folder=scene.stage.installation.folder)
    scene.line("the operator verifies the access log with the digests of all facts", answer["told"], answer["state"] == "holds")
