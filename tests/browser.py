"""The test client. It uses the same database login as production, and checks every page that a test opens."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import translation

from tests.cast import NAMES, STUDENTS, token

CHILDREN = {NAMES[student].split()[0] for student in STUDENTS} | {"Ida", "Robin"}
H = "{http://www.w3.org/1999/xhtml}"


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collects the SQL statements of pages opened in this context, without those of the view and the claim."""
    found: list[str] = []

    def noted(execute: Callable[..., object], statement: str, *rest: object) -> object:
        found.append(statement)
        return execute(statement, *rest)

    with connection.execute_wrapper(noted):
        yield found


@dataclass(frozen=True)
class Page:
    status: int
    text: str
    headers: dict[str, str]
    tree: Element | None = field(repr=False)

    @property
    def words(self) -> str:
        """Returns the visible text, with white space collapsed."""
        assert self.tree is not None
        body = self.tree.find(f"{H}body")
        assert body is not None
        return re.sub(r"\s+", " ", "".join(body.itertext())).strip()

    def find(self, tag: str) -> list[Element]:
        assert self.tree is not None
        return list(self.tree.iter(H + tag))


class Browser:
    """One person in one role. An empty `person` is not signed in."""

    def __init__(self, person: str = "", side: str = "family", language: str = "en", host: str = "127.0.0.1:8000") -> None:
        self.client = Client(raise_request_exception=True)
        self.host = host
        if person:
            self.client.cookies[settings.SESSION_COOKIE] = token(person, side)
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    def open(self, path: str, **words: Any) -> Page:
        return self._page(self.client.get(path, HTTP_HOST=self.host, **words))

    def post(self, path: str, values: dict[str, str]) -> Page:
        return self._page(self.client.post(path, values, HTTP_HOST=self.host))

    def _page(self, response: Any) -> Page:
        translation.deactivate()  # the middleware leaves the page's language on, and the next test would get it
        content = response.content.decode()
        is_page = response.headers.get("Content-Type", "").startswith("text/html") and content
        page = Page(response.status_code, content, dict(response.headers), parsed(content) if is_page else None)
        if page.tree is not None:
            inspect(page)
        return page


def parsed(content: str) -> Element:
    """Returns the page's tree. Raises html5lib's ParseError if the HTML is not valid."""
    parser = html5lib.HTMLParser(strict=True)
    tree: Element = parser.parse(content)
    return tree


def named_in(words: list[str]) -> set[str]:
    """Returns the students of the cast that the words name."""
    return {re.sub(r"\W.*", "", word) for word in words} & CHILDREN


def inspect(page: Page) -> None:
    """Checks every page: one h1, a title that begins with it and names no student, labeled fields, nothing inline, and nothing from elsewhere."""
    headings = ["".join(h.itertext()).split() for h in page.find("h1")]
    assert len(headings) == 1, f"{len(headings)} h1"
    title = "".join(page.find("title")[0].itertext()).split()
    assert not named_in(title), f"title {title} names a student: a browser keeps titles, and shows them to whoever uses it next"
    assert named_in(headings[0]) or title[: len(headings[0])] == headings[0], f"title {title} does not begin with h1 {headings[0]}"
    assert page.tree is not None and page.tree.get("lang") in ("en", "es")
    labelled = {label.get("for") for label in page.find("label")}
    wrapped = {id(inner) for label in page.find("label") for inner in label.iter()}
    for tag in ("input", "select", "textarea"):
        for control in page.find(tag):
            if control.get("type") not in ("hidden", "submit"):
                assert control.get("id") in labelled or id(control) in wrapped or control.get("aria-label"), (
                    f"no label: {control.attrib}"
                )
    for element in page.tree.iter():
        assert element.get("style") is None, f"inline style on {element.tag}"
        assert not any(name.startswith("on") for name in element.attrib), f"inline script on {element.tag}"
        for name in ("src", "href", "action"):
            value = element.get(name, "")
            assert not re.match(r"(?i)(https?:)?//|javascript:|data:", value), f"leads elsewhere: {value}"
    assert not page.find("style"), "inline style"
    assert all(script.get("src") for script in page.find("script")), "inline script"
    assert "Content-Security-Policy" in page.headers and page.headers["Cache-Control"] == "no-store"
