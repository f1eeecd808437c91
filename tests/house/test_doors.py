"""Walks every URL of both processes: who gets in, what the access log has afterwards, and what a stranger sees."""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from homeroom.portal.access.acts import SEE_ACCOUNT
from homeroom.portal.access.guard import Guarded
from homeroom.portal.access.policy import Risk, acts
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

WEB, DOOR = "homeroom.portal.urls", "homeroom.portal.door.urls"
# Parameters of URLs, with a sample of each. A missing name fails the tests, so add what to open.
SAMPLES = {"factor": "factor", "student": "nina", "child": "nina", "section": "algebra", "code": "es", "delivery": "file",
           "change": "changes/nina", "newcomer": "changes/ida", "question": "question", "proposal": "nobody", "person": "bo", "duty": "duty",
           "substitution": "substitution", "supporter": "supporter", "grant": "nobody", "number": "1",
           "substituted": "reading", "asked": "asked", "challenge": "challenge", "tie": "tie/jo/nina", "tutoring": "tie/tia/nina",
           "wanted": "wanted", "applied": "applied", "news": "fair", "masking": "masking", "which": "correction",
           "inspection": "inspection", "digest": "0" * 64, "incident": "incident", "what": "note", "decision": "hold"}  # fmt: skip
HATS = {
    "family": ("ana", "family"),
    "student": ("nina", "student"),
    "staff": ("bo", "staff"),
    "administrator": ("carl", "staff"),
    "board second": ("vera", "staff"),
}
# Pages about one's own things, without a view: the person who owns the sample.
OWN = {"news-one": "ana", "cards": "bo", "cards-changed": "bo", "request-withdrawn": "lou", "my-challenge": "ana", "check": "jo",
       "tutoring": "tia", "tutor-request-withdrawn": "tia", "turning-18": "max", "agreed-at-18": "max"}
# The students that a view of the samples is about, by person. A class is its students.
SEEN = {
    ("ana", "home"): {"nina", "leo"},
    ("nina", "home"): {"nina"},
    ("ana", "nina"): {"nina"},
    ("nina", "nina"): {"nina"},
    ("bo", "algebra"): {"nina", "max"},
    ("carl", "changes/nina"): {"nina"},
    ("carl", "question"): {"nina"},
    ("carl", "asked"): {"nina", "leo"},
    ("carl", "challenge"): {"nina"},
    ("carl", "correction"): {"kai"},
    ("carl", "birthdays"): {"max"},
    ("carl", "nina"): {"nina"},
}


@dataclass(frozen=True)
class Door:
    name: str
    route: str
    names: tuple[str, ...]  # of the URL's parameters
    view: Callable[..., Any]

    @property
    def guarded(self) -> Guarded | None:
        return getattr(self.view, "guarded", None)

    @property
    def has_uuid(self) -> bool:
        return "<uuid:" in self.route

    def path(self, **values: str) -> str:
        return "/" + re.sub(r"<\w+:(\w+)>", lambda found: values[found[1]], self.route)


def doors_of(urlconf: str) -> list[Door]:
    return list(_walk(import_module(urlconf).urlpatterns, ""))


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Door]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield Door(pattern.name or route, route, tuple(pattern.pattern.converters), pattern.callback)


LISTED = {  # what a list shows without a search. Others show no one yet
    "age-letters": {"max"}, "changes": {"nina"}, "mask-new": {"nina"}, "masked": {"leo"}, "restrictions": {"max"}, "tutor-office": {"nina"},
}  # fmt: skip
WEB_DOORS = doors_of(WEB)
GUARDED = [door for door in WEB_DOORS if door.guarded]


@pytest.fixture
def quiet(school: School) -> School:
    """Returns the module's school with an empty access log."""
    for table in ("ledger_link", "ledger_student", "ledger", "view_day", "opening", "look_count"):
        school.change(f"DELETE FROM {table}")
    return school


def samples(school: School, door: Door) -> dict[str, str]:
    return {
        name: SAMPLES[name]
        if name in ("code", "digest", "number", "what", "decision")
        else str(school.ids["file"])
        if name == "delivery"
        else school.uuid(SAMPLES[name])
        for name in door.names
    }


def looks(school: School) -> list[tuple[str, str, set[str]]]:
    """Returns every view in the access log: (who, act, students)."""
    with school.connect("owner") as owner:
        rows = owner.execute("""SELECT p.sourced_id, l.act, array_agg(w.sourced_id)
            FROM ledger l JOIN person p ON p.id = l.person_id JOIN ledger_student s ON s.entry_id = l.id
                 JOIN person w ON w.id = s.student_id GROUP BY l.id, 1, 2 ORDER BY l.id""").fetchall()
    return [(who, act, set(students)) for who, act, students in rows]


@pytest.mark.parametrize("door", [*WEB_DOORS, *doors_of(DOOR)], ids=lambda door: door.route)
def test_every_view_is_guarded_or_says_why_not(door: Door) -> None:
    reason = getattr(door.view, "unguarded", "")
    assert (door.guarded is not None) != bool(reason), (
        f"/{door.route} needs @guard or @unguarded(reason), one of them"
    )
    if reason:
        assert len(reason.split()) >= 5, f"/{door.route}: {reason!r} is no reason"


def test_the_door_process_guards_nothing_since_its_login_reads_nothing_to_guard() -> None:
    """The door may not call begin_request(), so a guard there would only fail."""
    assert [door.route for door in doors_of(DOOR) if door.guarded] == []


def test_every_act_is_at_some_door_and_every_door_has_a_name() -> None:
    used = {door.guarded.act for door in GUARDED if door.guarded}
    assert set(acts()) - used <= {SEE_ACCOUNT}  # the door has the account page
    names = [door.name for door in [*WEB_DOORS, *doors_of(DOOR)]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("door", GUARDED, ids=lambda door: door.route)
def test_someone_not_signed_in_is_sent_to_sign_in_and_no_view_is_recorded(quiet: School, door: Door) -> None:
    path = door.path(**samples(quiet, door))
    for browser in (Browser(), stale()):
        page = browser.open(path)
        assert (page.status, page.headers["Location"].split("?")[0]) == (302, "/sign-in")
    assert looks(quiet) == []


def stale() -> Browser:
    """Returns a browser with a cookie that no session knows."""
    return Browser("nobody at all", "family")


@pytest.mark.parametrize("hat", HATS)
@pytest.mark.parametrize("door", GUARDED, ids=lambda door: door.route)
def test_a_door_opens_only_for_the_right_people_and_records_only_the_right_view(
    quiet: School, door: Door, hat: str
) -> None:
    assert door.guarded
    (person, side), act = HATS[hat], door.guarded.act
    kinds = {"board second"} if hat == "board second" else {side} | ({"administrator"} if hat == "administrator" else set())
    subject = SAMPLES[door.guarded.look] if door.guarded.look else str(act)
    is_looking = door.guarded.look is not None
    students = SEEN.get((person, subject), set()) if is_looking else LISTED.get(door.name, set())
    page = Browser(person, side).open(door.path(**samples(quiet, door)))
    is_elsewhere = OWN.get(door.name, person) != person
    if not act.who & kinds or (door.guarded.look and not students) or is_elsewhere:
        assert page.status == 404
        assert looks(quiet) == []
    else:
        assert page.status in (200, 302), page.status
        expected = [(person, act, students)] if students else []
        assert looks(quiet) == expected
        if act.risk is Risk.RECORD:
            assert len(expected) == 1 or (door.guarded.list and door.name not in LISTED)


@pytest.mark.parametrize(
    "stranger", [("dee", "family"), ("jo", "family"), ("gus", "family"), ("dana", "staff"), ("max", "student")]
)
@pytest.mark.parametrize("door", [door for door in GUARDED if door.has_uuid], ids=lambda door: door.route)
def test_a_page_that_a_stranger_may_not_see_answers_like_one_that_does_not_exist(
    quiet: School, door: Door, stranger: tuple[str, str]
) -> None:
    if OWN.get(door.name) == stranger[0]:
        return  # not a stranger there
    browser = Browser(*stranger)
    there = browser.open(door.path(**samples(quiet, door)))
    nobody = {name: str(identity(f"nobody {name}")) for name in door.names if f"<uuid:{name}>" in door.route}
    nowhere = browser.open(door.path(**{**samples(quiet, door), **nobody}))
    nothing = browser.open("/children/no-such-page")
    assert there.status == nowhere.status == nothing.status == 404
    assert told(there.text) == told(nowhere.text)
    assert there.headers.keys() == nowhere.headers.keys()
    assert looks(quiet) == []


def told(page: str) -> str:
    """Returns the page without what differs between requests: the form's token, the time, and the ids in the address that it repeats."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "token", page)
    page = re.sub(r"\b\d{1,2}:\d\d\b", "time", page)
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uuid", page)


@pytest.mark.parametrize("door", WEB_DOORS, ids=lambda door: door.route)
@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete", "trace"])
def test_a_page_that_only_shows_answers_no_other_verb(quiet: School, door: Door, verb: str) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=True)
    client.cookies.update(Browser("ana", "family").client.cookies)
    answer = getattr(client, verb)(door.path(**samples(quiet, door)), HTTP_HOST="127.0.0.1:8000")
    assert answer.status_code in (403, 404, 405)


def test_a_path_that_is_no_door_is_not_found_and_tells_nothing(quiet: School) -> None:
    for path in (
        "/admin/",
        "/children/",
        f"/children/{uuid.uuid4()}/../..",
        "/sign-in/x",
        "/classes/1",
        "/imports/%2e%2e",
    ):
        for browser in (Browser(), Browser("ana", "family")):
            assert browser.open(path).status == 404
    assert looks(quiet) == []
