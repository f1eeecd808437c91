"""The journey `privacy`: a mother reads everything that is kept about her daughter and downloads it as a ZIP. unzip opens it, and psql counts the same. The
access log and the security events say so, and another family gets neither. Then she asks for what isn't online, and the school shows it on paper. She
asks to correct a name, and the district's next file brings the correction. She opts out of directory information, and signs a consent.
"""

import re

from playwright.sync_api import Page

from tests.journeys import file, privacy_asked, privacy_corrected, privacy_shared
from tests.journeys.pages import chromium, follow
from tests.journeys.privacy_zip import Unzipped, unzipped
from tests.journeys.sign_in.office import CARL
from tests.journeys.sign_in.scene import SLUG, Scene, goes, said, sent
from tests.journeys.stage import Stage, names_in
from tests.journeys.tale import Tale
from tests.journeys.ties_tutor import nina

ANA, DEE, BIRTH = "ana.ruiz", "dee.moss", "main section[aria-labelledby=birth-date]"
FILES = ["everything.html", "everything.csv", "grades-and-attendance.csv", "access-log.csv", "people-with-access.csv"]
OLDER = "UPDATE session s SET proven_at = now() - interval '11 minutes' FROM account a WHERE a.id = s.account_id AND a.sign_in_name = 'ana.ruiz'"
NINA = "(SELECT id FROM person WHERE given_name = 'Nina' AND family_name = 'Ruiz')"
BORN = f"SELECT to_char(birth_date, 'Mon FMDD, YYYY') FROM demographic WHERE person_id = {NINA}"
CAME = f"""SELECT to_char(d.signed_at AT TIME ZONE w.time_zone, 'Mon FMDD, YYYY') FROM demographic g JOIN delivery d ON d.id = g.delivery_id
    CROSS JOIN district w WHERE g.person_id = {NINA}"""
NUMBER = f"SELECT sourced_id FROM person WHERE id = {NINA}"
LINES = f"SELECT count(*) FROM ledger_student WHERE student_id = {NINA}"
SCORED = f"FROM result r JOIN line_item i ON i.id = r.line_item_id WHERE r.student_id = {NINA} AND r.ended_at IS NULL AND r.score IS NOT NULL"
SCORES = f"SELECT count(*) {SCORED} AND NOT i.is_grade"
SCORE = f"SELECT i.title || ', ' || r.score || ' of ' || i.score_max {SCORED} AND NOT i.is_grade ORDER BY r.score_date DESC, i.id LIMIT 1"
EXPORTS = "SELECT count(*) FROM security_event WHERE kind = 'export'"
DOWNLOADS = f"SELECT count(*) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id WHERE s.student_id = {NINA} AND l.act = 'everything download'"
SCORE_SHOWN = re.compile(r"[0-9.]+ of [0-9.]+")


def play(stage: Stage, tale: Tale) -> None:
    """Raises NotDone if the journey can't go on."""
    file.play(stage, tale, SLUG)
    with chromium() as browser:
        scene = Scene(stage, tale, browser)
        with scene.signed_in(ANA) as page:
            reads(scene, page)
            compared(scene, *downloaded(scene, page))
            in_the_log(scene, page)
        an_event(scene)
        not_theirs(scene)
        privacy_asked.play(scene)
        privacy_corrected.play(scene)
        privacy_shared.play(scene)
        in_no_log_file(scene)


def reads(scene: Scene, page: Page) -> None:
    follow(page, "main h2 a:has-text('Nina')")
    follow(page, "main a:has-text('Everything that is kept')")
    kinds = page.locator("main section[aria-labelledby] dl.kept-about").count()
    scene.line("Ana opens Nina's page, and from there everything that is kept", f"{page.inner_text('h1')}: {kinds} kinds", kinds > 7)
    values = page.locator(f"{BIRTH} dd").all_inner_texts()
    is_so = {scene.owner(BORN), scene.owner(CAME), "The family and the school office."} <= {plain(value) for value in values}
    scene.line("she reads a birth date, the day of its file, and who sees it; psql finds the same", "; ".join(values[:2]), is_so)
    rest = page.inner_text("main section[aria-labelledby=not-shown] ul")
    scene.line("she reads what is kept and not shown", rest, "Court orders" in rest and "backups" in rest)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def downloaded(scene: Scene, page: Page) -> tuple[str, Unzipped]:
    """Returns the file's name, and what unzip finds in it."""
    scene.owner(OLDER)
    sent(page, "main a[href$='/everything/download']")
    scene.line("she asks for the ZIP 11 minutes after she signed in (psql lets them pass)", page.inner_text("h1"), "/sign-in/again?" in page.url)
    page.fill("#password", "somebody at her phone")
    sent(page, "main form:has(#password) button")
    scene.line("somebody at her phone types a password", said(page), "/sign-in/again" in page.url)
    before, lines = scene.owner(EXPORTS), scene.owner(DOWNLOADS)
    told = f"{lines} lines of the access log, {before} security events"
    scene.line("nothing was downloaded yet, and psql finds nothing that says so", told, lines == before == "0")
    page.fill("#password", scene.password(ANA))
    with page.expect_download() as loaded:
        page.click("main form:has(#password) button")
    copy, name = unzipped(loaded.value.path()), loaded.value.suggested_filename
    new = int(scene.owner(EXPORTS)) - int(before)
    scene.line("Ana types hers, and gets the ZIP", f"{name}; {new} new security event", name == "everything-Nina.zip" and new == 1)
    return name, copy


def compared(scene: Scene, name: str, copy: Unzipped) -> None:
    scene.line(f"unzip tests {name}", f"{copy.tested}: {', '.join(copy.names)}", copy.tested.startswith("No errors") and list(copy.names) == FILES)
    number = scene.owner(NUMBER)
    is_hers = copy.values("First name") == ["Nina"] and copy.values("Last name") == ["Ruiz"] and number in copy.page
    scene.line("psql reads her number in the district's system", copy.values("Number in the district’s system"), is_hers)
    grades = copy.tables["grades-and-attendance.csv"]
    shown, scores = [row for row in grades if SCORE_SHOWN.fullmatch(row["Result"])], scene.owner(SCORES)
    scene.line("psql counts her scores, and the ZIP's table has as many", f"{scores}, and {len(shown)}", len(shown) == int(scores) > 50)
    score = scene.owner(SCORE)
    scene.line("psql reads her newest score", score, score in {f"{row['Work']}, {row['Result']}" for row in shown})
    times, lines = sum(int(row["Times that day"]) for row in copy.tables["access-log.csv"]), scene.owner(LINES)
    scene.line("psql counts the lines of her access log, with the download itself", f"{lines}, and {times} in the ZIP", times == int(lines))
    people = " ".join(row["Who"] for row in copy.tables["people-with-access.csv"])
    scene.line("the ZIP says who can see her record", people, "Ana Ruiz" in people and "Bo Larsen" in people and "Dee Moss" not in people)


def in_the_log(scene: Scene, page: Page) -> None:
    page.goto(scene.address(f"/children/{nina(scene)}/who-has-looked"))
    text = page.inner_text("main")
    told = next((line for line in text.splitlines() if "downloaded everything" in line), "no such line")
    scene.line("she opens Nina's access log", told, "downloaded everything that is kept about Nina" in told and "viewed everything that is kept" in text)


def an_event(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        page.goto(scene.address("/office/events?kind=export"))
        text = page.inner_text("main li[data-said='export/done'] >> nth=0")
        holds = "Everything that is kept about a student" in text and "Ana Ruiz, family account" in text and "Nina" not in page.inner_text("main")
        scene.line("Carl reads the security events: who downloaded, and not about whom", text, holds)


def not_theirs(scene: Scene) -> None:
    path, before = f"/children/{nina(scene)}/everything", scene.owner(EXPORTS)
    for name in (DEE, "bo.larsen", CARL):
        with scene.signed_in(name) if name == DEE else scene.at_work(name) as page:
            answers = [goes(page, scene.address(each)) for each in (path, f"{path}/download")]
            is_silent = scene.owner(EXPORTS) == before and "Nina" not in page.inner_text("body")
            scene.line(f"{name} opens the page's address and the ZIP's", f"{answers}, {page.inner_text('h1')}", answers == [404, 404] and is_silent)


def in_no_log_file(scene: Scene) -> None:
    names = ["Nina", "Ruiz", "ana.ruiz", "everything-Nina", privacy_asked.WANTED, "third grade", privacy_corrected.WANTED, privacy_corrected.WHY,
             privacy_corrected.STATEMENT, privacy_shared.CLINIC, privacy_shared.WHY]  # fmt: skip
    installation = scene.stage.installation
    found = [*names_in(installation.portal(SLUG) / "log", names), *names_in(installation.folder / "log", names)]
    scene.line("every log is searched for names and for the words of the request", found or f"nothing of {len(names)}", not found)
