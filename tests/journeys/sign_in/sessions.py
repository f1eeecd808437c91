"""Sessions: a form that is kept while the page asks for the password again, one's own sessions, and signing out."""

from tests.journeys.sign_in.office import CARL
from tests.journeys.sign_in.raw import Caller
from tests.journeys.sign_in.scene import SLUG, Scene, is_in, said, sent

ANA, DEE = "ana.ruiz", "dee.moss"
DUTIES = "SELECT count(*) FROM duty WHERE duty = 'registrar'"
OLDER = "UPDATE session s SET proven_at = now() - interval '11 minutes' FROM account a WHERE a.id = s.account_id AND a.sign_in_name = 'carl.webb'"


def play(scene: Scene) -> None:
    asked_again(scene)
    own_sessions(scene)
    signed_out(scene)


def asked_again(scene: Scene) -> None:
    with scene.at_work(CARL) as page:
        page.goto(scene.address("/office/duties"))
        page.fill("#name", "Rosa")
        sent(page, "main form.filters button")
        sent(page, "main a:has-text('Rosa Lim')")
        page.select_option("#duty", "registrar")
        page.select_option("#school", label="Lincoln Middle")
        page.fill("#why", "She helps at the counter in spring.")
        scene.owner(OLDER)
        sent(page, "main form[method=post] button.button-act")
        given = scene.owner(DUTIES)
        scene.line("Carl sends a form 11 minutes after he proved who he is (psql lets them pass)",
                   f"{page.inner_text('h1')}; {given} registrars", "again" in page.url and given == "0")  # fmt: skip
        page.fill("#password", "somebody at his desk")
        sent(page, "main form:has(#password) button")
        scene.line("somebody at his desk types a password", said(page), "again" in page.url)
        page.fill("#password", scene.password(CARL))
        page.click("main form:has(#password) button")
        told = page.inner_text("#said")  # waits until the form has arrived
        given = scene.owner(DUTIES)
        scene.line("Carl types his, and the same button sends the form", f"{told} {given} registrar", given == "1")
        why = scene.owner("SELECT count(*) FROM ledger WHERE reason LIKE '%helps at the counter%'")
        scene.line("psql looks for the words of the form in the ledger", why, why == "1")


def own_sessions(scene: Scene) -> None:
    with scene.signed_in(ANA) as page, scene.signed_in(ANA) as library:
        library_was_in = is_in(library)
        page.goto(scene.address("/account"))
        places = page.locator("section[aria-labelledby=places] li").count()
        scene.line("Ana reads where she is signed in", f"{places} places", places >= 2 and library_was_in)
        sent(page, "form[action='/account/sessions/end'] >> nth=0 >> button")
        library.reload()
        scene.line("she ends the one at the library, whose browser opens its page", f"{said(page)}; {library.url}", not is_in(library) and is_in(page))


def signed_out(scene: Scene) -> None:
    with scene.signed_in(DEE) as page:
        copied = page.context.storage_state()
        page.goto(scene.address("/account"))
        with page.expect_response("**/account/sign-out") as left:
            page.click("form[action='/account/sign-out'] button")
        clears = left.value.header_value("Clear-Site-Data") or ""
        page.wait_for_url("**/account/sign-out")
        scene.line("Dee signs out", f"{page.inner_text('h1')}; Clear-Site-Data: {clears}", '"cache"' in clears)
        for _ in range(2):
            page.go_back()
        text = page.inner_text("body")
        scene.line("somebody presses the back button twice", page.inner_text("h1"), "Max" not in text and not is_in(page))
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in copied["cookies"])
    for path in ("/", "/account"):
        answer = Caller(scene.address(), cookies).ask(path)
        told = f"{answer.status}, {answer.headers.get('Location', '')}"
        scene.line(f"a copy of her cookie asks for {path}", told, answer.status == 302 and f"homeroom-{SLUG}=" in cookies)
