"""Events at the same time in a portal with the real intake process and pages: decisions during an import, two administrators, two files, a rollover.
Each also has a kill -9 in the middle. The middle is where intake waits to write to a table that another connection has locked. Pages can still read
that table.
"""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import psutil
import pytest
from django.db import connections

from homeroom.judging.refusals import Late
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.signed_in import pages
from homeroom.portal.intake.tests.test_receipts import hold, states
from homeroom.portal.intake.tests.test_run import intake_of, wait_for
from homeroom.portal.intake.tests.undone import carry_out, state_of
from tests.browser import Browser, Page

WAITS = """SELECT count(*) > 0 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE NOT l.granted AND l.locktype = 'relation' AND d.datname = current_database()"""
DECIDED = """SELECT v.state, d.answer FROM decision d JOIN delivery v ON v.id = d.delivery_id WHERE v.digest = %s ORDER BY d.id DESC LIMIT 1"""
RECORDS = {"school", "term", "course", "section", "section_term", "person", "role", "demographic", "contact_detail", "contact", "enrollment",
           "category", "line_item", "result", "result_change", "attendance_mark", "stale_key", "row_hashes"}  # fmt: skip
killed_or_not = pytest.mark.parametrize("is_killed", [False, True], ids=["", "killed"])


@pytest.fixture
def paged(office: Lincoln) -> Iterator[Lincoln]:
    """Yields a portal whose pages are open to Carl and Bo. Intake waits 10 minutes for a lock, longer than a busy machine needs."""
    with office.connect("postgres", autocommit=True) as admin:
        admin.execute("ALTER ROLE intake SET lock_timeout = '10min'")
    with pages(office):
        yield office
    with office.connect("postgres", autocommit=True) as admin:
        admin.execute("ALTER ROLE intake SET lock_timeout = '30s'")


@contextmanager
def in_the_middle(portal: Lincoln, is_killed: bool, table: str = "result") -> Iterator[None]:
    """Starts intake and yields while it is in the middle of its work. If it is killed there, another intake starts again."""
    with ExitStack() as after:
        with portal.connect() as owner:
            owner.execute(f"LOCK TABLE {table} IN SHARE MODE".encode())
            process = after.enter_context(intake_of(portal))
            wait_for(lambda: portal.ask(WAITS))
            yield
            if is_killed:
                kill(process)
                after.enter_context(intake_of(portal))
        wait_for(lambda: portal.ask("SELECT count(*) = 0 FROM decision WHERE done_at IS NULL"))
        wait_for(lambda: portal.ask("SELECT count(*) = %s FROM delivery WHERE state <> 'arrived'", len(portal.sent)))
        wait_for(lambda: all(has_its_receipt(portal, digest) for digest in portal.sent))


def has_its_receipt(portal: Lincoln, digest: str) -> bool:
    """Returns whether the last receipt of the file is in the box. It is written after the end, or by the next run if the first was killed."""
    return bool(portal.texts(digest)[-1:] == [portal.ask("SELECT receipt FROM delivery WHERE digest = %s", digest)])


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kills the intake process, and waits until its importer has ended too."""
    importers = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGKILL)
    process.wait()
    psutil.wait_procs(importers, 60)


def post(portal: Lincoln, digest: str, verdict: str, who: str = "carl") -> Page:
    """Sends the form of the file's page."""
    number = portal.ask("SELECT id FROM delivery WHERE digest = %s", digest)
    return Browser(who, "staff").post(f"/imports/{number}/decision", {"verdict": verdict, "why": "seen", "number": ""})


def next_night(portal: Lincoln, export: Export | None = None, is_before: bool = False) -> str:
    """Delivers a file with another score for Leo, which is not read yet. `is_before`: it was signed before the last file and took longer."""
    export = export or Export()
    export.row("results", "quiz-reading-leo")["score"] = "1"
    at = portal.signed - timedelta(seconds=30) if is_before else None
    return portal.deliver(portal.seal(export.zip(), at))


def regraded(portal: Lincoln, export: Export) -> str:
    """Imports a file with another score for Nina. Returns its digest."""
    export.row("results", "quiz-algebra-nina")["score"] = "3"
    assert portal.send(export)["state"] == "imported"
    return portal.sent[-1]


def records_of(portal: Lincoln) -> dict[str, Any]:
    """Returns the tables that imports write. A page that is opened writes to other tables."""
    return {table: rows for table, rows in state_of(portal).items() if table in RECORDS}


def leos_score(portal: Lincoln) -> float:
    return float(portal.ask("SELECT r.score FROM result r JOIN person p ON p.id = r.student_id WHERE p.sourced_id = 'leo' AND r.ended_at IS NULL"))


@pytest.mark.parametrize(("verdict", "is_before", "is_killed", "ends"), [
    ("reject", False, False, ("rejected", "imported")),
    ("reject", False, True, ("rejected", "imported")),
    ("approve", True, False, ("imported", "imported")),
    ("approve", True, True, ("imported", "refused")),
    ("approve", False, False, ("refused", "imported")),
    ("approve", False, True, ("imported", "held")),  # the next file would change many names back
])  # fmt: skip
def test_a_decision_about_a_held_file_waits_for_the_import_that_runs(
    paged: Lincoln, export: Export, verdict: str, is_before: bool, is_killed: bool, ends: tuple[str, str]
) -> None:
    """After a kill the decision comes first. An export that was signed before an imported one is refused in either order."""
    held = hold(paged, export)
    digest = next_night(paged, is_before=is_before)
    with in_the_middle(paged, is_killed):
        assert post(paged, held, verdict).status == 302
        assert paged.ask(DECIDED, held) == ("held", "")
    assert paged.ask(DECIDED, held) == (ends[0], "")
    assert (states(paged, held), states(paged, digest)) == (["held", ends[0]], [ends[1]])
    assert leos_score(paged) == (1 if ends[1] == "imported" and not is_before else 9), "what was signed last is what stands"
    refused = [paged.last_receipt(each)["reason"] for each, end in zip((held, digest), ends, strict=True) if end == "refused"]
    assert refused in ([], [Late.OLDER])


@pytest.mark.parametrize(("is_killed", "end"), [(False, ("imported", Late.UNDO_NEWER_FIRST)), (True, ("undone", ""))])
def test_an_undo_waits_for_the_running_import_and_is_refused_if_that_builds_on_this_one(
    paged: Lincoln, export: Export, is_killed: bool, end: tuple[str, str]
) -> None:
    """After a kill the undo comes first, and no later import depends on this one."""
    last = regraded(paged, export)
    digest = next_night(paged)
    with in_the_middle(paged, is_killed):
        assert post(paged, last, "undo").status == 302
        assert paged.ask(DECIDED, last) == ("imported", "")
    assert paged.ask(DECIDED, last) == end
    end_of_next = approved_after_undo(paged, digest) if is_killed else ["imported"]
    assert states(paged, digest) == end_of_next
    assert leos_score(paged) == 1
    assert paged.ask("SELECT count(*) FROM result WHERE score = 3") == 0


def approved_after_undo(portal: Lincoln, digest: str) -> list[str]:
    """Approves the file after an undo, which is on hold. Returns the states in its receipts."""
    assert portal.ask("SELECT reason FROM delivery WHERE digest = %s", digest) == "after-undo"
    post(portal, digest, "approve")
    assert carry_out(portal)
    return ["held", "imported"]


@killed_or_not
@pytest.mark.parametrize("verdict", ["approve", "undo"])
def test_a_file_that_comes_while_a_decision_is_carried_out_comes_after_it(paged: Lincoln, export: Export, verdict: str, is_killed: bool) -> None:
    """Both scores are kept: Nina's from the decided file and Leo's from the next night."""
    if verdict == "approve":
        about = hold(paged, export)
    else:
        about = regraded(paged, export)
    post(paged, about, verdict)
    with in_the_middle(paged, is_killed, "person" if verdict == "approve" else "result"):
        digest = next_night(paged, export if verdict == "approve" else None)
    end = approved_after_undo(paged, digest) if verdict == "undo" else ["imported"]
    assert states(paged, digest) == end
    assert paged.ask(DECIDED, about) == ({"approve": "imported", "undo": "undone"}[verdict], "")
    assert paged.ask("SELECT count(*) FROM result WHERE score = 3") == 0
    assert leos_score(paged) == 1


def both_at_once(portal: Lincoln, digest: str, verdicts: dict[str, str]) -> dict[str, Page]:
    together, answers = Barrier(len(verdicts)), dict[str, Page]()

    def one(who: str, verdict: str) -> None:
        together.wait()
        answers[who] = post(portal, digest, verdict, who)
        connections.close_all()  # closes this thread's connections

    threads = [Thread(target=one, args=each) for each in verdicts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    return answers


@pytest.mark.parametrize(("one", "other", "is_killed"), [
    ("approve", "reject", False), ("approve", "approve", False), ("undo", "undo", False), ("approve", "approve", True), ("undo", "undo", True)
])  # fmt: skip
def test_one_of_two_decisions_at_the_same_time_is_carried_out_and_the_other_reads_who_was_first(
    paged: Lincoln, export: Export, one: str, other: str, is_killed: bool
) -> None:
    """`is_killed`: intake starts after both decisions, and is killed while it carries out the first one."""
    before = records_of(paged)
    digest = regraded(paged, export) if one == "undo" else hold(paged, export)
    verdicts = {"carl": one, "bo": other}
    names = {name: paged.ask("SELECT given_name || ' ' || family_name FROM person WHERE sourced_id = %s", name) for name in verdicts}
    if is_killed:
        answers = both_at_once(paged, digest, verdicts)
        with in_the_middle(paged, True, "person" if one == "approve" else "result"):
            pass
    else:
        with intake_of(paged):
            answers = both_at_once(paged, digest, verdicts)
            wait_for(lambda: paged.ask("SELECT count(done_at) FROM decision"))
            wait_for(lambda: has_its_receipt(paged, digest))
    (first,) = [who for who, page in answers.items() if page.status == 302]
    (second,) = [who for who in answers if who != first]
    assert answers[second].status == 409
    said = {"approve": "approved", "reject": "rejected", "undo": "asked to undo it"}[verdicts[first]]
    assert "late" in answers[second].said and f"{names[first]} {said}" in answers[second].words
    assert paged.ask("SELECT count(*), count(done_at) FROM decision") == (1, 1)
    assert paged.ask("SELECT count(*) FROM ledger WHERE event LIKE 'import %%' AND capacity = 'administrator'") == 1
    end = {"approve": "imported", "reject": "rejected", "undo": "undone"}[verdicts[first]]
    assert states(paged, digest) == ["imported" if one == "undo" else "held", end]
    assert (records_of(paged) == before) is (end != "imported")


@killed_or_not
def test_two_files_that_arrive_at_the_same_time_are_each_imported_once_in_order_of_arrival(paged: Lincoln, is_killed: bool) -> None:
    first, second = Export(), Export()
    first.row("results", "quiz-algebra-nina")["score"] = "3"
    second.row("results", "quiz-algebra-nina")["score"] = "4"
    digests = [paged.deliver(paged.seal(each.zip())) for each in (first, second)]
    with in_the_middle(paged, is_killed), intake_of(paged):  # with a second intake, as after a restart while the old one still runs
        wait_for(lambda: paged.ask("SELECT count(*) >= 2 FROM pg_stat_activity WHERE usename = 'intake' AND datname = current_database()"))
    assert [states(paged, digest) for digest in digests] == [["imported"], ["imported"]]
    assert paged.ask("SELECT array_agg(old_score::int ORDER BY id) FROM result_change") == [9, 3]
    assert paged.ask("SELECT count(*) FROM ledger WHERE event = 'import'") == 3


def new_year(portal: Lincoln) -> Export:
    """The elementary school is closed, and its students are at the middle school."""
    export = Export()
    for row in export.tables["roles"]:
        if row["orgSourcedId"] == "elementary":
            row["orgSourcedId"] = "middle"
    return export


def announce(portal: Lincoln, *days: int) -> None:
    first, last = (portal.now.date() + timedelta(day) for day in days)
    with portal.connect() as owner:
        owner.execute("UPDATE district SET rollover_from = %s, rollover_until = %s", [first, last])


@killed_or_not
def test_a_new_years_file_and_the_next_nights_during_a_rollover(paged: Lincoln, is_killed: bool) -> None:
    """Both arrive at the same time, on an announced day. They are undone afterwards, the newest first."""
    before = records_of(paged)
    announce(paged, -3, 3)
    digests = [paged.deliver(paged.seal(new_year(paged).zip())) for _ in range(2)]
    with in_the_middle(paged, is_killed, "role"):
        pass
    assert [states(paged, digest) for digest in digests] == [["imported"], ["imported"]]
    with intake_of(paged):
        for digest in reversed(digests):
            assert post(paged, digest, "undo").status == 302
            wait_for(lambda: paged.ask("SELECT count(*) = 0 FROM decision WHERE done_at IS NULL"))
    assert records_of(paged) == before


def test_a_rollover_that_is_over_when_the_file_is_read_excuses_nothing(paged: Lincoln) -> None:
    """The rollover was announced when the file was signed, and is canceled while the file waits."""
    announce(paged, -3, 3)
    digest = paged.deliver(paged.seal(new_year(paged).zip()))
    with paged.connect() as owner:
        owner.execute("UPDATE district SET rollover_from = NULL, rollover_until = NULL")
    with intake_of(paged):
        wait_for(lambda: paged.receipts(digest))
    assert paged.receipt(digest)["reason"] == "school-empty"
