"""The ZIP of everything that is kept about a student with a long access log: its time, and the memory that a worker needs for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil

from benchmarks.figures import Figure, at_most
from benchmarks.ground import Ground
from benchmarks.pages import one_worker
from benchmarks.people import Visitor, parents
from benchmarks.wire import Wire

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
    warm, *families = [replace(each, path=f"{each.path}/everything/download") for each in parents(here, 6)]
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


def measured(here: Ground, wire: Wire, visitor: Visitor) -> tuple[float, float]:
    """Returns seconds, and the megabytes by which the worker's largest size passes its size before."""
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
