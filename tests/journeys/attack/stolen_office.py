"""An administrator's session is stolen and searches people as fast as it can: how much it gets, and who is notified when."""

import time
from collections import Counter
from itertools import product

from tests.journeys.attack.seen import events, mail_about, newest_notice, notices, viewed
from tests.journeys.attack.stolen import Thief
from tests.journeys.sign_in.office import CARL, JOAN
from tests.journeys.sign_in.raw import Caller
from tests.journeys.sign_in.scene import Scene

IT = "it@lincoln.example"
BEGINNINGS = ["".join(letters) for letters in product("mjascdlkrtbegnhpviwyofzqux", "aeioulrhn")]
FIRST = """SELECT count(*) FROM look_student l JOIN account a ON a.person_id = l.person_id JOIN brake b ON b.person_id = l.person_id
    WHERE a.sign_in_name = 'carl.webb' AND l.at < b.half_at"""
BETWEEN = """SELECT round(extract(epoch FROM b.{until} - min(l.at))::numeric, 1) FROM look_student l JOIN account a ON a.person_id = l.person_id
    JOIN brake b ON b.person_id = l.person_id WHERE a.sign_in_name = 'carl.webb' GROUP BY b.{until}"""
LEFT = """SELECT count(*) FROM account_notice n JOIN account a ON a.id = n.account_id WHERE a.sign_in_name = 'carl.webb'
    AND what IN ('half of limit', 'limit reached') AND shown_at IS NULL"""
ENTRY = "SELECT count(*) FROM ledger l JOIN account a ON a.person_id = l.person_id WHERE a.sign_in_name = 'carl.webb' AND event = 'viewing limit reached'"


def play(scene: Scene) -> None:
    before = newest_notice(scene)
    with scene.at_work(CARL) as page:
        page.goto(scene.address("/people"))
        thief = Thief(Caller.of(page))
        searched(scene, thief)
        refused = time.monotonic()
        at_half(scene, before)
        at_the_limit(scene, refused)
        stays(scene, thief)
    with scene.at_work(JOAN) as page:
        page.goto(scene.address("/office/limits"))
        row = next((line for line in page.inner_text("main").splitlines() if "Carl Webb" in line), "no line")
        scene.line("Joan opens Viewing limits", row, "Carl Webb" in row)


def searched(scene: Scene, thief: Thief) -> None:
    began, asked = time.monotonic(), 0
    for beginning in BEGINNINGS:
        asked += 1
        if thief.post("/people", {"name": beginning}) == 429:
            break
    took = time.monotonic() - began
    first, total = int(scene.owner(FIRST)), viewed(scene, CARL)
    told = f"{asked} searches in {took:.0f} s: {first} people before Joan was notified, {total} before Homeroom asked for a confirmation"
    scene.line("a thief copies Carl's cookie and searches people by two letters, as fast as they can", told, first <= 100 and total <= 200)


def at_half(scene: Scene, before: int) -> None:
    carl, joan = notices(scene, CARL, before), notices(scene, JOAN, before)
    told = f"after {scene.owner(BETWEEN.format(until='half_at'))} s, Carl: {carl}; Joan: {joan}"
    scene.line("who was notified at half of the limit, in the portal", told, "half of limit" in carl and "many viewed" in joan)
    subject, _ = mail_about(scene, f"{CARL}@lincoln.example", "unusually many")
    scene.line("the relay has an email to Carl", subject, True)
    with scene.at_work(JOAN) as page:
        page.goto(scene.address("/account/news"))
        text = page.inner_text("main")
        scene.line("Joan reads her notices", next((line for line in text.splitlines() if "many people" in line), text[:80]), "unusually many people" in text)


def at_the_limit(scene: Scene, refused: float) -> None:
    """`refused` is when Homeroom asked for a confirmation. An email may have come earlier than it was looked for here."""
    times = {}
    for to, words in ((f"{CARL}@lincoln.example", "limit"), (f"{JOAN}@lincoln.example", "limit"), (IT, "limit")):
        mail_about(scene, to, words)
        times[to.partition("@")[0]] = time.monotonic() - refused
    told = ", ".join(f"{name} after {took:.0f} s" for name, took in times.items())
    scene.line("emails about the limit reach the relay, counted from the refusal", told, max(times.values()) < 60)
    found = [(each["kind"], each["result"], each["what"]) for each in events(scene, "--kind", "cap")]
    scene.line("homeroom events --kind cap --json", found, [result for _kind, result, _what in found[-2:]] == ["half", "done"])
    scene.line("psql looks into the access log", f"{scene.owner(ENTRY)} entry about the limit", scene.owner(ENTRY) == "1")


def stays(scene: Scene, thief: Thief) -> None:
    statuses = Counter(thief.post(path, {"name": beginning, "school": ""}) for path in ("/people", "/office/codes") for beginning in BEGINNINGS)
    statuses.update(thief.post("/office/letters", {"name": "", "school": ""}) for _ in range(3))
    total = viewed(scene, CARL)
    told = f"{', '.join(f'{many} times {status}' for status, many in statuses.most_common())}; still {total} people"
    scene.line("the thief goes on with every other beginning, and on the other lists", told, total <= 200 and statuses[429] > 50)
    status = thief.post("/sign-in/again", {"way": "password", "password": "a guess", "next": "/people"})
    scene.line("the thief guesses Carl's password on the page that asks for it", f"{status}, this didn't match", status == 403)
    thief.caller.ask("/account/news")
    left = scene.owner(LEFT)
    scene.line("the thief opens Carl's notices so that they go away", f"{left} of them are still there for Carl's next session", left == "2")
