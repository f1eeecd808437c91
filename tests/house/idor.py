"""Helpers of test_idor: the forms that pages show, requests sent as anyone, and a check of which tables changed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import psycopg
from django.conf import settings
from django.test import Client
from django.utils import translation

from tests.cast import identity, token
from tests.house.test_doors import told
from tests.school import School

HERE = "127.0.0.1:8000"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile(r"(?<=/)\d+(?=/|$)")
MOST_ALIKE = 2  # the most forms of one person that differ only by their ids
NOBODY, NO_NUMBER = str(identity("nobody at all")), "999999999"
NUMBERED = {"entry", "letter"}  # fields whose id is a number
TYPED = {"date": (datetime.now(UTC) + timedelta(3)).date().isoformat(), "email": "a@mail.example", "number": "3"}
ELSEWHERE = ("/language/", "/sign-in", "/static/", "/account")  # not pages of the web process, or pages that show nothing
type Hat = tuple[str, str]
type Values = tuple[tuple[str, str], ...]

# Tables that a refused request may write to anyway: the rows that are still compared, and why. Every other table must stay as it was.
WRITTEN_ANYWAY = {
    "session": ("SELECT to_jsonb(s) - 'last_seen_at' FROM session s", "begin_request() writes last_seen_at, once a minute, for whoever is signed in"),
    "look_student": ("SELECT 1 WHERE false", "as look_count"),
    "security_event": ("SELECT 1 WHERE false", "what the sender did, or failed to do"),
    "look_count": ("SELECT 1 WHERE false", "counts the looks that the sender's own address names and that are open to him"),
    "ledger": ("SELECT l FROM ledger l WHERE event <> 'look'", "has such a look's line"),
    "ledger_student": ("SELECT s FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.event <> 'look'",
                       "has whom that look was about; that it is nobody new is asserted after each walk"),
    "view_day": ("SELECT 1 WHERE false", "has such a look once more, by day"),
    "opening": ("SELECT 1 WHERE false", "what such a look opened, for 30 seconds"),
}  # fmt: skip
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"
LOOKED = """SELECT DISTINCT p.sourced_id, l.capacity, w.sourced_id FROM ledger l JOIN person p ON p.id = l.person_id
    JOIN ledger_student s ON s.entry_id = l.id JOIN person w ON w.id = s.student_id WHERE l.event = 'look'"""


@dataclass(frozen=True)
class Form:
    """One way to send a form: its action with one of its buttons."""

    method: str
    action: str  # path and query
    values: Values
    button: str = ""
    choices: frozenset[tuple[str, str]] = field(default=frozenset(), compare=False)  # every value that its fields offer

    @property
    def ids(self) -> list[tuple[str, str]]:
        """Returns (where, id) for each id in the path or in a field."""
        path = [("the path", found) for found in UUID.findall(self.action) + NUMBER.findall(urlsplit(self.action).path)]
        return path + [(name, value) for name, value in self.values if UUID.fullmatch(value) or name in NUMBERED]

    @property
    def shape(self) -> tuple[object, ...]:
        """Returns the same for forms that differ only by their ids."""
        return (self.method, nobodys(self.action), self.button)

    @property
    def is_search(self) -> bool:
        names = [name for name, _ in self.values]
        return self.method == "POST" and ("find" in names or names == ["name"] or names == ["school", "name"])

    @property
    def key(self) -> tuple[object, ...]:
        """Returns what makes it the same form for someone else: its method, its action and its ids."""
        return (self.method, self.action, tuple(self.ids))

    def swapped(self, place: str, one: str, other: str) -> "Form":
        if place == "the path":
            return replace(self, action=self.action.replace(one, other))
        changed = ((name, other if name == place else value) for name, value in self.values)
        return replace(self, values=tuple(dict.fromkeys(changed)))  # equal ticks of one field become one

    def of_nobody_but(self, mine: str) -> "Form":
        sent = self
        for place, one in self.ids:
            if one != mine:
                sent = sent.swapped(place, one, NO_NUMBER if place in NUMBERED or one.isdigit() else NOBODY)
        return sent

    @property
    def of_nobody(self) -> "Form":
        values = tuple((name, NO_NUMBER if name in NUMBERED else UUID.sub(NOBODY, value)) for name, value in self.values)
        return replace(self, action=nobodys(self.action), values=values)


def sampled(forms: Iterable[Form]) -> list[Form]:
    """Returns at most MOST_ALIKE forms of each shape, in their order."""
    found: dict[tuple[object, ...], list[Form]] = {}
    for form in forms:
        found.setdefault(form.shape, []).append(form)
    return [form for alike in found.values() for form in alike[:MOST_ALIKE]]


def told_of_nothing(text: str) -> str:
    """Replaces numbers, because the page repeats its own address, and removes the bar's mark for the sender's child that the address names."""
    return re.sub(r"(?<=/|F)\d+(?=[/\"?&%]|$)", "number", told(text)).replace(' aria-current="page"', "")


def place_of(path: str) -> str:
    return path.partition("?")[0]


def nobodys(path: str) -> str:
    """Returns the same path with ids of nothing."""
    where, mark, query = UUID.sub(NOBODY, path).partition("?")
    return NUMBER.sub(NO_NUMBER, where) + mark + query


class Forms(HTMLParser):
    """Reads forms and links of a page. Fields are as a browser sends them after every box is ticked and every line is filled in."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.at, self.links, self.forms = at, dict[str, None](), list[Form]()
        self.method, self.action, self.select = "", "", ""
        self.values, self.choices, self.buttons = dict[tuple[str, str], str](), list[tuple[str, str]](), list[tuple[str, str]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        name, value = of.get("name", ""), of.get("value", "")
        if tag == "a" and of.get("href", "").startswith(("/", "?")):
            self.links[urljoin(self.at, of["href"]).split("#")[0]] = None
        elif tag == "form":
            self.method, self.action = of.get("method", "get").upper(), urljoin(self.at, of.get("action", ""))
            self.values, self.choices, self.buttons = {}, [], []
        elif tag == "select":
            self.select = name
        elif tag == "option" and value:
            self._choice(self.select, value, is_chosen="selected" in of)
        elif tag == "textarea":
            self.values[name, ""] = "Some words."
        elif tag == "button" and name:
            self.buttons.append((name, value))
        elif tag == "input" and name != "csrfmiddlewaretoken":
            self._input(of.get("type", "text"), name, value, of)

    def _input(self, kind: str, name: str, value: str, of: dict[str, str]) -> None:
        if kind in ("hidden", "checkbox"):
            self.values[name, value] = value
            self.choices.append((name, value))
        elif kind == "radio":
            self._choice(name, value, is_chosen="checked" in of)
        else:
            self.values[name, ""] = value or TYPED.get(kind, "3" if of.get("inputmode") == "numeric" else "Ab")

    def _choice(self, name: str, value: str, *, is_chosen: bool) -> None:
        self.choices.append((name, value))
        if is_chosen or (name, "") not in self.values:
            self.values[name, ""] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            sent = tuple((name, value) for (name, _), value in self.values.items())
            self.action = place_of(self.action) if self.method == "GET" else self.action  # a browser puts the fields there instead
            for button in self.buttons or [None]:
                pressed, word = ((button,), "=".join(button)) if button else ((), "")
                self.forms.append(Form(self.method, self.action, sent + pressed, word, frozenset(self.choices)))


@dataclass(frozen=True)
class GivenAnswer:
    status: int
    text: str
    led_to: str
    page: str = field(compare=False)


class Asker:
    """Sends requests as anyone, and knows whether one wrote anything."""

    def __init__(self, school: School) -> None:
        self.clients: dict[Hat, Client] = {}
        self.owner: psycopg.Connection[Any] = school.connect("owner", autocommit=True)
        names = [name for (name,) in self.owner.execute(TABLES) if not name.startswith("procrastinate_")]
        rows = {name: f"SELECT t FROM {name} t" for name in names} | {name: compared for name, (compared, _) in WRITTEN_ANYWAY.items()}
        each = (f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(r::text, 0)), 0) FROM ({of}) r" for name, of in rows.items())
        self.every_table = " UNION ALL ".join(each)
        self.xid, self.kept = self._xid(), self.tables()

    def tables(self) -> dict[str, tuple[int, int]]:
        """Returns {table: (number of rows, a sum over them in any order)}."""
        return {name: (rows, total) for name, rows, total in self.owner.execute(self.every_table.encode(), prepare=True)}

    def _xid(self) -> str:
        """Returns a number that grows with each transaction that writes, even one that is rolled back. While it is the same, no table can have changed."""
        row = self.owner.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()
        return str(row[0]) if row else ""

    def changed(self) -> list[str]:
        """Returns tables that changed since the last call, or since the beginning."""
        xid = self._xid()
        if xid == self.xid:
            return []
        before, self.xid, self.kept = self.kept, xid, self.tables()
        return [name for name in self.kept if self.kept[name] != before[name]]

    def looked(self) -> set[tuple[str, str, str]]:
        """Returns (who, in which capacity, whom) for every view so far."""
        return set(self.owner.execute(LOOKED).fetchall())

    def ask(self, hat: Hat, method: str, path: str, values: Values = (), **headers: str) -> GivenAnswer:
        if hat not in self.clients:
            self.clients[hat] = client = Client(raise_request_exception=False)
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
            if hat[0]:
                client.cookies[settings.SESSION_COOKIE] = token(*hat)
        sent = urlencode(values)
        if method == "GET" and values:
            path, sent = f"{path.split('?')[0]}?{sent}", ""
        kind = "application/x-www-form-urlencoded"
        response = self.clients[hat].generic(method, path, sent, content_type=kind, HTTP_HOST=HERE, **headers)  # type: ignore[arg-type]
        translation.deactivate()  # as in tests/browser.py
        is_text = response.headers.get("Content-Type", "").startswith("text/")
        text = response.content.decode() if is_text and not response.streaming else ""
        return GivenAnswer(response.status_code, told_of_nothing(text), told_of_nothing(response.headers.get("Location", "")), text)

    def send(self, hat: Hat, form: Form, **headers: str) -> GivenAnswer:
        return self.ask(hat, form.method, form.action, form.values, **headers)


@dataclass
class Seen:
    """The content of one person's own pages."""

    pages: dict[str, str] = field(default_factory=dict)  # path: text
    forms: dict[tuple[object, ...], Form] = field(default_factory=dict)
    choices: set[tuple[str, str, str]] = field(default_factory=set)  # (action, field, value) that their forms offer

    @cached_property
    def ids(self) -> set[str]:
        """Returns every id on their pages. It is read once, after all pages are open."""
        return {found for path, text in self.pages.items() for found in UUID.findall(path + text)}

    def has(self, form: Form) -> bool:
        """Says whether their pages show this form. For one without ids, or sent by GET, a page or form at the same place is enough."""
        if form.ids and form.method == "POST":
            offered = {(name, value) for action, name, value in self.choices if action == form.action}
            return any(form.action == own.action and set(form.ids) <= offered | set(own.ids) for own in self.forms.values())
        places = set(self.pages) | {own.action for own in self.forms.values()}
        return place_of(form.action) in {place_of(path) for path in places}

    def take(self, path: str, text: str) -> list[str]:
        """Keeps the page, and returns the links on it."""
        self.pages[path] = text
        read = Forms(path)
        read.feed(text)
        for form in read.forms:
            self.forms.setdefault((form.key, form.button), form)
            self.choices |= {(form.action, name, value) for name, value in form.choices}
        return list(read.links)


def walk(asker: Asker, hat: Hat, starts: Iterable[str], names: Iterable[str]) -> Seen:
    """Opens every page that is open to this person: from these paths, along every link, and by every search for these names."""
    seen, asked, waiting = Seen(), set[str](), list(starts)
    while waiting:
        path = waiting.pop(0)
        if path in asked or path.startswith(ELSEWHERE):
            continue
        asked.add(path)
        answer = asker.ask(hat, "GET", path)
        if answer.status == 200 and "<main" in answer.page:
            waiting += seen.take(path, answer.page)
    for form in sampled(form for form in list(seen.forms.values()) if form.is_search):
        for name in names:
            found = asker.send(hat, form.swapped("name", "Ab", name))
            if found.status == 200:
                seen.take(form.action, found.page)
    return seen
