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
        return words_of(body)

    def find(self, tag: str) -> list[Element]:
        assert self.tree is not None
        return list(self.tree.iter(H + tag))

    @property
    def elements(self) -> list[Element]:
        assert self.tree is not None
        return list(self.tree.iter())

    @property
    def said(self) -> set[str]:
        """Returns each fact in `data-said`, and the id of each notice's heading."""
        facts = [
            element.get("data-said") or (element.get("aria-labelledby", "") if "notice" in classes(element) else "") for element in self.elements
        ]
        return {fact for fact in facts if fact}

    @property
    def wrong(self) -> set[str]:
        """Returns the names of the fields that have an error."""
        return {element.get("name", "") for element in self.elements if element.get("aria-invalid") == "true"}

    def error(self, field: str) -> str:
        """Returns what is said to be wrong with this field."""
        return self._described(field, "error")

    def hint(self, field: str) -> str:
        return self._described(field, "hint")

    def _described(self, field: str, kind: str) -> str:
        names = [name for element in self.elements if element.get("name") == field for name in element.get("aria-describedby", "").split()]
        return " ".join(words_of(element) for element in self.elements if element.get("id") in names and kind in classes(element))

    @property
    def links(self) -> list[str]:
        return [link.get("href", "") for link in self.find("a")]

    @property
    def heading(self) -> str:
        return words_of(self.find("h1")[0])

    @property
    def lead(self) -> str:
        """Returns the paragraph under the heading."""
        return next(words_of(element) for element in self.find("p") if "lead" in classes(element))

    @property
    def lines(self) -> list[str]:
        """Returns the words of each item of a list and each row of a table, without those of the bar."""
        return [words_of(element) for element in self.find("main")[0].iter() if element.tag in (f"{H}li", f"{H}tr")]

    @property
    def rows(self) -> list[list[str]]:
        """Returns the cells of each row of a table's body."""
        return [[words_of(cell) for cell in row] for body in self.find("tbody") for row in body]

    @property
    def facts(self) -> dict[str, str]:
        """Returns the page's lists of facts, by their terms."""
        terms, values = ([words_of(each) for each in self.find(tag)] for tag in ("dt", "dd"))
        return dict(zip(terms, values, strict=True))

    def at(self, name: str) -> str:
        """Returns the words of the element with this id, or "" if there isn't one."""
        return next((words_of(element) for element in self.elements if element.get("id") == name), "")

    def part(self, name: str) -> str:
        """Returns the words of the section under the heading with this id, or "" if there isn't one."""
        return next((words_of(element) for element in self.elements if element.get("aria-labelledby") == name), "")

    def linked(self, path: str) -> str:
        """Returns the words of the one line that links there."""
        [found] = [line for line in self.find("li") if path in [link.get("href") for link in line.iter(f"{H}a")]]
        return words_of(found)

    def line(self, words: str) -> str:
        """Returns the one line that has these words."""
        [found] = [line for line in self.lines if words in line]
        return found


def words_of(element: Element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def classes(element: Element) -> list[str]:
    return element.get("class", "").split()


def numbers(words: str) -> list[str]:
    """Returns the numbers in a sentence, as it writes them: 1,204 and 88.4."""
    return re.findall(r"\d[\d,]*(?:\.\d+)?(?<!,)", words)


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
        is_packed = response.headers.get("Content-Type") in ("application/zip", "application/pdf")
        content = response.content.decode("latin-1" if is_packed else "utf-8")  # .encode("latin-1") is the file again
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
