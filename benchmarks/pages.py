"""Pages: one request and its queries compared with its bare SQL, and eight people together compared with pgbench."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any

import psutil
import psycopg

from benchmarks.clients import load
from benchmarks.figures import Figure, at_least, at_most, reported
from benchmarks.floors import child_page, gradebook
from benchmarks.ground import Ground
from benchmarks.people import Visitor, parents, teachers
from benchmarks.pgbench import Bare, transactions_a_second
from benchmarks.wire import Wire, statements_of

# Requests a second per transaction a second of the floor, with SIZE=district, before pages read through functions (commit b6d7105).
STEP_1_CHILD = 0.0766
STEP_1_GRADEBOOK = 0.0547
ROUNDS = 12  # the first one warms up


def figures(here: Ground, seconds: float) -> Iterator[Figure]:
    families, staff = parents(here, 56), teachers(here, 8)
    here.let_a_day_pass()
    wire = Wire(here)
    floor, as_app, page = in_turn(here, wire, families[8:48])
    yield at_most("a child's page, whole request on one worker, compared with its bare SQL", page / floor, 3.5,
                  f"{page * 1000:.1f} ms; SQL {floor * 1000:.2f} ms")  # fmt: skip
    sent = statements_of(wire, families[9])
    yield at_most("statements on the wire for a child's page", len(sent.all), 6, f"{wire.classes(families[9])} classes")
    yield at_most("a child's page's queries as app, compared with the owner's bare SQL", as_app / floor, 1.4,
                  f"{as_app * 1000:.2f} ms; owner {floor * 1000:.2f} ms")  # fmt: skip
    with here.connect("owner") as owner:
        # The floor reads the access log, and each request adds to it. So the floor has eight other children.
        children = Bare(child_page.STATEMENTS, [facts_of(owner, visitor) for visitor in families[48:]])
        classes = Bare(gradebook.STATEMENTS, [facts_of_class(owner, visitor) for visitor in staff])
    yield from eight("a child's page with all scores", here, families[:8], children, seconds, 1.3 * STEP_1_CHILD)
    yield from eight("a class's gradebook", here, staff, classes, seconds, 1.7 * STEP_1_GRADEBOOK)


def timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_turn(here: Ground, wire: Wire, families: Sequence[Visitor]) -> list[float]:
    """Returns the median seconds of the hand-written page, of the page's own statements as app, and of the whole page.

    The three take turns, so that a busy machine is busy for all of them. Each has one connection with prepared statements.
    """
    sent = [statements_of(wire, visitor) for visitor in families]
    times: list[list[float]] = []
    with here.connect("owner", prepare_threshold=0) as owner, here.connect("app", autocommit=True) as app:
        values = [facts_of(owner, visitor) for visitor in families]
        for _ in range(ROUNDS):
            with one_worker(here):
                for visitor, said, own in zip(families, sent, values, strict=True):
                    floor = timed(lambda own=own: by_hand(owner, child_page.STATEMENTS, own))
                    as_app = timed(lambda said=said: said.replay(app))
                    times.append([floor, as_app, wire.seconds(visitor)])
    return [median(each) for each in zip(*times[len(families) :], strict=True)]


@contextmanager
def one_worker(here: Ground) -> Iterator[None]:
    """Suspends all but one of the web worker processes. Used once per round, because serve.py ends a worker that is suspended for 60 s."""
    if here.running is None:
        raise SystemExit("No portal is running.")
    parts = psutil.Process(here.running.pid).children()
    (web,) = [part for part in parts if part.name() == "hr-bench-web"]
    others = web.children()[1:]
    for worker in others:
        worker.suspend()
    try:
        yield
    finally:
        for worker in others:
            worker.resume()


def facts_of(owner: psycopg.Connection[Any], visitor: Visitor) -> dict[str, Any]:
    """Returns the values for the hand-written page."""
    taken = owner.execute("SELECT section_id FROM enrollment WHERE person_id = %s", [visitor.student]).fetchall()
    owner.commit()
    sections = [row[0] for row in taken]
    return {"student": visitor.student, "adult": visitor.person, "sections": sections, "key": visitor.key}


def facts_of_class(owner: psycopg.Connection[Any], visitor: Visitor) -> dict[str, Any]:
    """Returns the values for the hand-written gradebook."""
    (section,) = owner.execute("SELECT id FROM section WHERE uuid = %s", [visitor.subject]).fetchone() or (0,)
    return {"section": section, "teacher": visitor.person, "key": visitor.key}


def by_hand(owner: psycopg.Connection[Any], statements: Sequence[str], values: dict[str, Any]) -> None:
    for statement in statements:
        owner.execute(statement, values).fetchall()
    owner.commit()


def eight(name: str, here: Ground, visitors: Sequence[Visitor], bare: Bare, seconds: float, bar: float) -> Iterator[Figure]:
    """Runs half of the floor before the page and half after it, so that a busy machine is busy for both.

    A busy machine changes the processor time of a request less than it changes the ratio.
    """
    floors = [worked(here, lambda: transactions_a_second(here, bare, seconds / 2))]
    visits = [(visitor.cookie, visitor.whole) for visitor in visitors]
    measured, work = worked(here, lambda: load(here.place.port, visits, seconds))
    floors.append(worked(here, lambda: transactions_a_second(here, bare, seconds / 2)))
    floor, of_floor = (sum(each) / 2 for each in zip(*floors, strict=True))
    title, ratio = f"{name}, 8 people, compared with its bare SQL in pgbench", measured.rate / floor
    absolute = (
        f"{measured.rate:.1f} requests/s, {work / measured.rate / seconds * 1000:.1f} ms of processor each; "
        f"pgbench {floor:.0f} transactions/s, {of_floor / floor / (seconds / 2) * 1000:.2f} ms each"
    )
    yield at_least(title, ratio, bar, absolute)
    yield reported(f"{name}: requests/s", measured.rate, f"p50 {measured.p50:.0f} ms, p95 {measured.p95:.0f} ms")


def worked[T](here: Ground, measure: Callable[[], T]) -> tuple[T, float]:
    """Returns what measure() returns, and the seconds of processor time that the portal used during it."""
    before = here.work()
    return measure(), here.work() - before
