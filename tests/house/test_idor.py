"""IDOR, walked: every form that a page shows to one of the cast, sent by each of the others, and with others' ids in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from tests.cast import NAMES, identity
from tests.house.expected import HATS
from tests.house.idor import NO_NUMBER, NOBODY, NUMBERED, UUID, Answer, Asker, Form, Hat, Seen, nobodys, place_of, walk
from tests.house.test_doors import GUARDED, SAMPLES, Door, samples
from tests.school import School

ASKED = re.compile(r'\bGET\.get\("(\w+)"')
VERBS = ("POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
COLUMNS = """SELECT table_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'uuid' AND table_name NOT LIKE 'procrastinate%'"""
each_person = pytest.mark.parametrize("hat", HATS, ids=lambda hat: " ".join(hat) or "nobody")


@dataclass(frozen=True)
class World:
    asker: Asker
    kinds: dict[str, str]  # id: table
    seen: dict[Hat, Seen]
    looked: set[tuple[str, str, str]]

    def like(self, one: str) -> list[str]:
        """The other ids of the same kind."""
        return sorted(other for other, kind in self.kinds.items() if kind == self.kinds.get(one, "number") and other != one)


@pytest.fixture(scope="module")
def world(school: School) -> Iterator[World]:
    """Everybody has opened every page that opens to them; two things wait for a second person."""
    school.change("""UPDATE district SET caps = '{"family": 1000000, "student": 1000000, "teacher": 1000000, "administrator": 1000000}', tutors = 'on'""")
    asker = Asker(school)
    kinds = kinds_of(asker)
    for what, who in (("administrators", "bo"), ("support", "supporter")):
        waits = asker.ask(("carl", "staff"), "POST", f"/office/{what}/new/{identity(who)}", (("why", "Needed."), ("hours", "2")))
        assert waits.status == 302, what
    kinds |= kinds_of(asker)
    paths = {path for door in GUARDED for path in paths_of(school, door, kinds)}
    seen = {hat: walk(asker, hat, paths, [name[:4] for name in NAMES.values()]) for hat in HATS}
    kinds |= {value: name for each in seen.values() for form in each.forms.values() for name, value in form.ids if name in NUMBERED}
    asker.changed()
    yield World(asker, kinds, seen, asker.looked())
    asker.owner.close()


def kinds_of(asker: Asker) -> dict[str, str]:
    tables = sorted(name for (name,) in asker.owner.execute(COLUMNS))
    return {str(one): table for table in tables for (one,) in asker.owner.execute(f"SELECT uuid FROM {table}".encode())}


def paths_of(school: School, door: Door, kinds: dict[str, str]) -> Iterator[str]:
    """A door's path with every id that could stand in it."""
    sample = samples(school, door)
    choices = []
    for name in door.names:
        alike = [one for one, kind in kinds.items() if kind == kinds.get(sample[name])]
        choices.append([sample[name], *(one for one in alike if SAMPLES[name] != "nina" or one in students())])
    for values in product(*choices):
        yield door.path(**dict(zip(door.names, values, strict=True)))


def students() -> set[str]:
    return {str(identity(name)) for name in ("nina", "leo", "max", "kai")}


def unlike(world: World, hat: Hat, what: str, got: Answer, expected: Answer) -> list[str]:
    """What is wrong with the answer to what is not this person's: it is not nothing's answer, or something was written."""
    who, changed = " ".join(hat) or "nobody", world.asker.changed()
    found = [f"{who}: {what}: changed {', '.join(changed)}"] if changed else []
    if got.status >= 500:
        found.append(f"{who}: {what}: broke with {got.status}")
    if got != expected:
        found.append(f"{who}: {what}: {got.status} {got.led_to}, and for nothing there {expected.status} {expected.led_to}")
    return found


def headers(one: str, path: str) -> dict[str, str]:
    return {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": one, "HTTP_HX_TRIGGER": one, "HTTP_HX_CURRENT_URL": f"http://127.0.0.1:8000{path}"}


def named(form: Form) -> str:
    return f"{form.method} {form.action} with {', '.join(f'{name}={value}' for name, value in form.values) or 'no field'}"


@each_person
def test_nobody_sends_the_form_of_somebody_else(world: World, hat: Hat) -> None:
    """Each form of each of the others, as it stands: answered as if its ids were nobody's, and where it has none, as no page."""
    wrong, twins = [], dict[Form, Answer]()
    forms = {form.key + form.values[-1:]: form for other, seen in world.seen.items() if other != hat for form in seen.forms.values()}
    for form in (form for form in forms.values() if not world.seen[hat].has(form)):
        one = form.ids[0][1] if form.ids else NOBODY
        got, twin = world.asker.send(hat, form, **headers(one, form.action)), form.of_nobody
        if twin not in twins:
            twins[twin] = world.asker.send(hat, twin)
        wrong += unlike(world, hat, named(form), got, twins[twin])
        if got.status not in (404, 405) and not got.led_to.startswith("/sign-in") and not form.ids:
            wrong.append(f"{hat}: {named(form)}: {got.status}, and it is no form of theirs")
    assert wrong == []
    assert world.asker.looked() <= world.looked


@each_person
def test_ones_own_form_with_an_id_of_anybody_elses_reaches_nothing(world: World, hat: Hat) -> None:
    """Each id in the path and the fields, for each other one of the same kind that the form did not offer."""
    wrong, own = [], world.seen[hat]
    for form in own.forms.values():
        for place, one in form.ids:
            nothing = form.swapped(place, one, NO_NUMBER if place in NUMBERED or one.isdigit() else NOBODY)
            expected: Answer | None = None
            for other in world.like(one):
                sent = form.swapped(place, one, other)
                if own.has(sent) or (form.action, place, other) in own.choices:
                    continue
                expected = expected or world.asker.send(hat, nothing)
                wrong += unlike(world, hat, f"{named(form)}, {place} swapped for {other}", world.asker.send(hat, sent), expected)
    assert wrong == []
    assert world.asker.looked() <= world.looked


def test_try(world: World) -> None:
    assert 0
