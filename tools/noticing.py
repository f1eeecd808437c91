"""One worker of `make sabotage`: a pytest that runs no suite. It takes mutants by number and reports what notices each.

It first asks the rules by themselves, the matrix and its variants, on one connection, in a transaction that is rolled back. A mutant that these miss is
committed to a clone. The tests that reach it run there, each in a fork of this process, which has collected them. Its cluster has the cast.
"""

import json
import os
import select
import signal
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import psycopg
import pytest

from tests.database import SHARED, Server, server, told
from tests.house import floors
from tests.school import School, pointed_at, write_template
from tools import catalogue
from tools.asking import SECONDS, SECONDS_IF_KNOWN, Matrix
from tools.mutants import Mutant, mutants
from tools.reaching import Reaching
from tools.workers import PIPES

SECONDS_FOR_ONE = 60  # for one test


@dataclass
class Finding:
    """`by` is the test, or one of ASKED and its question. It is "" if nothing noticed. `odd` says why the mutant could not be tried."""

    by: str = ""
    why: str = ""
    odd: str = ""
    tried: int = 0
    seconds: float = 0


class Forks:
    """Runs tests in a fork of this process, with a clone that has the mutant."""

    def __init__(self, running: Server, template: str, ids: dict[str, int]) -> None:
        self.running, self.template, self.ids = running, template, ids
        self.sound: dict[str, bool] = {}  # whether a test passes without any mutant

    def noticed(self, mutant: Mutant, tests: Sequence[Any], seconds: float) -> tuple[Any, str, int]:
        """Returns the first test that fails, the reason, and how many ran. Skips tests that fail without the mutant, or only after other tests."""
        tests, ran = [test for test in tests if self.sound.get(test.nodeid, True)], 0
        if not tests:
            return None, "", 0
        with self.running.clone(self.template, "mutant") as name:
            with self.running.connect("postgres", name) as anybody:
                anybody.execute(mutant.statement.encode())
            while tests:
                failed, why, more = self.run(tests, name, seconds)
                ran += more
                if failed is None or (self.is_sound(failed) and (failed is tests[0] or self.run([failed], name, SECONDS_FOR_ONE)[0])):
                    return failed, why, ran
                tests = tests[tests.index(failed) + 1 :]
        return None, "", ran

    def is_sound(self, test: Any) -> bool:
        if test.nodeid not in self.sound:
            with self.running.clone(self.template, "whole") as name:
                self.sound[test.nodeid] = self.run([test], name, SECONDS_FOR_ONE)[0] is None
        return self.sound[test.nodeid]

    def run(self, tests: Sequence[Any], name: str, seconds: float) -> tuple[Any, str, int]:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            in_child(tests, (self.running, name, self.ids), writing, seconds)
        os.close(writing)
        lines, has_ended = read_until(reading, seconds + SECONDS_FOR_ONE)
        if not has_ended:
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
        self.take_away_clones()
        place, why, ran = json.loads(lines[-1]) if lines else (None, "", 0)
        why = why if has_ended else "does not end"
        return (tests[place] if why and place is not None else None), why, ran

    def take_away_clones(self) -> None:
        """Removes databases that a test left because it was ended."""
        with self.running.connect("postgres", "postgres", autocommit=True) as admin:
            left = admin.execute("SELECT datname FROM pg_database WHERE datname ~ '^(school|own)_'").fetchall()
            for (name,) in left:
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def in_child(tests: Sequence[Any], shared: tuple[Server, str, dict[str, int]], writing: int, seconds: float) -> None:
    """Runs the tests until one fails or the time is over, and ends this process. Reports each test that it begins, and at the end the one that failed."""
    os.setpgid(0, 0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.environ[SHARED] = told(*shared)
    reports = Reports()
    session, said = tests[0].session, (None, "", 0)
    session.config.pluginmanager.register(reports)
    until = time.monotonic() + seconds
    for place, test in enumerate(tests):
        following = tests[place + 1] if place + 1 < len(tests) and time.monotonic() < until else None
        os.write(writing, f"{json.dumps((place, '', place))}\n".encode())
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
        said = (place if reports.failed else None, reports.failed, place + 1)
        if reports.failed or following is None:
            break
    if reports.failed:
        session._setupstate.teardown_exact(None)
    os.write(writing, f"{json.dumps(said)}\n".encode())
    os._exit(0)


class Reports:
    """`failed` is the reason of the first failure."""

    failed = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            lines = [line for line in report.longreprtext.splitlines() if line.startswith("E ")]
            self.failed = (lines[0][1:].strip() if lines else report.longreprtext[-200:] or report.when or "failed")[:200]


def read_until(reading: int, seconds: float) -> tuple[list[str], bool]:
    """Returns what a child writes, and whether it closed its end in time."""
    until, said = time.monotonic() + seconds, b""
    while True:
        ready, _, _ = select.select([reading], [], [], max(0, until - time.monotonic()))
        more = os.read(reading, 65536) if ready else b""
        said += more
        if not more:
            return said.decode().splitlines(), bool(ready)


class Worker:
    """The pytest plugin. It serves mutants instead of running the suite."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        with server() as running:
            ids = write_template(running)
            with running.connect("owner", "homeroom") as owner:
                every = list(mutants(owner))
            with running.clone("homeroom", "matrix") as name, running.clone("homeroom", "world") as world, pointed_at(running, "app", name):
                asks = Matrix(School(running, name, ids), School(running, world, ids))
                tests = Reaching(session.items, asks.graph, floors.homes())
                forks = Forks(running, "homeroom", ids)
                serve(every, asks, tests, forks)
        return True


def serve(every: Sequence[Mutant], asks: Matrix, tests: Reaching, forks: Forks) -> None:
    """Writes all mutants in one line first. Then each line in has a mutant's number and what noticed at this function before. Each line out has the finding."""
    inward, outward = (os.fdopen(int(number), mode) for number, mode in zip(os.environ[PIPES].split(), "rw", strict=True))
    said: Any = [(mutant.kind, mutant.function, mutant.name) for mutant in every]
    for line in chain([""], iter(inward.readline, "")):
        if line:
            said = asdict(tried(every, asks, tests, forks, *json.loads(line)))
        outward.write(json.dumps(said) + "\n")
        outward.flush()


def tried(every: Sequence[Mutant], asks: Matrix, tests: Reaching, forks: Forks, number: int, hints: list[str], most: int, seconds: float) -> Finding:
    found, began = Finding(), time.monotonic()
    try:
        notice(every[number], asks, tests, forks, hints, most, seconds, found)
    except psycopg.Error as error:
        found.odd = str(error).splitlines()[0]
    found.seconds = round(time.monotonic() - began, 2)
    return found


def notice(mutant: Mutant, asks: Matrix, tests: Reaching, forks: Forks, hints: list[str], most: int, seconds: float, found: Finding) -> None:
    """Tries `hints` first: what noticed at this function before, beginning with this mutant's. Then come the questions to the database, and then the tests
    that reach it."""
    reaching = asks.reached.get(mutant.function, [])
    first: list[Any] = [hint for hint in hints[:1] if hint in reaching] or tests.named(hints[:1])
    labels = [hint for hint in hints[1:] if hint in reaching]
    others = [label for label in reaching if label not in hints]
    named = tests.named(hints[1:])
    for asked in (catalogue.of_kind(mutant), first, labels, others, named, None):
        if asked is None:
            asked = [test for test in tests.tests(mutant, most) if test not in [*first, *named]]
        if asked and isinstance(asked[0], str):
            found.by, found.why = asks.differences(mutant, asked, SECONDS if most else SECONDS_IF_KNOWN)
        elif asked:
            failed, found.why, ran = forks.noticed(mutant, asked, seconds)
            found.by, found.tried = failed.nodeid if failed else "", found.tried + ran
            tests.noticed[found.by] += 1
        if found.by:
            return


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Worker())
