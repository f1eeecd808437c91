"""Who reads what in random families, with production's login. Compares it with tests/house/families.may_read, also after something changed."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.house.families import (
    ADULTS,
    SCHOOLS,
    STUDENTS,
    WORLDS,
    Barred,
    Days,
    Fact,
    World,
    Written,
    facts,
    is_closed,
    may_read,
    proof,
)
from tests.school import School

READ = """SELECT 'grades', s.id, w.section_id FROM unnest(%(students)s::integer[], %(uuids)s::uuid[]) AS s (id, uuid),
        work_shown(s.uuid, timezone('PST8PDT', now())::date + 2, '-infinity') w WHERE w.score IS NOT NULL
    UNION SELECT 'grades', s, w.section_id FROM unnest(%(students)s::integer[]) s,
        earlier_work_shown(s, %(sections)s::integer[], ARRAY[NULL, NULL]::timestamptz[]) w
    UNION SELECT 'grades', r.student_id, c.id FROM class_results_shown(timezone('PST8PDT', now())::date) r, class_shown() c
    UNION SELECT 'attendance', student_id, -1 FROM marks_shown(%(students)s::integer[], '-infinity', 'infinity')"""


@pytest.fixture(scope="module")
def logins(school: School) -> Iterator[tuple[psycopg.Connection[Any], psycopg.Connection[Any]]]:
    with school.connect("owner", autocommit=True) as owner, school.connect("app", autocommit=True) as app:
        yield owner, app


def write(owner: psycopg.Connection[Any], world: World, spare: dict[str, int]) -> Written:
    (today,) = owner.execute("SELECT today()").fetchone() or (date.min,)
    written = Written(owner, world, today)
    with owner.transaction():
        written.all(spare)
    return written


def looks(world: World) -> list[tuple[str, UUID | None]]:
    everything: list[tuple[str, UUID | None]] = [("home", None)]
    everything += [("child", world.uuid("student", student)) for student in STUDENTS]
    return everything + [("gradebook", world.uuid("class", school)) for school in SCHOOLS]


def look(app: psycopg.Connection[Any], mine: bytes, act: str, about: UUID | None) -> int:
    (entry,) = app.execute("SELECT look(%s, %s, %s)", [mine, act, about]).fetchone() or (0,)
    return int(entry)


def read(app: psycopg.Connection[Any], world: World, mine: bytes, entry: int | None) -> set[Fact]:
    """Returns what a request that names this view reads."""
    with app.transaction(force_rollback=True):
        app.execute("SELECT begin_request(%s, %s)", [mine, entry])
        values = {"students": [world.id("student", student) for student in STUDENTS], "uuids": [world.uuid("student", student) for student in STUDENTS]}
        values["sections"] = [world.id("class", school) for school in SCHOOLS]
        rows = app.execute(READ, values).fetchall()
    names = {number: name for name, number in world.ids.items() if name.startswith("student")}
    classes = {world.id("class", school): school for school in SCHOOLS}
    return {(kind, int(names[student].removeprefix("student")), classes.get(section, -1)) for kind, student, section in rows}


def found(app: psycopg.Connection[Any], world: World, name: str, side: str) -> set[Fact]:
    """Returns what this person reads by every view, one after another."""
    mine = proof(world, name, side)
    seen: set[Fact] = set()
    for act, about in looks(world):
        entry = look(app, mine, act, about)
        here = read(app, world, mine, entry)
        assert entry > 0 or not here
        if act == "child":
            assert {student for _, student, _ in here} <= {student for student in STUDENTS if world.uuid("student", student) == about}
        seen |= here
    return seen


@settings(max_examples=40)
@given(world=WORLDS)
def test_everybody_reads_what_the_promise_says_and_nothing_else(
    school: School, logins: tuple[psycopg.Connection[Any], psycopg.Connection[Any]], world: World
) -> None:
    owner, app = logins
    write(owner, world, school.ids)
    for adult in ADULTS:
        for side in ("family", "staff"):
            assert found(app, world, f"adult{adult}", side) == may_read(world, adult, side), f"adult {adult}, {side} side"
    for student in STUDENTS:
        own = set() if is_closed(world, student) else facts(world, student, ("grades", "attendance"))
        assert found(app, world, f"student{student}", "student") == own, "a student reads their own"


@settings(max_examples=25)
@given(world=WORLDS, change=st.sampled_from(("suspended", "ended", "barred", "over")), which=st.integers(0, 100))
def test_a_view_opened_before_a_change_shows_only_what_is_still_allowed(
    school: School, logins: tuple[psycopg.Connection[Any], psycopg.Connection[Any]], world: World, change: str, which: int
) -> None:
    """After a view is made and before the page reads, access is suspended or ends, a court restricts it, or a duty is over."""
    owner, app = logins
    written = write(owner, world, school.ids)
    pages = [
        (adult, side, proof(world, f"adult{adult}", side), look(app, proof(world, f"adult{adult}", side), act, about))
        for adult in ADULTS
        for side in ("family", "staff")
        for act, about in looks(world)
    ]
    apply(written, change, which)
    for adult, side, mine, entry in pages:
        assert read(app, world, mine, entry) <= may_read(world, adult, side), f"adult {adult}, {side} side, after: {change}"


def apply(written: Written, change: str, which: int) -> None:
    world, owner = written.world, written.owner
    if change == "barred":
        bar = Barred(which % len(ADULTS), which % len(STUDENTS), Days(0, None))
        world.bars.append(bar)
        written.bar(bar)
    elif change == "over" and world.duties:
        gone = world.duties.pop(which % len(world.duties))
        words = [world.id("adult", gone.who), world.id("school", gone.school), gone.duty]
        owner.execute("DELETE FROM duty WHERE person_id = %s AND school_id = %s AND duty = %s", words)
    elif change in ("suspended", "ended") and world.ties:
        lost = world.ties.pop(which % len(world.ties))
        words = [change, world.id("adult", lost.adult), world.id("student", lost.student)]
        owner.execute("UPDATE tie SET state = %s WHERE adult_id = %s AND student_id = %s", words)
