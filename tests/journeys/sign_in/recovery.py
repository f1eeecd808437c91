"""People who can't sign in anymore: by email if they have a verified email, by a printed code if not. No way gets around a second factor."""

import re
from functools import partial

from playwright.sync_api import Page

from homeroom.ops.answers import NotDone
from tests.journeys.sign_in.office import CARL, JOAN, choose_password, letter, type_code
from tests.journeys.sign_in.paper import CODE
from tests.journeys.sign_in.raw import Caller, at_once
from tests.journeys.sign_in.scene import SLUG, Scene, is_in, said, sent

ANA, BO, DEE, NINA = "ana.ruiz", "bo.larsen", "dee.moss", "nina.ruiz"
LINK = re.compile(r"https?://\S+")
MAIL = "ana@mail.example"
WRITTEN = "SELECT string_agg(event, ', ' ORDER BY id) FROM ledger WHERE event IN ('code printed', 'code used')"


def play(scene: Scene) -> None:
    by_mail(scene)
    by_letter(scene)
    raced(scene)
    expired(scene)
    round_the_factor(scene)


def by_mail(scene: Scene) -> None:
    with scene.signed_in(ANA) as page:
        page.goto(scene.address("/account/email"))
        page.fill("#address", MAIL)
        sent(page, "form:has(#address) button")
        page.fill("#code", code_in(mailed(scene, 1)))
        sent(page, "form:has(#code) button")
        scene.line("Ana names an e-mail address, and types the code that came there", page.inner_text("#then"), "then=prove" in page.url)
        nobody, somebody = asked_for_mail(scene, "nobody.here"), asked_for_mail(scene, ANA)
        scene.line("help is asked for a name that nobody has, and for Ana's", somebody, nobody == somebody)
        code = code_in(mail := mailed(scene, 2))
        names_nobody = "Ana" not in mail and "Ruiz" not in mail
        scene.line("her mail is read", mail, names_nobody and LINK.findall(mail) == [scene.address("/sign-in/code")])
        stopped(scene, page, code)
        asked_for_mail(scene, ANA)
        after_the_wait(scene, code := code_in(mailed(scene, 3)), password := f"{scene.password(ANA)}-new")
        mail = mailed(scene, 4)
        scene.line("a mail tells her that a way to sign in changed", mail, "password" in mail and not LINK.findall(mail))
        mail = mailed(scene, 5)
        scene.line("another tells her that it was a browser new to her account", mail, "browser" in mail and not LINK.findall(mail))
        page.goto(scene.address("/"))
        scene.line("the browser that was signed in before opens its page", page.url, not is_in(page))
    with scene.computer() as page:
        scene.by_password(page, ANA)
        scene.line("her old password", said(page), not is_in(page))
        scene.stage.passwords[f"{SLUG} {ANA}"] = password
        scene.line("the mail's code once more", told := type_code(scene, page, code), "doesn’t work" in told)


def stopped(scene: Scene, anas: Page, code: str) -> None:
    """Someone who reads Ana's mailbox types the code in a browser of their own. Ana has a page open."""
    with scene.computer() as other:
        type_code(scene, other, code)
        waits = other.locator("[data-said='code waits']")
        scene.line("somebody else types the code of the second mail", waits.inner_text(), waits.count() == 1 and not other.locator("#password").count())
        sent(other, "main a.button-act")
        scene.line("they press Continue before the wait is over", waits.inner_text(), waits.count() == 1)
        anas.goto(scene.address("/account/news"))
        notice = anas.locator("section:has(#reset-waits)")
        scene.line("Ana's open browser shows a notice", notice.inner_text(), notice.count() == 1)
        sent(anas, "section:has(#reset-waits) button")
        scene.line("she stops it", anas.locator("[data-said='reset stopped']").inner_text(), notice.count() == 0)
        other.goto(scene.address("/sign-in/code/password"))
        scene.line("the other browser tries once more", told := said(other), "doesn’t work" in told)


def after_the_wait(scene: Scene, code: str, password: str) -> None:
    with scene.computer() as other:
        type_code(scene, other, code)
        scene.owner("UPDATE code SET opens_at = now() WHERE opens_at IS NOT NULL")
        sent(other, "main a.button-act")
        choose_password(other, password)
        scene.line("Ana types the code of the next mail, waits (psql lets 15 minutes pass) and chooses a password", other.inner_text("h1"), is_in(other))


def mailed(scene: Scene, number: int) -> str:
    """Returns the text of Ana's email with that number. Raises NotDone."""
    scene.wake_clock("account mail")
    return str(scene.stage.post.awaited(MAIL, number).get_content())


def code_in(mail: str) -> str:
    """Raises NotDone."""
    found = CODE.search(mail)
    if found is None:
        raise NotDone("No code stands in the mail.")
    return found[0]


def asked_for_mail(scene: Scene, name: str) -> str:
    with scene.computer("/sign-in/help") as page:
        page.fill("#sign-in-name", name)
        sent(page, "main form button")
        return page.inner_text("main").replace(name, "…")


def by_letter(scene: Scene) -> None:
    sheet, password = letter(scene, CARL, "Nina Ruiz", "student", "password"), f"{scene.password(NINA)}-new"
    is_bilingual = "A new password" in sheet.text and "Una contraseña nueva" in sheet.text
    scene.line("Carl sees who Nina is, and prints her a code: he never sees a password", sheet.told(), sheet.is_tagged and is_bilingual)
    with scene.computer() as page:
        type_code(scene, page, sheet.code)
        choose_password(page, password)
        scene.stage.passwords[f"{SLUG} {NINA}"] = password
        scene.line("Nina types it and chooses one", page.inner_text("h1"), is_in(page))
        sent(page, "a[href='/account/news']")
        news = page.inner_text("main ul")
        scene.line("her next page tells her", news, "code" in news and "password" in news.lower())
    with scene.computer() as page:
        told = type_code(scene, page, sheet.code)
        scene.line("somebody finds the letter and types the code again", told, "doesn’t work" in told)
    scene.line("psql reads the ledger", written := scene.owner(WRITTEN), "code printed, code used" in written)
    with scene.signed_in(ANA) as page:
        page.click("nav a:has-text('Access log'):visible")
        page.wait_for_url("**/who-has-looked")
        text = page.inner_text("main")
        scene.line("Ana reads it in her child's ledger", page.inner_text("h1"), "Carl Webb" in text and "code" in text)


def raced(scene: Scene) -> None:
    """Two computers typed the same code, and send their passwords at the same moment."""
    sheet = letter(scene, CARL, "Dee Moss", "family", "password")
    with scene.computer() as one, scene.computer() as other:
        callers = []
        for number, page in enumerate((one, other)):
            type_code(scene, page, sheet.code)
            callers.append((Caller.of(page), {**Caller.form(page), "password": f"{scene.password(DEE)}-{number}"}))
        answers = at_once([partial(caller.post, "/sign-in/code/password", form) for caller, form in callers])
        statuses = [each.status for each in answers]
        scene.line("two computers use Dee's code at the same moment", statuses, sorted(statuses) == [302, 403])
        scene.stage.passwords[f"{SLUG} {DEE}"] += f"-{statuses.index(302)}"
    with scene.signed_in(DEE) as page:
        scene.line("Dee signs in with the password of the first", page.inner_text("h1"), is_in(page))


def expired(scene: Scene) -> None:
    sheet = letter(scene, CARL, "Dee Moss", "family", "password")
    scene.owner("UPDATE code SET expires_at = now() - interval '1 second' WHERE id = (SELECT max(id) FROM code)")
    with scene.computer() as page:
        told = type_code(scene, page, sheet.code)
        scene.line("Dee's next letter lies about for three weeks (psql lets them pass)", told, "doesn’t work" in told)


def round_the_factor(scene: Scene) -> None:
    sheet = letter(scene, JOAN, "Bo Larsen", "staff", "password")
    with scene.computer() as page:
        type_code(scene, page, sheet.code)
        choose_password(page, f"{scene.password(BO)}-new")
        scene.stage.passwords[f"{SLUG} {BO}"] += "-new"
        scene.line("whoever has a letter for Bo's password chooses one", page.inner_text("h1"), page.url.endswith("/sign-in/second"))
        page.goto(scene.address("/classes"))
        scene.line("… and opens his classes without his app", page.url, not is_in(page))
    with scene.at_work(JOAN) as page:
        page.goto(scene.address("/office/codes"))
        page.fill("#name", "Larsen")
        sent(page, "main form button")
        sent(page, "main a:has-text('Bo Larsen')")
        page.check("input[name=kind][value=factors]")
        page.check("input[name=checked][value=known]")
        status = sent(page, "main form button")
        scene.line("Joan prints the code for his lost app as well, on the same day", f"{status}, {said(page)}", status == 409)
