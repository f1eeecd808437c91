"""Pages: one request against its bare SQL, its queries as app against owner, and eight people at once against pgbench."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import psycopg

from benchmarks.clients import load
from benchmarks.figures import Figure, at_least, at_most, reported
from benchmarks.floors.child_page import STATEMENTS
from benchmarks.ground import Ground
from benchmarks.people import Visitor, parents, teachers
from benchmarks.wire import Wire, statements_of
from homeroom.portal.processes.cluster import BINARIES

ROUNDS = 12  # the first warms up


def figures(here: Ground, seconds: float) -> Iterator[Figure]:
    families, staff = parents(here, 48), teachers(here, 8)
    here.let_a_day_pass()
    wire = Wire(here)
    floor, as_app, page = in_turn(here, wire, families[8:])
    yield at_most("a child's page, whole request on one worker, against its bare SQL", page / floor, 4,
                  f"{page * 1000:.1f} ms; SQL {floor * 1000:.2f} ms")  # fmt: skip
    sent = statements_of(wire, families[9])
    yield at_most(
        "statements on the wire for a child's page", len(sent.all), 10, f"{wire.classes(families[9])} classes"
    )
    yield at_most("a child's page's queries as app (token, look, policies) against owner", as_app / floor, 1.5,
                  f"{as_app * 1000:.2f} ms; owner {floor * 1000:.2f} ms")  # fmt: skip
    for name, visitors in (("a child's page with all scores", families[:8]), ("a class's gradebook", staff)):
        yield from eight_at_once(here, wire, name, visitors, seconds)


def timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def in_turn(here: Ground, wire: Wire, families: Sequence[Visitor]) -> list[float]:
    """Median seconds of the hand-written page, of the page's own statements as app, and of the whole page.

    By turns, so that a machine that is busy is busy for all three; each on one connection that has prepared its statements.
    """
    sent = [statements_of(wire, visitor) for visitor in families]
    times: list[list[float]] = []
    with (
        here.connect("owner", prepare_threshold=0) as owner,
        here.connect("app", autocommit=True) as app,
        one_worker(here),
    ):
        values = [facts_of(owner, visitor) for visitor in families]
        for _ in range(ROUNDS):
            for visitor, said, own in zip(families, sent, values, strict=True):
                floor, as_app = timed(lambda own=own: by_hand(owner, own)), timed(lambda said=said: said.replay(app))
                times.append([floor, as_app, wire.seconds(visitor)])
    return [median(each) for each in zip(*times[len(families) :], strict=True)]


@contextmanager
def one_worker(here: Ground) -> Iterator[None]:
    """Of the processes that draw pages the others stand still: no longer than a stopped one is waited for (serve.py's timeout)."""
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
    """What the hand-written page is asked with."""
    taken = owner.execute("SELECT section_id FROM enrollment WHERE person_id = %s", [visitor.student]).fetchall()
    owner.commit()
    return {"student": visitor.student, "adult": visitor.person, "sections": [row[0] for row in taken], "key": visitor.key}


def by_hand(owner: psycopg.Connection[Any], values: dict[str, Any]) -> None:
    for statement in STATEMENTS:
        owner.execute(statement, values).fetchall()
    owner.commit()


def eight_at_once(here: Ground, wire: Wire, name: str, visitors: Sequence[Visitor], seconds: float) -> Iterator[Figure]:
    measured = load(here.place.port, [(visitor.cookie, visitor.whole) for visitor in visitors], seconds)
    with here.connect("app", autocommit=True) as app:
        scripts = [statements_of(wire, visitor).script(app) for visitor in visitors]
    floor = pgbench(here, scripts, seconds)
    yield at_least(f"{name}: 8 people at once, against pgbench with the same statements", measured.rate / floor, 1 / 15,
                   f"{measured.rate:.0f} requests/s; pgbench {floor:.0f}/s")  # fmt: skip
    yield reported(f"{name}: requests/s", measured.rate, f"p50 {measured.p50:.0f} ms, p95 {measured.p95:.0f} ms")


def pgbench(here: Ground, scripts: Sequence[str], seconds: float) -> float:
    """Transactions a second of 8 clients that each pick among these scripts."""
    with tempfile.TemporaryDirectory(prefix="hr-pgbench-") as folder:
        files = list(written(Path(folder), scripts))
        options = ["-n", "-M", "simple", "-c", "8", "-j", "2", "-T", str(int(seconds))]
        command = [str(BINARIES / "pgbench"), *options, *files]
        done = subprocess.run(command, env=as_app(here), capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or not found:
        raise SystemExit(f"pgbench: {done.stderr[-2000:]}")
    return float(found[1])


def written(folder: Path, scripts: Sequence[str]) -> Iterator[str]:
    """Each script in a file of its own; the options that name them."""
    for number, script in enumerate(scripts):
        path = folder / f"{number}.sql"
        path.write_text(script)
        yield from ("-f", str(path))


def as_app(here: Ground) -> dict[str, str]:
    """What pgbench finds in its environment: a password has no place among arguments."""
    words = here.place.conninfo("app")
    own = {"PGPASSWORD": words["password"], "PGHOST": words["host"], "PGUSER": "app", "PGDATABASE": words["dbname"]}
    return {**os.environ, **own}
