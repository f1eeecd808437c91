"""Attacks on the sign-in pages."""

import re
import time
from statistics import median

from playwright.sync_api import Page

from tests.journeys.sign_in import closing
from tests.journeys.sign_in.office import CARL
from tests.journeys.sign_in.raw import Caller, RawAnswer
from tests.journeys.sign_in.scene import Scene, by_password, is_in, said, sent

ANA, DEE, NINA = "ana.ruiz", "dee.moss", "nina.ruiz"
EVIL = "https://evil.example"
TAGS = re.compile(r"^[^>]*>|<[^>]*>")
LATER = "UPDATE sign_in_try SET at = at - interval '6 minutes'"


def play(scene: Scene) -> None:
    alike(scene)
    led_away(scene)
    other_hosts(scene)
    forged(scene)
    guessed(scene)
    closing.play(scene)


def alike(scene: Scene) -> None:
    """Prints the times but doesn't check them, because this computer does other things, too."""
    times, words = dict[str, float](), dict[str, set[str]]()
    with scene.computer() as page:
        for name in ("nobody.here", ANA):
            answers = [tried(scene, page, name) for _ in range(3)]
            times[name], words[name] = median(took for took, _ in answers), {told for _, told in answers}
    told, answered = ", ".join(f"{name} {took * 1000:.0f} ms" for name, took in times.items()), set[str]().union(*words.values())
    scene.line("a wrong password for a name that nobody has, and for Ana's", f"{told}; {min(answered)}", len(answered) == 1 and "don’t match" in min(answered))


def tried(scene: Scene, page: Page, name: str) -> tuple[float, str]:
    """Three tries without a wait are free."""
    page.goto(scene.address("/sign-in"))
    form = {**Caller.form(page), "sign_in_name": name, "password": "a password she never had"}
    caller, began = Caller.of(page), time.monotonic()
    answer = caller.post("/sign-in", form)
    return time.monotonic() - began, f"{answer.status}: {words_of(answer, name)}"


def words_of(answer: RawAnswer, name: str) -> str:
    """Returns the page's text without the name that was typed."""
    notice = TAGS.sub(" ", answer.text.partition("<main")[2]).replace(name, "…")
    return " ".join(notice.split())


def led_away(scene: Scene) -> None:
    for onward in (f"{EVIL}/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"):
        with scene.computer() as page:
            page.goto(scene.address(f"/sign-in?next={onward}"))
            page.fill("input[name=sign_in_name]", NINA)
            page.fill("input[name=password]", scene.password(NINA))
            sent(page, "main form:has(input[name=password]) button")
            scene.line(f"Nina signs in by a link with next={onward}", page.url, page.url == scene.address("/"))


def other_hosts(scene: Scene) -> None:
    caller = Caller(scene.address())
    for path in ("/sign-in", "/"):
        answer = caller.ask(path, Host="evil.example")
        scene.line(f"{path} is asked for under the name of another host", f"{answer.status}", answer.status == 400 and "evil" not in answer.text)
    answer = caller.ask("/sign-in/help", X_Forwarded_Host="evil.example", Forwarded="host=evil.example")
    holds = answer.status == 200 and "evil" not in answer.text + str(answer.headers)
    scene.line("a visitor claims to have been forwarded by another host", answer.status, holds)


def forged(scene: Scene) -> None:
    with scene.signed_in(NINA) as page:
        caller = Caller.of(page)
        for path in ("/sign-in", "/account/sign-out", "/account/sessions/end-others", "/account/email"):
            status = caller.post(path, {"do": "name", "address": "evil@evil.example", "csrfmiddlewaretoken": "x" * 64}).status
            page.reload()
            scene.line(f"a form without our token is sent to {path} with Nina's cookie", status, status == 403 and is_in(page))
        other_site(scene, page)
    with scene.at_work(CARL) as page:
        status = Caller.of(page).post("/office/codes", {"name": "Ruiz"}).status
        scene.line("… and one to the office's page, with Carl's", status, status == 403)


def other_site(scene: Scene, page: Page) -> None:
    other = page.context.new_page()
    theirs = f"<form method=post action='{scene.address('/account/sign-out')}'><button>go</button></form>"
    page.context.route(f"{EVIL}/**", lambda route: route.fulfill(content_type="text/html", body=theirs))
    other.goto(f"{EVIL}/")
    status = sent(other, "button")
    page.reload()
    scene.line("another site's page sends one in Nina's browser", status, status == 403 and is_in(page))


def guessed(scene: Scene) -> None:
    right = scene.password(DEE)
    with scene.signed_in(DEE) as own, scene.computer() as strange:
        sent_out(scene, own)
        for _ in range(3):
            guess(scene, strange, "a guess")
        status = guess(scene, strange, "a guess")
        scene.line("a stranger tries Dee's name four times at once", f"{status}, {said(strange)}", status == 429)
        statuses = [403] * 3
        while statuses[-1] == 403 and len(statuses) < 100:
            scene.owner(LATER)
            statuses.append(guess(scene, strange, "a guess"))
        counted = statuses.count(403)
        scene.line("he waits six minutes after each (psql lets them pass)", f"{counted} tries, then {said(strange)}", counted == 80)
        status = guess(scene, strange, right)
        scene.line("then he types the right password", f"{status}, {said(strange)}", status == 429)
        by_password(own, scene.address("/sign-in"), DEE, right)
        scene.line("Dee types it in a browser that she has used before", own.inner_text("h1"), is_in(own) and "Max" in own.inner_text("main"))


def guess(scene: Scene, page: Page, password: str) -> int:
    return by_password(page, scene.address("/sign-in"), DEE, password)


def sent_out(scene: Scene, page: Page) -> None:
    page.goto(scene.address("/account"))
    sent(page, "form[action='/account/sign-out'] button")
