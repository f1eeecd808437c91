"""Random nights, one after another, undone newest first. Also an undo that is killed, or that meets an import."""

import random
import signal
import threading
import time
from typing import Any

import pytest

from homeroom.portal.intake.importing import connect
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.random_nights import change
from homeroom.portal.intake.tests.test_killed import dying, killed_after, nursery, wait_until_up
from homeroom.portal.intake.tests.undone import carry_out, decide, decide_undo, state_of, taken_back
from homeroom.portal.place import Place

NIGHTS = 4


pytestmark = pytest.mark.usefixtures("carlo")


def send(portal: Lincoln, export: Export) -> dict[str, dict[str, int]]:
    """Imports a file, approved by Carlo if it is on hold. Returns its counts."""
    if portal.send(export)["state"] == "held":
        decide(portal, "approve")
        assert carry_out(portal)
    receipt = portal.last_receipt(portal.sent[-1])
    assert receipt["state"] == "imported", receipt
    counts: dict[str, dict[str, int]] = receipt["counts"]
    return counts


@pytest.mark.parametrize("seed", range(5))
def test_random_nights_are_taken_back_one_by_one_to_what_was_before_each(settled: Lincoln, export: Export, seed: int) -> None:
    chance = random.Random(seed)
    before: list[Any] = []
    digests, counts = [], []
    for night in range(NIGHTS):
        before.append(state_of(settled))
        change(export, chance, night)
        counts.append(send(settled, export))
        digests.append(settled.sent[-1])
    for state, digest in zip(reversed(before), reversed(digests), strict=True):
        assert taken_back(settled, digest) == {"state": "undone", "answer": ""}
        now = state_of(settled)
        assert {table for table in state if now[table] != state[table]} == set()
    assert settled.ask("SELECT count(*) FROM bucket_image WHERE delivery_id > 1") == 0
    once = Export()
    change(once, random.Random(seed), 0)
    assert send(settled, once) == counts[0], "the next file is read as if the undone ones had never come"


def changed(portal: Lincoln, export: Export, night: int) -> tuple[Any, Any]:
    """Returns the state before a night and after it."""
    before = state_of(portal)
    change(export, random.Random(night), night)
    send(portal, export)
    return before, state_of(portal)


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_undo_killed_at_any_commit_or_sync_is_done_once(settled: Lincoln, export: Export, when: str) -> None:
    before, _ = changed(settled, export, 0)
    digest = decide_undo(settled)
    traced = dying("trace", str(settled.folder), digest).stdout.split()
    assert traced.count("commit") >= 3 and "link" in traced, traced
    assert state_of(settled) == before
    for place, call in enumerate(traced, start=1):
        before, _ = changed(settled, export, place)
        digest = decide_undo(settled)
        died = dying("die", str(settled.folder), digest, str(place), when)
        assert died.returncode == -signal.SIGKILL, f"{when} {call} {place}: {died.stderr}"
        ends_undone(settled, digest, before)


def ends_undone(portal: Lincoln, digest: str, before: Any) -> None:
    assert portal.work(digest) == 0
    assert portal.work(digest) == 0  # if the decision was already done, the first run only writes the receipt
    assert state_of(portal) == before
    states = [receipt["state"] for receipt in portal.receipts(digest)]
    assert states[-1] == "undone" and states.count("undone") == 1
    assert portal.ask("SELECT count(*) FROM ledger l JOIN delivery v ON v.id = l.delivery_id WHERE digest = %s AND event = 'undo'", digest) == 1


@pytest.mark.parametrize(("victim", "rounds"), [("importer", 8), ("backend", 4)])
def test_an_undo_killed_at_any_moment_has_happened_or_has_not(settled: Lincoln, export: Export, victim: str, rounds: int) -> None:
    chance = random.Random(7)
    died = 0
    with settled.connect("postgres", autocommit=True) as admin:
        admin.execute("CHECKPOINT")  # a cloned database is not in the log (wal_level is minimal), so a crash would lose pages of it
    with nursery() as born:
        for number in range(2):  # the first one loads slow modules
            changed(settled, export, number)
            digest = decide_undo(settled)
            started = time.monotonic()
            killed_after(born, settled, digest, 60, victim)
            usual = time.monotonic() - started
        for number in range(2, 2 + 4 * rounds):
            if number >= 2 + rounds and died >= rounds / 4:  # on a busy machine more of them may end before the kill
                break
            before, after = changed(settled, export, number)
            digest = decide_undo(settled)
            died += killed_after(born, settled, digest, chance.uniform(0, usual), victim)
            wait_until_up(settled)
            state = settled.ask("SELECT state FROM delivery WHERE digest = %s", digest)
            assert state_of(settled) == {"imported": after, "undone": before}[state]
            ends_undone(settled, digest, before)
    assert died >= rounds / 4, f"{usual:.2f} s: the kills must come while it works"


def test_an_undo_waits_for_the_import_that_runs(settled: Lincoln, export: Export) -> None:
    before, after = changed(settled, export, 0)
    decide_undo(settled)
    with connect(Place.read(settled.folder)) as running:
        waiting = threading.Thread(target=carry_out, args=[settled])
        waiting.start()
        time.sleep(1)
        assert state_of(settled) == after
        running.close()
    waiting.join(30)
    assert state_of(settled) == before
