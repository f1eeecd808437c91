"""A password spray through the proxy in front of the portal. The portal counts each visitor's own address, and the right parent signs in meanwhile."""

import os
import re
import signal
import socket
import ssl
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import psutil

from homeroom.ops.answers import NotDone
from homeroom.ops.host.running import answers, command
from tests.alive import writer_of
from tests.journeys.attack.seen import events, newest_notice, notices
from tests.journeys.attack.stolen import BO
from tests.journeys.documented import nginx
from tests.journeys.sign_in.scene import SLUG, Scene
from tests.ports import free_port

ADDRESSES, TRIES = 20, 15
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
ANA = "ana.ruiz"


@dataclass(slots=True)
class Visitor:
    """A browser at an address of its own, behind nginx. It trusts the certificate that was just made."""

    port: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        line = HTTPConnection("127.0.0.1", self.port)
        line.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 30, (self.address, 0)))
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        try:
            line.request(method, path, urlencode(form) if form else None, headers | ({"Cookie": cookies} if cookies else {}))
            answer = line.getresponse()
            page = answer.read().decode(errors="replace")
        finally:
            line.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, page

    def tries(self, name: str, password: str, **headers: str) -> int:
        """Signs in by the form, and returns the status."""
        found = TOKEN.search(self.ask("GET", "/sign-in")[1])
        form = {"csrfmiddlewaretoken": found[1] if found else "", "sign_in_name": name, "password": password}
        return self.ask("POST", "/sign-in", form, **headers)[0]


def play(scene: Scene) -> None:
    trusting(scene)
    with tempfile.TemporaryDirectory(prefix="hr-nginx-") as folder:
        port = free_port()
        with nginx(Path(folder) / "nginx", "127.0.0.1", port, scene.stage.place(SLUG).port):
            sprayed(scene, port)
            hit(scene, port)


def trusting(scene: Scene) -> None:
    """The operator says that nginx may speak for its visitors, and the front starts again. Raises NotDone."""
    command("portal", "proxy", SLUG, "--trust", "127.0.0.1", folder=scene.stage.installation.folder)
    front = front_of(scene)
    os.kill(front.pid, signal.SIGTERM)
    until = time.monotonic() + 30
    while psutil.pid_exists(front.pid) or not answers(scene.address("/sign-in")):
        if time.monotonic() > until:
            raise NotDone("The front did not start again.")
        time.sleep(0.1)


def front_of(scene: Scene) -> psutil.Process:
    """Returns the process that writes into the front's log."""
    found = writer_of(scene.stage.installation.portal(SLUG) / "log" / "front.log")
    if found is None:
        raise NotDone("There is no front.")
    return found


def sprayed(scene: Scene, port: int) -> None:
    before, mine = newest_notice(scene), list[tuple[int, float]]()

    def spray(last: int) -> list[int]:
        visitor = Visitor(port, f"127.0.2.{last}")
        return [visitor.tries(f"parent.{last}.{number}" if number else ANA, "Lincoln Lions 2026") for number in range(TRIES)]

    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(spray, last) for last in range(1, ADDRESSES + 1)]
        time.sleep(1)
        for number in range(3):
            began = time.monotonic()
            status = Visitor(port, f"127.0.3.{number + 1}").tries(ANA, scene.password(ANA))
            mine.append((status, time.monotonic() - began))
        statuses = Counter(status for each in tries for status in each.result())
    told = ", ".join(f"{many} times {status}" for status, many in statuses.most_common())
    scene.line(f"{ADDRESSES} addresses try one password with {ADDRESSES * TRIES} names, through nginx", told, statuses[429] > 0 and not statuses[302])
    told = ", ".join(f"{status} in {took:.1f} s" for status, took in mine)
    scene.line("meanwhile Ana signs in through nginx in three new browsers", told, all(status == 302 and took < 30 for status, took in mine))
    status = Visitor(port, "127.0.2.20").tries("someone", "x", **{"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"})
    scene.line("an address that must wait claims another one in its headers", status, status == 429)
    shown(scene, before)


def shown(scene: Scene, before: int) -> None:
    found = [each for each in events(scene, "--kind", "sign in") if each["result"] == "wrong"]
    addresses = {each["address"] for each in found}
    told = f"{len(found)} wrong sign-ins from {len(addresses)} addresses, each as a keyed hash"
    text = str(found)
    holds = len(addresses) >= ADDRESSES and "parent" not in text and "127.0" not in text and "Lions" not in text
    scene.line("homeroom events --kind 'sign in' --json", told, holds)
    ana = notices(scene, ANA, before)
    scene.line("who was notified: Ana, about her new browsers", ana, "new device" in ana)


def hit(scene: Scene, port: int) -> None:
    before, thief = newest_notice(scene), Visitor(port, "127.0.4.1")
    status = thief.tries(BO, scene.password(BO))
    page = thief.ask("GET", "/sign-in/second")[1]
    found = TOKEN.search(page)
    codes = [thief.ask("POST", "/sign-in/second", {"csrfmiddlewaretoken": found[1] if found else "", "code": f"{n:06}"})[0] for n in range(3)]
    inside = thief.ask("GET", "/classes")[0]
    told = f"password {status}, three guesses of digits {codes}, his classes {inside}"
    scene.line("the spray finds Bo's password", told, status == 302 and set(codes) == {403} and inside == 302)
    kinds = [(each["result"], each["what"]) for each in events(scene, "--kind", "second factor")]
    bo = notices(scene, BO, before)
    scene.line("who was notified: Bo, and the events have it", f"Bo: {bo or 'no notice'}; {len(kinds)} events {kinds[-1:]}", bool(bo) and len(kinds) >= 3)
