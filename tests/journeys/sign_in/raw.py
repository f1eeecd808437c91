"""Requests that no browser would send: with http.client and the cookies of a page, and two of them at the same time."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Page

FIELDS = "form => [...new FormData(form)].filter(([, value]) => typeof value === 'string')"


@dataclass(frozen=True, slots=True)
class RawAnswer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Caller:
    """`cookies` has the form in which a browser sends them."""

    address: str
    cookies: str = ""

    @classmethod
    def of(cls, page: Page) -> "Caller":
        cookies = page.context.cookies(page.url)
        return cls(page.url, "; ".join(f"{each['name']}={each['value']}" for each in cookies))

    @staticmethod
    def form(page: Page) -> dict[str, str]:
        """Returns the fields of the page's first form as they are, with its CSRF token."""
        return dict(page.locator("main form").first.evaluate(FIELDS))

    def ask(self, path: str, **headers: str) -> RawAnswer:
        return self._asked("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, form: Mapping[str, str]) -> RawAnswer:
        return self._asked("POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(form))

    def _asked(self, method: str, path: str, headers: Mapping[str, str], body: str = "") -> RawAnswer:
        parts = urlsplit(self.address)
        line = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            line.request(method, path, body or None, {**headers, **({"Cookie": self.cookies} if self.cookies else {})})
            answered = line.getresponse()
            return RawAnswer(answered.status, dict(answered.getheaders()), answered.read().decode(errors="replace"))
        finally:
            line.close()


def at_once(calls: Sequence[Callable[[], RawAnswer]]) -> list[RawAnswer]:
    """Starts all calls at the same moment."""
    start, answers = threading.Barrier(len(calls)), dict[int, RawAnswer]()

    def call(number: int) -> None:
        start.wait()
        answers[number] = calls[number]()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(calls))]
