"""Tests for IDOR. Each form that a page shows to one of the cast is sent by each of the others, and with others' ids in it.

The tests take samples: two of one person's forms that differ only by their ids (MOST_ALIKE), and two of one's own things in another's place (MOST_OWN). They
open one of one's own pages per shape. Each person tries one of a door's paths, by GET and two of the six other methods. The tests leave out supporters and
the door process.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from homeroom.portal.access.policy import Act, sides
from tests.cast import NAMES, identity
from tests.house.expected import HATS
from tests.house.idor import (
    NO_NUMBER,
    NOBODY,
    NUMBERED,
    UUID,
    Asker,
    Form,
    GivenAnswer,
    Hat,
    Seen,
    nobodys,
    place_of,
    sampled,
    walk,
)
from tests.house.test_doors import GUARDED, SAMPLES, Door, samples
from tests.school import School

ASKED = re.compile(r'\bGET\)?\.get(?:list)?\("(\w+)"')
# Answers that rightly differ from the answer for nothing.
KNOWN_TO = {("ana", "family", "tie/jo/nina"): "she challenged this tie herself, and is told so when she does it again"}
UNREAD = {
    ("verdict", "declined"): "a request is declined whichever record was chosen beside it: the choice is not read",
    ("do", "lacking"): "cards are printed for the students who have none: the chosen ones are not read",
}
# Reading such a list is recorded.
LINES = dict.fromkeys(("/office/ages/without", "/office/ages/letters", "/office/restrictions"), ("ledger",))
GROWS = ("/who-has-looked", "/lines")  # opening such a page adds a line to it, so only the status is compared
MOST_OWN = 2  # the most things of one's own that are tried in another's place
VERBS = ("POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
COLUMNS = """SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'uuid'
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT LIKE 'procrastinate%'"""
READ = sorted({name for path in (Path(__file__).parents[2] / "src").rglob("*.py") for name in ASKED.findall(path.read_text())} | set(SAMPLES))
each_person = pytest.mark.parametrize("hat", HATS, ids=lambda hat: " ".join(hat) or "nobody")


@dataclass(frozen=True)
class World:
    asker: Asker
    kinds: dict[str, str]  # id: table
    seen: dict[Hat, Seen]
    looked: set[tuple[str, str, str]]

    def like(self, one: str) -> list[str]:
        """Returns the other ids of the same kind."""
        return [other for other, kind in self.kinds.items() if kind == self.kinds.get(one, "number") and other != one]

    def others(self, hat: Hat, name: str) -> str:
        """Returns an id that no page of this person has, of the kind that this name takes, or else of a person."""
        kind = "school" if name == "school" else self.kinds.get(str(identity(SAMPLES.get(name, "nina"))), "person")
        alike = [one for one, of in self.kinds.items() if of == kind and one not in self.seen[hat].ids]
        return next((one for one in alike if one in students()), alike[0] if alike else NOBODY)


@pytest.fixture(scope="module")
def world(school: School) -> Iterator[World]:
    """Everyone has opened every page that is open to them. Two things wait for a second approval."""
    school.change("""UPDATE district SET caps = '{"family": 1000000, "student": 1000000, "teacher": 1000000, "administrator": 1000000}', tutors = 'on'""")
    asker = Asker(school)
    kinds = kinds_of(asker)
    for what, who in (("administrators", "bo"), ("support", "supporter")):
        waits = asker.ask(("carl", "staff"), "POST", f"/office/{what}/new/{identity(who)}", (("why", "Needed."), ("hours", "2")))
        assert waits.status == 302, what
    kinds |= kinds_of(asker)
    paths = {side: [path for door in GUARDED if side in sides(act_of(door)) for path in paths_of(school, door, kinds)] for _, side in HATS}
    seen = {hat: walk(asker, hat, paths[hat[1]], [name[:4] for name in NAMES.values()]) for hat in HATS}
    assert sum(len(each.forms) for each in seen.values()) > 120  # the walk found forms to send
    kinds |= {value: name for each in seen.values() for form in each.forms.values() for name, value in form.ids if name in NUMBERED}
    asker.changed()
    yield World(asker, kinds, seen, asker.looked())
    asker.owner.close()


def act_of(door: Door) -> Act:
    assert door.guarded
    return door.guarded.act


def kinds_of(asker: Asker) -> dict[str, str]:
    tables = sorted(name for (name,) in asker.owner.execute(COLUMNS))
    return {str(one): table for table in tables for (one,) in asker.owner.execute(f"SELECT uuid FROM {table} ORDER BY ctid".encode())}


def paths_of(school: School, door: Door, kinds: dict[str, str]) -> Iterator[str]:
    """Yields a door's path with every id that fits. With two ids, each changes in turn, next to the other's sample."""
    sample = samples(school, door)
    yield door.path(**sample)
    for name in door.names:
        for one in [one for one, kind in kinds.items() if kind == kinds.get(sample[name])]:
            if SAMPLES[name] != "nina" or one in students():
                yield door.path(**sample | {name: one})


def students() -> set[str]:
    return {str(identity(name)) for name in ("nina", "leo", "max", "kai")}


def unlike(world: World, hat: Hat, what: str, got: GivenAnswer, expected: GivenAnswer, own: tuple[str, ...] = ()) -> list[str]:
    """Returns what is wrong with the answer to someone else's form: it is not the answer for nothing, or something was written."""
    who, changed = " ".join(hat) or "nobody", set(world.asker.changed()) - set(own)
    found = [f"{who}: {what}: changed {', '.join(sorted(changed))}"] if changed else []
    if got.status >= 500:
        found.append(f"{who}: {what}: broke with {got.status}")
    if got != expected:
        found.append(f"{who}: {what}: {got.status} {got.led_to}, and for nothing there {expected.status} {expected.led_to}")
    return found


def names_of(form: Form) -> list[str]:
    return [name for *_, name in KNOWN_TO if str(identity(name)) in dict.fromkeys(one for _, one in form.ids)]


def listed(wrong: list[str]) -> str:
    return "\n".join([f"{len(wrong)} wrong", *wrong[:30]])


def headers(one: str, path: str) -> dict[str, str]:
    return {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": one, "HTTP_HX_TRIGGER": one, "HTTP_HX_CURRENT_URL": f"http://127.0.0.1:8000{path}"}


def named(form: Form) -> str:
    return f"{form.method} {form.action} with {', '.join(f'{name}={value}' for name, value in form.values) or 'no field'}"


def others_forms(world: World, hat: Hat) -> list[Form]:
    """Returns forms of everyone else that no page of this person shows."""
    forms = {(form.key, form.button): form for other, seen in world.seen.items() if other != hat for form in sampled(seen.forms.values())}
    return [form for form in forms.values() if not world.seen[hat].has(form)]


@each_person
def test_no_one_can_send_another_persons_form(world: World, hat: Hat) -> None:
    """Sends each form of the others as it is. The answer is the one for ids of nothing. A form without ids gets the answer of no page."""
    wrong, twins = [], dict[Form, GivenAnswer]()
    for form in others_forms(world, hat):
        got, twin = world.asker.send(hat, form, **headers(form.ids[0][1] if form.ids else NOBODY, form.action)), form.of_nobody
        if twin not in twins:
            twins[twin] = world.asker.send(hat, twin)
        if not any((*hat, name) in KNOWN_TO for name in names_of(form)):
            wrong += unlike(world, hat, named(form), got, twins[twin])
        if got.status not in (404, 405) and not got.led_to.startswith("/sign-in") and not form.ids:
            wrong.append(f"{hat}: {named(form)}: {got.status}, and it is no form of theirs")
    assert not wrong, listed(wrong)
    assert world.asker.looked() <= world.looked


@each_person
def test_nor_with_something_of_ones_own_in_one_of_its_places(world: World, hat: Hat) -> None:
    """Sends forms with two or more ids, one of them one's own, such as another's tutor under the address of one's own child."""
    wrong, own = [], world.seen[hat]
    mine = dict.fromkeys(one for path in own.pages for one in UUID.findall(place_of(path)))
    for form in (form for form in others_forms(world, hat) if len(form.ids) > 1):
        for place, one in form.ids:
            for each in [each for each in mine if world.kinds.get(each) == world.kinds.get(one, "number") and each != one][:MOST_OWN]:
                sent = form.swapped(place, one, each)
                if not own.has(sent) and not any((*hat, name) in KNOWN_TO for name in names_of(sent)):
                    got, expected = world.asker.send(hat, sent), world.asker.send(hat, sent.of_nobody_but(each))
                    wrong += unlike(world, hat, f"{named(sent)}, {place} being theirs", got, expected)
    assert not wrong, listed(wrong)
    assert world.asker.looked() <= world.looked


@each_person
def test_ones_own_form_with_an_id_of_anybody_elses_reaches_nothing(world: World, hat: Hat) -> None:
    """Replaces each id in the path and the fields with each other one of the same kind that the form didn't offer."""
    wrong, own = [], world.seen[hat]
    for form in sampled(own.forms.values()):
        for place, one in form.ids:
            if place != "the path" and any(value in UNREAD for value in form.values):
                continue
            nothing = form.swapped(place, one, NO_NUMBER if place in NUMBERED or one.isdigit() else NOBODY)
            expected: GivenAnswer | None = None
            for other in world.like(one):
                sent = form.swapped(place, one, other)
                if own.has(sent) or (form.action, place, other) in own.choices:
                    continue
                expected = expected or world.asker.send(hat, nothing)
                wrong += unlike(world, hat, f"{named(form)}, {place} swapped for {other}", world.asker.send(hat, sent), expected)
    assert not wrong, listed(wrong)
    assert world.asker.looked() <= world.looked


@each_person
def test_ids_in_a_query_or_in_the_headers_of_htmx_reach_nothing(world: World, hat: Hat) -> None:
    """Opens each own page (the first of a shape) with others' ids in every query that a view reads: ids of its kind, and then a student's in each."""
    wrong, own = [], world.seen[hat]
    pages = {nobodys(path): path for path in reversed(own.pages)}
    for path in pages.values():
        mark = "&" if "?" in path else "?"
        expected = world.asker.ask(hat, "GET", path + mark + urlencode(dict.fromkeys(READ, NOBODY)), **headers(NOBODY, path))
        wrong += unlike(world, hat, f"GET {path} with nobody in query and headers", expected, expected, LINES.get(path, ()))
        for said in ({name: world.others(hat, name) for name in READ}, dict.fromkeys(READ, world.others(hat, "student"))):
            got = world.asker.ask(hat, "GET", path + mark + urlencode(said), **headers(said["student"], f"/children/{said['student']}"))
            got = replace(got, text=expected.text) if path.partition("?")[0].endswith(GROWS) else got
            wrong += unlike(world, hat, f"GET {path} with {said} in query and headers", got, expected, LINES.get(path, ()))
    assert not wrong, listed(wrong)
    assert world.asker.looked() <= world.looked


@each_person
def test_no_method_reaches_what_is_not_ones_own(world: World, hat: Hat) -> None:
    """Tries each door with an id in its path for someone else's thing, by GET and two of the other methods. These rotate through the cast."""
    wrong, own, place = [], world.seen[hat], HATS.index(hat)
    theirs = {place_of(path) for path in [*own.pages, *(form.action for form in own.forms.values())]}
    everybodys = dict.fromkeys(place_of(path) for seen in world.seen.values() for path in [*seen.pages, *(form.action for form in seen.forms.values())])
    doors: dict[str, list[str]] = {}
    for path in everybodys:
        if path not in theirs and path != nobodys(path):
            doors.setdefault(nobodys(path), []).append(path)
    for number, (nowhere, paths) in enumerate(doors.items()):
        path = paths[place % len(paths)]
        for verb in ("GET", VERBS[(place + number) % len(VERBS)], VERBS[(place + number + 3) % len(VERBS)]):
            got, expected = world.asker.ask(hat, verb, path), world.asker.ask(hat, verb, nowhere)
            wrong += unlike(world, hat, f"{verb} {path}", got, expected)
    assert not wrong, listed(wrong)
    assert world.asker.looked() <= world.looked


def test_forms_do_something_when_sent_by_the_people_who_see_them(own_school: School) -> None:
    """The control: most of what was refused above is not refused because a date or a word is missing."""
    own_school.change("UPDATE district SET tutors = 'on'")
    asker, does = Asker(own_school), list[str]()
    for hat in (("ana", "family"), ("lou", "family"), ("bo", "staff"), ("carl", "staff")):
        paths = [path for door in GUARDED if hat[1] in sides(act_of(door)) for path in [door.path(**samples(own_school, door))]]
        forms = [form for form in walk(asker, hat, paths, ["Bo L", "Jo C"]).forms.values() if form.method == "POST" and form.ids]
        asker.changed()
        for form in forms:
            asker.send(hat, form)
            does += [place_of(nobodys(form.action))] if asker.changed() else []
    asker.owner.close()
    assert len(set(does)) >= 20
