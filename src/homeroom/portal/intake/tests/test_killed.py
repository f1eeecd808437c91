"""Processes killed at any point. Every file is imported exactly once in the end, with one receipt."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer

import psycopg
import pytest

from homeroom.portal.intake.tests.deltas import delta
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln

DYING = Path(__file__).with_name("dying.py")


def dying(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(DYING), *words], capture_output=True, text=True, check=False)


def score(portal: Lincoln) -> float:
    """Returns the score of Nina's quiz."""
    return float(
        portal.ask(
            "SELECT score FROM result r JOIN line_item i ON i.id = r.line_item_id JOIN person p ON p.id = r.student_id"
            " WHERE p.sourced_id = 'nina' AND i.title = 'Algebra-Quiz' AND r.ended_at IS NULL"
        )
    )


def with_score(export: Export, number: int, mode: str = "bulk") -> bytes:
    row = export.row("results", "quiz-algebra-nina")
    row["score"] = str(number)
    return export.zip() if mode == "bulk" else delta(export, results=[row]).zip()


def ends_once(portal: Lincoln, digest: str, number: int) -> None:
    assert portal.work(digest) == 0
    receipt = portal.receipt(digest)
    assert receipt["state"] == "imported"
    assert receipt["counts"]["result"]["changed"] == 1
    assert score(portal) == number
    assert portal.ask("SELECT count(*) FROM result_change WHERE delivery_id = (SELECT id FROM delivery WHERE digest = %s)", digest) == 1


@pytest.mark.parametrize("mode", ["bulk", "delta"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_every_commit_and_sync(settled: Lincoln, export: Export, when: str, mode: str) -> None:
    digest = settled.deliver(settled.seal(with_score(export, 100, mode)))
    traced = dying("trace", str(settled.folder), digest).stdout.split()
    assert traced.count("commit") >= 5, traced
    assert {"fsync", "link", "unlink"} <= {*traced}, "the receipt's way into the box"
    for place, call in enumerate(traced, start=1):
        digest = settled.deliver(settled.seal(with_score(export, 100 + place, mode)))
        died = dying("die", str(settled.folder), digest, str(place), when)
        assert died.returncode == -signal.SIGKILL, f"{when} {call} {place}: {died.stderr}"
        ends_once(settled, digest, 100 + place)


@contextmanager
def nursery() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(DYING), "nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as born:
        yield born
        born.kill()


def say(born: subprocess.Popen[str], line: str) -> int:
    assert born.stdin and born.stdout
    born.stdin.write(line + "\n")
    born.stdin.flush()
    return int(born.stdout.readline())


def killed_after(born: subprocess.Popen[str], portal: Lincoln, digest: str, seconds: float, victim: str) -> bool:
    """Returns whether the importer was killed before it had finished."""
    importer = say(born, f"{portal.folder} {digest}")
    timer = Timer(seconds, kill, [portal, importer, victim])
    timer.start()
    assert born.stdout
    ended = int(born.stdout.readline())
    timer.cancel()
    timer.join()
    return ended != 0


def kill(portal: Lincoln, importer: int, victim: str) -> None:
    if victim == "importer":
        kill_if_there(importer)
        return
    with suppress(psycopg.OperationalError), portal.connect("postgres", autocommit=True) as admin:
        killed = [kill_if_there(pid) for (pid,) in admin.execute("SELECT pid FROM pg_stat_activity WHERE usename = 'intake'")]
        ends = time.monotonic() + 5
        while any(killed) and time.monotonic() < ends:  # PostgreSQL ends every connection once it notices, this one too
            admin.execute("SELECT 1")
            time.sleep(0.01)


def kill_if_there(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def wait_until_up(portal: Lincoln) -> None:
    for _ in range(600):
        try:
            portal.ask("SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return


@pytest.mark.parametrize(
    ("victim", "rounds", "seed", "mode"),
    [
        ("importer", 35, 1, "bulk"),
        ("importer", 35, 2, "bulk"),
        ("importer", 30, 3, "bulk"),
        ("backend", 6, 4, "bulk"),
        ("importer", 30, 5, "delta"),
        ("backend", 4, 6, "delta"),
    ],
)
def test_killed_at_any_moment(settled: Lincoln, export: Export, victim: str, rounds: int, seed: int, mode: str) -> None:
    """If a backend is killed, PostgreSQL ends every connection and recovers from its log."""
    chance = random.Random(seed)
    died = 0
    with nursery() as born:
        for first in (1000, 1001):  # the second shows how long it takes, because the first one warms up
            started = time.monotonic()
            killed_after(born, settled, settled.deliver(settled.seal(with_score(export, first, mode))), 60, victim)
            usual = time.monotonic() - started
        for number in range(1002, 1002 + 4 * rounds):
            if number > 1001 + rounds and died >= rounds / 4:  # on a busy machine more of them may end before the kill
                break
            digest = settled.deliver(settled.seal(with_score(export, number, mode)))
            died += killed_after(born, settled, digest, chance.uniform(0, usual), victim)
            wait_until_up(settled)
            ends_once(settled, digest, number)
    assert died >= rounds / 4, f"{usual:.2f} s: the kills must come while it works"
    assert settled.ask("SELECT count(*) FROM delivery WHERE state <> 'imported'") == 0
