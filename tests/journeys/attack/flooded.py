"""A flood: hundreds of slow connections and wrong sign-ins from 25 addresses, while Ana reads Nina's page."""

import multiprocessing
import re
import statistics
import time

from benchmarks import flood
from tests.journeys.attack.seen import events, log_lines
from tests.journeys.sign_in.raw import Caller
from tests.journeys.sign_in.scene import SLUG, Scene

SECONDS = 20.0
CHILD = re.compile(r'href="(/children/[0-9a-f-]{36})"')


def play(scene: Scene) -> None:
    with scene.signed_in("ana.ruiz") as page:
        caller = Caller.of(page)
    found = CHILD.search(caller.ask("/").text)
    path = found[1] if found else "/"
    alone, _ = read(caller, path, SECONDS / 4)
    before = log_lines(scene, "front", "door", "web")
    wrong = len(events(scene, "--kind", "sign in"))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        attack = pool.apply_async(flood.attack, (scene.stage.place(SLUG).port, SLUG, 0, SECONDS))
        time.sleep(5)
        times, statuses = read(caller, path, SECONDS - 6)
        answers = attack.get()
    told = ", ".join(f"{many} {what}" for what, many in answers.most_common())
    scene.line(f"25 addresses hold {flood.SLOW} slow connections and try {flood.A_SECOND} wrong passwords a second, for {SECONDS:.0f} s", told,
               answers["closed"] > 0 and answers["302"] == 0)  # fmt: skip
    median, usual = statistics.median(times), statistics.median(alone)
    told = f"{len(times)} pages, {median * 1000:.0f} ms each (without: {usual * 1000:.0f} ms), the slowest {max(times):.1f} s"
    scene.line("Ana reads Nina's page all the time", told, statuses == {200} and median < 2)
    lines = log_lines(scene, "front", "door", "web") - before
    scene.line("how much it wrote into the logs", f"{lines} lines", lines < answers.total() + 2 * len(times) + 1000)
    more = len(events(scene, "--kind", "sign in")) - wrong
    scene.line("homeroom events --kind 'sign in'", f"{more} more wrong sign-ins", more > 0)


def read(caller: Caller, path: str, seconds: float) -> tuple[list[float], set[int]]:
    """Opens the page again and again. Returns the seconds of each, and the statuses."""
    times, statuses, until = list[float](), set[int](), time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        statuses.add(caller.ask(path).status)
        times.append(time.monotonic() - began)
    return times, statuses
