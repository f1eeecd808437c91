"""Texts that cost much or break something: patterns, wildcards, NUL, combining marks, JSON without end.

Each field that searches gets all of them, and every other field and query gets NUL and two of the others.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice
from urllib.parse import urlencode

import pytest

from homeroom.portal.access.policy import sides
from tests.house.door_pages import ACCOUNTS, NOBODYS, open_door
from tests.house.idor import UUID, Asker, Form, Forms, Hat
from tests.house.test_doors import GUARDED, samples
from tests.house.test_idor import READ, act_of
from tests.school import School

LONGEST = 3.0  # seconds for one answer, while other tests run, too
SIZE = 10_000  # characters
IN_A_QUERY = 20  # characters of each name. The servers take 4,094 bytes of an address
BOMBS = {
    "pattern": "(((((a+)+)+)+)+)+$", "wildcards": "%_", "words": "a b ", "marks": "e\u0301\u0301\u0301\u0301", "right to left": "\u202eRuiz\u2066",
    "emoji": "\U0001f469\u200d\U0001f467", "quotes": "\\'\";--$$\n\r\t", "digits": "9", "ligature": "\ufdfa", "arrays": "[", "objects": '{"id":',
}  # fmt: skip
NUL = "Ruiz\0"
ALL = [text * (SIZE // len(text)) for text in (NUL, *BOMBS.values())]
IN_TURN = cycle(ALL[1:])
PEOPLE: list[Hat] = [("carl", "staff"), ("bo", "staff"), ("ana", "family"), ("nina", "student")]


@pytest.fixture(scope="module")
def asker(school: School) -> Iterator[Asker]:
    school.change("""UPDATE district SET tutors = 'on', caps = '{"family": 1000000, "student": 1000000, "teacher": 1000000, "administrator": 1000000}'""")
    asking = Asker(school)
    yield asking
    asking.owner.close()


@pytest.fixture(scope="module")
def pages(school: School, asker: Asker) -> dict[tuple[Hat, str], str]:
    """Returns the text of each page that one of these people may open, one of each address."""
    found = {}
    for hat in PEOPLE:
        for path in [door.path(**samples(school, door)) for door in GUARDED if hat[1] in sides(act_of(door))]:
            answer = asker.ask(hat, "GET", path)
            if answer.status == 200:
                found[hat, path] = answer.page
    return found


def forms_of(path: str, text: str) -> list[Form]:
    read = Forms(path)
    read.feed(text)
    return read.forms


def some() -> list[str]:
    return [ALL[0], *islice(IN_TURN, 2)]


def with_bomb(form: Form, bomb: str) -> Form:
    """Puts it in every field, except ids and the name of the button, which say what the form does."""
    pressed = form.button.split("=")[0]
    return replace(form, values=tuple((name, value if UUID.fullmatch(value) or name == pressed else bomb) for name, value in form.values))


def wrong_of(asker: Asker, hat: Hat, form: Form, bombs: Sequence[str]) -> list[str]:
    """Sends each of them in this form. Returns what is wrong with the answers."""
    wrong = []
    for bomb in bombs:
        began = time.monotonic()
        status, took = asker.send(hat, with_bomb(form, bomb)).status, time.monotonic() - began
        if status >= 500 or took > LONGEST:
            wrong.append(f"{form.method} {form.action} as {' '.join(hat)} with {bomb[:10]!r}: {status} in {took:.1f} s")
    return wrong


def test_no_field_of_a_form_is_slow_or_a_fault(asker: Asker, pages: dict[tuple[Hat, str], str]) -> None:
    forms: dict[tuple[object, ...], tuple[Hat, Form]] = {}
    for (hat, path), text in pages.items():
        for form in forms_of(path, text):
            forms.setdefault(form.shape, (hat, form))
    searches = [form for _hat, form in forms.values() if form.is_search or form.method == "GET"]
    assert len(forms) > 50 and len(searches) > 8
    assert [wrong for hat, form in forms.values() for wrong in wrong_of(asker, hat, form, ALL if form in searches else some())] == []


def test_no_query_of_a_page_is_slow_or_a_fault(asker: Asker, pages: dict[tuple[Hat, str], str]) -> None:
    wrong = []
    for hat, path in pages:
        for bomb in some():
            asked = Form("GET", f"{path}?{urlencode(dict.fromkeys(READ, bomb[:IN_A_QUERY]))}", ())
            wrong += wrong_of(asker, hat, asked, [""])
    assert wrong == []


def test_no_field_of_the_doors_pages_is_slow_or_a_fault(own_school: School) -> None:
    wrong: list[str] = []
    with open_door(own_school):
        asking = Asker(own_school)
        for hat, paths in ((("", ""), NOBODYS), (("ana", "family"), ACCOUNTS)):
            for path in paths:
                for form in forms_of(path, asking.ask(hat, "GET", path).page):
                    wrong += wrong_of(asking, hat, form, some())
        asking.owner.close()
    assert wrong == []


def test_a_form_of_many_fields_is_refused_and_quick(asker: Asker) -> None:
    """Python's hashes have a secret, so no one can choose names that collide. More than 1,000 fields are refused anyway."""
    began = time.monotonic()
    assert asker.ask(("carl", "staff"), "POST", "/people", tuple((f"field{n}", "1") for n in range(20_000))).status == 400
    assert asker.ask(("carl", "staff"), "POST", "/people", tuple((f"field{n}", "1") for n in range(900))).status == 200
    assert time.monotonic() - began < LONGEST
