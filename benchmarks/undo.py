"""The undo of an import, and the storage that a year of nights takes."""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, at_most, reported
from benchmarks.ground import Ground
from homeroom.ops.demo.madeup.bench import Size, bench_district
from homeroom.portal.intake.inbox.receive import wake

CHANGED = 0.01
UNDO = ("row_image", "bucket_image")  # removed after KEPT nights
HISTORY = ("result_change", "ledger", "ledger_student")  # nothing is ever removed from these
KEPT, YEAR = 30, 365
DECIDE = """INSERT INTO decision (delivery_id, verdict, by_id)
    SELECT %s, %s, person_id FROM administrator ORDER BY id LIMIT 1 RETURNING id"""


def figures(here: Ground, files: Path, size: Size) -> Iterator[Figure]:
    """Measures two nights that each change 1 % of the results (there and back), and undoes the second. The file after it is approved."""
    undo = [weight(here, UNDO)]
    history = [weight(here, HISTORY)]
    for changed in (0.0, CHANGED):
        seconds, row = night(here, files, size, changed)
        undo.append(weight(here, UNDO))
        history.append(weight(here, HISTORY))
    here.let_a_day_pass()
    undoing = carried_out(here, row["id"], "undo")
    yield at_most(
        "undo of a night with 1 % of results changed, against that night", undoing / seconds, 2,
        f"{undoing:.2f} s, up to 1 s of it until it is asked for; the night {seconds:.2f} s",
    )  # fmt: skip
    of_undo, of_history = (undo[-1] - undo[0]) / 2e6, (history[-1] - history[0]) / 2e6
    yield reported(
        "storage for undo and history after a year of such nights, MB", KEPT * of_undo + YEAR * of_history,
        f"{of_undo:.1f} MB a night for undo, of which {KEPT} are kept; {of_history:.1f} MB of history; "
        f"{whole(here) / 1e6:,.0f} MB the database",
    )  # fmt: skip
    carried_out(here, night(here, files, size, 0.0, state="held")[1]["id"], "approve")


def night(here: Ground, files: Path, size: Size, changed: float, state: str = "imported") -> tuple[float, dict[str, Any]]:
    export = files / "undone.zip"
    bench_district(export, size, 1, date.today(), changed=changed)
    seconds, row = here.deliver(here.sealed(export), state)
    if state == "imported" and not row["counts"]["result"]["changed"]:
        raise SystemExit(f"The night changed no result: {row['counts'].get('result')}")
    return seconds, row


def carried_out(here: Ground, delivery: int, verdict: str) -> float:
    """Returns the seconds from an administrator's decision until intake has carried it out."""
    begun = time.monotonic()
    with here.connect("owner", autocommit=True) as owner:
        (decision,) = owner.execute(DECIDE, [delivery, verdict]).fetchone() or (0,)
        wake(here.portal)
        while True:
            done, answer = owner.execute("SELECT done_at, answer FROM decision WHERE id = %s", [decision]).fetchone() or (None, "")
            if answer:
                raise SystemExit(f"The decision to {verdict} was not carried out: {answer}")
            if done:
                return time.monotonic() - begun
            time.sleep(0.02)


def weight(here: Ground, tables: tuple[str, ...]) -> int:
    """Returns bytes, with indexes."""
    with here.connect("owner") as owner:
        (size,) = owner.execute("SELECT sum(pg_total_relation_size(t::regclass)) FROM unnest(%s::text[]) t", [list(tables)]).fetchone() or (0,)
    return int(size)


def whole(here: Ground) -> int:
    with here.connect("owner") as owner:
        (size,) = owner.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
    return int(size)
