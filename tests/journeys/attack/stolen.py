"""A teacher's session is stolen: the cookie is copied to another computer, which opens every page that it leads to, as fast as it can."""

import re
import time
from dataclasses import dataclass, field

from tests.journeys.attack.seen import mail_about, newest_notice, notices, viewed
from tests.journeys.sign_in.raw import Caller
from tests.journeys.sign_in.scene import Scene, sent

BO = "bo.larsen"
LINK = re.compile(r'href="(/[^"#?]*)')
LEFT_OUT = ("/static/", "/account", "/sign-in", "/language/")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
OLDER = "UPDATE session s SET proven_at = now() - interval '11 minutes' FROM account a WHERE a.id = s.account_id AND a.sign_in_name = '{name}'"
OWN = """SELECT count(DISTINCT s.person_id) FROM enrollment t JOIN account a ON a.person_id = t.person_id
    JOIN enrollment s ON s.section_id = t.section_id AND s.role = 'student' AND s.ended_at IS NULL
    WHERE a.sign_in_name = 'bo.larsen' AND t.role = 'teacher' AND t.ended_at IS NULL"""
CAP = "SELECT cap_of(a.person_id, 'teacher') FROM account a WHERE a.sign_in_name = 'bo.larsen'"
STRANGERS = "SELECT uuid FROM person WHERE is_student AND given_name = 'Leo' AND family_name = 'Ruiz'"


@dataclass(slots=True)
class Thief:
    """Another computer that has a copy of someone's cookie."""

    caller: Caller
    opened: dict[str, int] = field(default_factory=dict)  # status by path
    seconds: float = 0.0

    def crawl(self, start: str) -> None:
        """Opens this page and every page that it leads to."""
        began, waiting = time.monotonic(), [start]
        while waiting:
            path = waiting.pop()
            if path in self.opened or path.startswith(LEFT_OUT):
                continue
            answer = self.caller.ask(path)
            self.opened[path] = answer.status
            waiting += LINK.findall(answer.text)
        self.seconds = time.monotonic() - began

    def post(self, path: str, form: dict[str, str]) -> int:
        """Sends a form with the token of the page, or of the account's page if that page shows none."""
        found = TOKEN.search(self.caller.ask(path).text) or TOKEN.search(self.caller.ask("/account").text)
        return self.caller.post(path, {"csrfmiddlewaretoken": found[1] if found else "", **form}).status


def play(scene: Scene) -> None:
    with scene.at_work(BO) as page:
        page.goto(scene.address("/classes"))
        thief = Thief(Caller.of(page))
        crawled(scene, thief)
        beyond(scene, thief)
        page.goto(scene.address("/account"))
        sent(page, "form[action='/account/sign-out'] button")
        status = thief.caller.ask("/classes").status
        scene.line("Bo signs out, and the thief opens a page with the copied cookie", f"{status}, to the sign-in page", status == 302)
        scene.stage.kept.clear()


def crawled(scene: Scene, thief: Thief) -> None:
    before = newest_notice(scene)
    thief.crawl("/classes")
    got, own, cap = viewed(scene, BO), int(scene.owner(OWN)), int(scene.owner(CAP))
    told = f"{len(thief.opened)} pages in {thief.seconds:.0f} s: {got} students. Bo teaches {own}; the limit is {cap}"
    scene.line("a thief copies Bo's cookie and opens every page that it leads to, as fast as they can", told, 0 < got <= min(own, cap))
    carl, bo = notices(scene, "carl.webb", before), notices(scene, BO, before)
    is_half = 2 * got >= cap
    told = f"Bo: {bo or 'no notice'}; Carl: {carl or 'no notice'}; half of the limit is {cap / 2:.0f}"
    scene.line("who was notified in the portal", told, ("many viewed" in carl) is ("half of limit" in bo) is is_half)
    if is_half:
        subject, _ = mail_about(scene, f"{BO}@lincoln.example", "unusually many")
        scene.line("the relay has an email to Bo", subject, True)
    with scene.signed_in("ana.ruiz") as page:
        page.click("nav a:has-text('Access log'):visible")
        page.wait_for_url("**/who-has-looked")
        seen = [line for line in page.inner_text("main").splitlines() if "Bo Larsen" in line]
        scene.line("Ana reads in the access log who viewed Nina's record", seen[0] if seen else "no line", bool(seen))


def beyond(scene: Scene, thief: Thief) -> None:
    other = scene.owner(STRANGERS)
    paths = (f"/children/{other}", f"/students/{other}", f"/office/ties/{other}", "/people", "/office/letters", "/imports", "/office/events", "/settings")
    answers = {path.replace(other, "…"): thief.caller.ask(path).status for path in paths}
    told = ", ".join(f"{path} {status}" for path, status in answers.items())
    scene.line("the thief asks for a student of another teacher, and for the office's pages", told, set(answers.values()) == {404})
    scene.owner(OLDER.format(name=BO))
    factor = thief.post("/account/factors/add", {"name": "mine", "code": "000000"})
    password = thief.post("/account/password", {"password": "guess", "new_password": "four words of a thief"})
    kept = scene.owner(f"SELECT count(*) FROM account_notice n JOIN account a ON a.id = n.account_id WHERE a.sign_in_name = '{BO}' AND what = 'factor'")
    told = f"adding an app {factor} (a confirmation first), a new password {password}; {kept} of them in the account"
    scene.line("11 minutes after Bo's confirmation, the thief tries to stay", told, {factor, password} <= {302, 307, 403} and kept == "0")
