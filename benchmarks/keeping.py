"""The page of everything that is kept about a student compared with its bare SQL, and its ZIP with a long access log: time, and memory of a worker."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import psutil

from benchmarks.figures import Figure, at_most
from benchmarks.floors import everything
from benchmarks.ground import Ground
from benchmarks.pages import by_hand, facts_of, one_worker, timed
from benchmarks.people import Visitor, parents
from benchmarks.wire import Wire

ROUNDS = 12  # the first one warms up
LINES = 20_000  # of one student, over three years: 18 views each day
# Each line has a day, a person or a class of its own, so that few are joined.
ENTRIES = """WITH seat AS (SELECT row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS many, person_id, section_id
        FROM enrollment WHERE role = 'teacher'),
    entry AS (INSERT INTO ledger (at, event, act, person_id, capacity, section_id, session_key, xid)
        SELECT now() - interval '3 years' * n / %(lines)s, 'look', 'gradebook', s.person_id, 'teacher', s.section_id, sha256(int8send(n)),
               pg_current_xact_id()::text::bigint
        FROM generate_series(1, %(lines)s) n JOIN seat s ON s.place = 1 + n * 7919::bigint %% s.many RETURNING id, at)
    INSERT INTO ledger_student (entry_id, student_id, at, kinds) SELECT id, %(student)s, at, '{grades}' FROM entry"""


def figures(here: Ground) -> Iterator[Figure]:
    found = parents(here, 22)
    yield page_and_floor(here, [replace(each, path=f"{each.path}/everything") for each in found[6:]])
    warm, *families = [replace(each, path=f"{each.path}/everything/download") for each in found[:6]]
    with here.connect("owner", autocommit=True) as owner:
        owner.execute(ENTRIES, {"lines": LINES, "student": families[-1].student})
        owner.execute("ANALYZE")
    here.let_a_day_pass()
    with here.connect("owner", autocommit=True) as owner:
        owner.execute("UPDATE session SET proven_at = now()")
    with one_worker(here):
        wire = Wire(here)
        wire.seconds(warm)
        short, _ = measured(here, wire, families[0])
        long, needed = measured(here, wire, families[-1])
    beside = f"{LINES:,} lines in the access log; with a short one {short:.2f} s"
    yield at_most("ZIP of everything that is kept: whole request, seconds", long, 3, beside)
    yield at_most("ZIP of everything that is kept: memory that a worker adds, MB", needed, 60, beside)


def page_and_floor(here: Ground, families: Sequence[Visitor]) -> Figure:
    """The two take turns, so that a busy machine is busy for both."""
    here.let_a_day_pass()
    wire, times = Wire(here), list[tuple[float, float]]()
    with here.connect("owner", prepare_threshold=0) as owner:
        values = [facts_of(owner, each) for each in families]
        for _ in range(ROUNDS):
            with one_worker(here):
                for visitor, own in zip(families, values, strict=True):
                    times.append((timed(lambda own=own: by_hand(owner, everything.STATEMENTS, own)), wire.seconds(visitor)))
    floor, page = (median(each) for each in zip(*times[len(families) :], strict=True))
    return at_most("everything that is kept about a child, whole request on one worker, compared with its bare SQL", page / floor, 5,
                   f"{page * 1000:.1f} ms; SQL {floor * 1000:.2f} ms")  # fmt: skip


def measured(here: Ground, wire: Wire, visitor: Visitor) -> tuple[float, float]:
    """Returns the seconds of one request, and the megabytes that the worker added at most."""
    worker = answering(here)
    (worker / "clear_refs").write_text("5")  # the largest size is counted from now on
    before = kilobytes(worker, "VmRSS")
    took = wire.seconds(visitor)
    return took, (kilobytes(worker, "VmHWM") - before) / 1000


def answering(here: Ground) -> Path:
    """Returns the folder in /proc of the one worker that is not suspended."""
    if here.running is None:
        raise SystemExit("No portal is running.")
    (web,) = [part for part in psutil.Process(here.running.pid).children() if part.name() == "hr-bench-web"]
    return Path("/proc") / str(web.children()[0].pid)


def kilobytes(process: Path, what: str) -> int:
    return int((process / "status").read_text().split(f"{what}:")[1].split()[0])
