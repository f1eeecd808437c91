"""Imports: the first one, a night without and with changes, a small district, and the memory of opener and intake."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from benchmarks import undo
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.floors.copy_tables import rows_in, seconds_of_copy
from benchmarks.ground import Ground, ground, pss_of
from benchmarks.undo import CHANGED
from homeroom.ops.demo.madeup.bench import ROSTER, Size, bench_delta, bench_district

WORKERS = ("hr-bench-opener", "hr-bench-intake")  # 15 characters, as prctl cuts them


@contextmanager
def peak(weigh: Callable[[], int] = lambda: pss_of(WORKERS)) -> Iterator[list[int]]:
    """Watches opener and intake with their children, or what weigh() measures. [0] is the peak, in bytes."""
    most, is_over = [0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.05):
            most[0] = max(most[0], weigh())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        is_over.set()
        watcher.join()


def large(here: Ground, files: Path, size: Size) -> Iterator[Figure]:
    """Measures the district's first import and two nights. Leaves its rows for the pages."""
    export = files / "first.zip"
    bench_district(export, size, 1, date.today())
    with peak() as most:
        first, _ = here.deliver(here.sealed(export))
    with here.connect("owner", autocommit=True) as owner, here.connect("postgres", autocommit=True) as admin:
        owner.execute("VACUUM ANALYZE")
        floor, rows = seconds_of_copy(owner, admin), rows_in(owner)
    yield at_least("first import, opening included, against a bare COPY", floor / first, 0.8,
                   f"{rows:,} rows in {first:.1f} s; COPY {floor:.1f} s")  # fmt: skip
    yield from nights(here, files, size, floor)
    yield from undo.figures(here, files, size)
    yield from delta(here, files, size, floor)
    yield at_most("peak memory of opener and intake together, MB", most[0] / 1e6, 600)


def rows(here: Ground, files: Path, size: Size) -> None:
    """Imports rows for the other figures, without measuring: the first import, and a night with changed results."""
    export = files / "rows.zip"
    for share in (0.0, CHANGED):
        bench_district(export, size, 1, date.today(), changed=share)
        here.deliver(here.sealed(export))


def nights(here: Ground, files: Path, size: Size, floor: float) -> Iterator[Figure]:
    for name, bar, share in (("the same rows shuffled", 0.15, 0.0), ("with 1 % of results changed", 0.25, CHANGED)):
        night = files / "night.zip"
        bench_district(night, size, 1, date.today(), order=2, changed=share)
        with peak() as most:
            seconds, row = here.deliver(here.sealed(night))
        wrote = sum(n["new"] + n["changed"] + n["ended"] for n in row["counts"].values())
        with here.connect("owner") as owner:
            written = owner.execute("SELECT count(*) FROM result WHERE delivery_id = %s", [row["id"]]).fetchone()[0]  # type: ignore[index]
        yield at_most(
            f"a night: {name}, against that COPY's time",
            seconds / floor,
            bar,
            f"{seconds:.2f} s, {most[0] / 1e6:.0f} MB",
        )
        yield at_most(
            f"a night: {name}: rows written beyond rows changed",
            abs(written - wrote),
            0,
            f"{written:,} written, {wrote:,} changed",
        )


def delta(here: Ground, files: Path, size: Size, floor: float) -> Iterator[Figure]:
    changes = files / "delta.zip"
    count = bench_delta(changes, size, 1, date.today(), changed=0.01)
    seconds, row = here.deliver(here.sealed(changes))
    wrote = row["counts"]["result"]
    yield at_most("a delta file with 1 % of results, against that COPY's time", seconds / floor, 0.05, f"{seconds:.2f} s")
    yield at_most("a delta file: rows written beyond rows sent", abs(wrote["changed"] - count), 0, f"{count:,} rows")


def memory_is_flat(files: Path, size: Size, whole: float) -> Figure:
    """Compares opener and intake with a quarter of the results and with all of them (bytes)."""
    export = files / "quarter.zip"
    bench_district(export, replace(size, results=size.results // 4), 3, date.today())
    with ground() as here, peak() as most:
        here.deliver(here.sealed(export))
    return at_most(
        "peak memory with all results against a quarter of them",
        whole / most[0],
        1.1,
        f"{most[0] / 1e6:.0f} MB with a quarter",
    )


def ten_thousand(files: Path) -> Figure:
    export = files / "ten.zip"
    bench_district(export, ROSTER, 4, date.today())
    with ground() as here:
        sealed = here.sealed(export)
        seconds, _ = here.deliver(sealed)
    return at_most("10,000 students with 60,000 enrollments, seconds", seconds, 1.5, "Moodle: 709 s")
