"""The summary of views by staff (view_day) matches the access log: for random views, around midnights of the district, with hidden entries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.school import School
from tests.writer import Writer

FILL = import_module("homeroom.portal.audit.migrations.0007_view_day").FILL
COLUMNS = "student_id, day, person_id, act, entry_id, last_at"
SUMMARY = "SELECT student, people, last_name, last_at, last_section, last_capacity FROM staff_views_in(%s, %s)"
STUDENTS, STAFF = ("nina", "max", "leo"), {"bo": "Bo Larsen", "pat": "Pat Quill", "rosa": "Rosa Lim"}
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
BEGUN = datetime(2025, 10, 31, tzinfo=LOS_ANGELES)  # three days before clocks go back
AROUND = (timedelta(seconds=-1), timedelta(0), timedelta(seconds=1), timedelta(hours=7), timedelta(hours=16), timedelta(hours=17))
MOMENTS = [BEGUN + timedelta(days=day) + by for day in range(5) for by in AROUND]


@dataclass(frozen=True)
class View:
    at: datetime
    who: str
    act: str
    students: tuple[str, ...]
    section: bool


@dataclass(frozen=True)
class History:
    """`views` are in the order in which they were committed. `hidden` has pairs: which view, from whose family."""

    views: list[View]
    hidden: set[tuple[int, str]]
    since: datetime


@st.composite
def histories(draw: st.DrawFn) -> History:
    moments = draw(st.lists(st.sampled_from(MOMENTS), max_size=12, unique=True))
    some = st.lists(st.sampled_from(STUDENTS), min_size=1, max_size=4).map(tuple)  # one of them may come twice
    made = [View(at, draw(st.sampled_from([*STAFF])), draw(st.sampled_from(["gradebook", "child"])), draw(some), draw(st.booleans())) for at in moments]
    views = [(number, student) for number, view in enumerate(made) for student in set(view.students)]
    hidden = draw(st.sets(st.sampled_from(sorted(views)), max_size=3)) if views and draw(st.booleans()) else set()
    return History(made, hidden, draw(st.sampled_from(MOMENTS)))


def written(owner: psycopg.Connection[Any], school: School, history: History) -> list[int]:
    """Writes the views as look() does, at their times."""
    writer, entries = Writer(owner), []
    for view in history.views:
        entry = writer.row("ledger", at=view.at, event="look", act=view.act, person_id=school.ids[view.who], xid=3,
                           capacity=capacity(view), section_id=school.ids["algebra"] if view.section else None)  # fmt: skip
        for student in dict.fromkeys(view.students):
            writer.row("ledger_student", entry_id=entry, student_id=school.ids[student], at=view.at, kinds=["grades"])
        ids = [school.ids[student] for student in view.students]
        owner.execute("SELECT write_view_day(%s, %s, %s, %s, %s)", [entry, view.at, school.ids[view.who], view.act, ids])
        entries.append(entry)
    for number, student in history.hidden:
        writer.row("withheld_entry", entry_id=entries[number], student_id=school.ids[student], notes=[], basis="safety",
                   until=BEGUN.replace(year=9999), withheld_by_id=school.ids["carl"], seconded_by_id=school.ids["pat"])  # fmt: skip
    return entries


def capacity(view: View) -> str:
    return "teacher" if view.section else "duty: counselor"


def expected(school: School, history: History) -> set[tuple[Any, ...]]:
    """Calculates the answer only from the views."""
    found = set()
    for student in STUDENTS:
        seen = [view for number, view in enumerate(history.views)
                if student in view.students and view.at >= history.since and (number, student) not in history.hidden]  # fmt: skip
        if seen:
            last = max(seen, key=lambda view: view.at)
            section = "Algebra 1" if last.section else None
            found.add((school.ids[student], len({view.who for view in seen}), STAFF[last.who], last.at, section, capacity(last)))
    return found


def summary(owner: psycopg.Connection[Any], students: Sequence[int], since: datetime) -> set[tuple[Any, ...]]:
    return set(owner.execute(SUMMARY, [students, since]).fetchall())


def table(owner: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return owner.execute(f"SELECT {COLUMNS} FROM view_day ORDER BY 1, 2, 3, 4").fetchall()


def filled_again(owner: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    """Returns the same table as an upgrade makes it from the log."""
    owner.execute("DELETE FROM view_day")
    owner.execute(FILL)
    return table(owner)


@settings(max_examples=60, deadline=None)
@given(history=histories())
def test_the_summary_says_what_the_views_say(school: School, history: History) -> None:
    with school.connect("owner") as owner, owner.transaction(force_rollback=True):
        owner.execute("DELETE FROM view_day")  # the cast's own views are not in the comparison
        written(owner, school, history)
        assert summary(owner, [school.ids[student] for student in STUDENTS], history.since) == expected(school, history)


@settings(max_examples=60, deadline=None)
@given(history=histories())
def test_an_upgrade_makes_the_summary_that_views_write(school: School, history: History) -> None:
    with school.connect("owner") as owner, owner.transaction(force_rollback=True):
        written(owner, school, history)
        before = table(owner)
        assert filled_again(owner) == before
        days = {(student, person, act, last_at.astimezone(LOS_ANGELES).date()) for student, _, person, act, _, last_at in before}
        assert days == {(student, person, act, day) for student, day, person, act, *_ in before}


def test_views_write_the_summary_and_families_do_not(own_school: School) -> None:
    for who, side, view in (
        ("bo", "staff", ("gradebook", "algebra")), ("bo", "staff", ("gradebook", "algebra")), ("pat", "staff", ("child", "nina")),
        ("pat", "staff", ("gradebook", "algebra")), ("carl", "staff", ("adults", "max")), ("ana", "family", ("home", None)),
        ("nina", "student", ("child", "nina")),
    ):  # fmt: skip
        with own_school.asked_by(who, side, view):
            pass
    with own_school.connect("owner") as owner:
        before = table(owner)
        assert filled_again(owner) == before
    names = {number: name for name, number in own_school.ids.items() if name in ("bo", "pat", "carl", "ana", "nina", "max")}
    found = sorted((names[person], act, names[student]) for student, _, person, act, *_ in before)
    assert found == [
        ("bo", "gradebook", "max"), ("bo", "gradebook", "nina"), ("carl", "adults", "max"),
        ("pat", "child", "nina"), ("pat", "gradebook", "max"), ("pat", "gradebook", "nina"),
    ]  # fmt: skip


@pytest.mark.parametrize("since", ["-infinity", "infinity", "4713-01-01 BC", "294276-12-31 23:59:59", None])
def test_an_odd_moment_raises_nothing(school: School, since: str | None) -> None:
    with school.connect("owner") as owner:
        owner.execute(SUMMARY, [[school.ids["nina"]], since]).fetchall()


@pytest.mark.parametrize("is_hidden", [False, True])
def test_a_viewer_whose_person_is_gone_is_not_counted(own_school: School, is_hidden: bool) -> None:
    """The log keeps the entry of a person who was erased. There is no name to show for it."""
    views = [View(moment, who, "child", ("nina",), False) for moment, who in zip(MOMENTS[:3], ("bo", "gone", "bo"), strict=True)]
    school = replace(own_school, ids=own_school.ids | {"gone": -1})
    with school.connect("owner") as owner:
        owner.execute("DELETE FROM view_day")
        written(owner, school, History(views, {(0, "nina")} if is_hidden else set(), BEGUN))
        assert [row[1:3] for row in summary(owner, [school.ids["nina"]], BEGUN - timedelta(1))] == [(1, "Bo Larsen")]


def test_no_older_days_are_read_for_a_recent_moment(own_school: School) -> None:
    own_school.change("""INSERT INTO view_day (student_id, day, person_id, act, entry_id, last_at)
        SELECT %s, today() - n, %s, 'child', n, now() - make_interval(days => n) FROM generate_series(1, 400) n""",
        own_school.ids["nina"], own_school.ids["bo"])  # fmt: skip
    read = "SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'view_day'"
    # owner is the only login that can read a table's counters. A new connection has counted nothing yet.
    with own_school.server.connect("owner", own_school.database) as owner:
        owner.execute("SELECT FROM staff_views_in(%s, now() - interval '9 days')", [[own_school.ids["nina"]]])
        (fetched,) = owner.execute(read).fetchone() or (None,)
    assert fetched is not None and 0 < fetched < 20


def test_no_other_function_writes_that_a_person_viewed(school: School) -> None:
    """A view by support names no person, and doesn't count as a view by staff."""
    with school.connect("owner") as owner:
        rows = owner.execute("""SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND prosrc ~* 'insert into ledger\\M' AND prosrc ~ '''look'''""").fetchall()
    assert sorted(rows) == [("look",), ("support_look",)]
