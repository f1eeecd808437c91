"""A mother asks for what isn't online. The school has five business days, and until it answers, no one can erase the record."""

from datetime import date, datetime, timedelta

from playwright.sync_api import Page

from homeroom.ops.answers import NotDone
from homeroom.ops.host.running import command
from tests.journeys.attack.seen import mail_about
from tests.journeys.pages import follow
from tests.journeys.sign_in.office import JOAN
from tests.journeys.sign_in.scene import SLUG, Scene, goes, sent
from tests.journeys.ties_tutor import nina

ANA, WANTED = "ana.ruiz", "the paper files of third grade"
HERS, ASKED = "main section:has(h2:has-text('Nina Ruiz'))", "main section:has(h2:has-text('for the record of Nina Ruiz'))"
PROVEN = """INSERT INTO mail_address (account_id, address, proven_at) SELECT id, sign_in_name || '@lincoln.example', now() FROM account
    WHERE sign_in_name = 'joan.abbott'"""
STATE = "SELECT state || ': ' || asked_for FROM inspection"
OPEN = "request to inspect this record is open"
SATURDAY = 5


def play(scene: Scene) -> None:
    scene.owner(PROVEN)
    with scene.signed_in(ANA) as page:
        due = business_days_after(datetime.now(scene.stage.place(SLUG).zone).date(), 5)
        asks(scene, page, due)
    mailed(scene, due)
    tries_to_erase(scene, "the operator tries to erase Nina's record, without changing anything", OPEN)
    answered(scene, due)
    tries_to_erase(scene, "the operator tries again, after the answer", "")
    with scene.signed_in(ANA) as page:
        reads(scene, page)


def business_days_after(day: date, count: int) -> date:
    """Counts day by day, from Monday to Friday."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day


def short(day: date) -> str:
    return f"{day:%a, %b} {day.day}"


def words_of(page: Page, selector: str) -> str:
    return page.inner_text(selector).replace("\N{NO-BREAK SPACE}", " ")


def asks(scene: Scene, page: Page, due: date) -> None:
    goes(page, scene.address(f"/children/{nina(scene)}/everything"))
    follow(page, "main a:has-text('Ask the school to show you the rest')")
    children = page.locator("main section h2").all_inner_texts()
    scene.line("Ana asks for the rest, and the page lists her children, who are here", ", ".join(children), sorted(children) == ["Leo Ruiz", "Nina Ruiz"])
    page.fill(f"{HERS} textarea", WANTED)
    sent(page, f"{HERS} button.button-act")
    facts = words_of(page, f"{HERS} .card-text >> nth=0").splitlines()
    scene.line(f"she asks for {WANTED}", page.inner_text("#said"), "then=asked" in page.url and f"Asked for: {WANTED}" in facts)
    told = next((fact for fact in facts if "five business days" in fact), "no day")
    scene.line(f"Python counts five weekdays to {short(due)}, and she reads the same", told.partition(". ")[2], f"until {short(due)}." in told)


def mailed(scene: Scene, due: date) -> None:
    subject, _ = mail_about(scene, f"{JOAN}@lincoln.example", "inspect a record")
    mail = next(each for each in scene.stage.post.mails if each["Subject"] == subject)
    words = str(mail.get_content())
    is_silent = not any(name in f"{subject} {words}" for name in ("Ana", "Nina", "Ruiz", "third grade"))
    scene.line("an email tells Joan the day, and no name", subject, f"{due:%A, %B} {due.day}, {due.year}" in words and is_silent)


def tries_to_erase(scene: Scene, done: str, refusal: str) -> None:
    """Tries to erase the record. The trial counts the rows and rolls back. An empty `refusal` means that it succeeds."""
    words = ("--directive", "letter of the superintendent", "--enrolled", "--dry-run")
    try:
        rows = command("student", "erase", SLUG, scene.stage.ids(SLUG)["Nina Ruiz"], *words, folder=scene.stage.installation.folder)["rows"]
        told, holds = f"{sum(rows.values())} rows of {len(rows)} tables would go", not refusal
    except NotDone as refused:
        told, holds = str(refused), bool(refusal) and refusal in str(refused)
    scene.line(done, told, holds)


def answered(scene: Scene, due: date) -> None:
    with scene.at_work("bo.larsen") as page:
        status = goes(page, scene.address("/office/requests"))
        scene.line("Bo, a teacher, opens the page of requests", f"{status}, {page.inner_text('h1')}", status == 404)
    with scene.at_work(JOAN) as page:
        goes(page, scene.address("/office/approvals"))
        follow(page, "main a[href='/office/requests']")
        follow(page, f"{ASKED}:has(p:has-text('To inspect the record')) a:has-text('Read and answer')")
        told = words_of(page, ASKED)
        is_there = f"Answer by {short(due)}" in told and f"Asked for: {WANTED}" in told and page.locator(f"{ASKED} button[value=opened]").count() == 0
        scene.line("Joan reads who asks, for what, and until when. There is nothing to open, because Nina is here", told, is_there)
        sent(page, f"{ASKED} button[value='on paper']")
        state = scene.owner(STATE)
        scene.line("she shows the files, and notes it", f"{page.inner_text('#said')}; {state}", state == f"on paper: {WANTED}")


def reads(scene: Scene, page: Page) -> None:
    follow(page, "a:has-text('View update')")
    told = next((line for line in page.inner_text("main").splitlines() if "request" in line), "no such line")
    scene.line("Ana follows the notice on her page", told, "answered" in told)
    page.goto(scene.address("/inspection"))
    told = words_of(page, f"{HERS} .card-text >> nth=0")
    scene.line("she reads the answer, and can ask again", told, "showed you the record on paper" in told and page.locator(f"{HERS} textarea").count() == 1)
    page.goto(scene.address(f"/children/{nina(scene)}/everything"))
    told = words_of(page, "main section[aria-labelledby=inspection] dl >> nth=0")
    scene.line("her request is kept too, and the page says so", told, WANTED in told)
