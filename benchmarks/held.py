"""A file on hold that changes everyone: the first page of its change set, compared with its bare SQL."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from psycopg import Connection

from benchmarks.figures import Figure, at_most
from benchmarks.floors.change_set import STATEMENTS
from benchmarks.ground import Ground
from benchmarks.people import Visitor, administrator
from benchmarks.wire import Wire
from homeroom.ops.demo.madeup.bench import Size, bench_district

TIMES = 40  # page and floor in turn


def figure(here: Ground, files: Path, size: Size) -> Figure:
    delivery = held(here, files, size)
    visitor, wire = administrator(here, f"/imports/{delivery}/changes"), Wire(here)
    with here.connect("owner", prepare_threshold=0) as owner:
        (people,) = owner.execute("SELECT count(*) FROM change WHERE delivery_id = %s", [delivery]).fetchone() or (0,)
        times = [(wire.seconds(visitor), floor(owner, visitor, delivery)) for _ in range(TIMES)]
    page, bare = (median(each) for each in zip(*times[TIMES // 4 :], strict=True))
    return at_most("a held change set's first page, whole request on one worker, against its bare SQL", page / bare, 10,
                   f"{page * 1000:.1f} ms; SQL {bare * 1000:.2f} ms; {people:,} people")  # fmt: skip


def held(here: Ground, files: Path, size: Size) -> int:
    """Returns the delivery's number. Everyone gets another middle name, and the district reviews every file first."""
    export = files / "held.zip"
    bench_district(export, replace(size, line_items=0, results=0), 1, date.today(), middle_name="Quinn")
    with here.connect("owner", autocommit=True) as owner:
        owner.execute("UPDATE district SET preview = true")
        row = here.deliver(here.sealed(export), state="held")[1]
        owner.execute("UPDATE district SET preview = false")
    here.let_a_day_pass()
    return int(row["id"])


def floor(owner: Connection[Any], visitor: Visitor, delivery: int) -> float:
    begun = perf_counter()
    for statement in STATEMENTS:
        owner.execute(statement, {"person": visitor.person, "delivery": delivery}).fetchall()
    owner.commit()
    return perf_counter() - begun
