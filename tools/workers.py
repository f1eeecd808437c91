"""Gives mutants to workers (tools.noticing), remembers what noticed at which function, and counts."""

import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from queue import Queue
from typing import Any

from tests.database import server, told

ROOT = Path(__file__).parents[1]
LEARNED = ROOT / "tests" / "noticed.txt"  # a line for each function and what noticed a removal there: the tool's own notes
REASONS = ROOT / "tests" / "survivors.toml"  # why nothing needs to notice
AT_ONCE = 2
MOST, SECONDS = 16, 8.0  # number of tests for one mutant, and their time together
OF_EACH = 10  # of those that noticed at a function, asked first
PIPES = "HOMEROOM_SABOTAGE_PIPES"
ALLOWED = 0.05  # share of all mutants that may survive, each with a reason


@dataclass(frozen=True, slots=True)
class Noticed:
    """A worker's finding about a mutant, with the fields of tools.noticing.Finding."""

    kind: str
    function: str
    mutant: str
    by: str
    why: str
    odd: str
    tried: int
    seconds: float

    def __str__(self) -> str:
        if self.by:
            return f"{self.mutant}  ({self.seconds:.1f} s)\n      {self.by}: {self.why[:110]}"
        return f"!!! {self.mutant}  ({self.seconds:.1f} s)\n      {self.odd or f'STAYED GREEN in the matrix and {self.tried} tests'}"


class Learned:
    """Function → what noticed there → the marks of the mutants that it noticed last."""

    def __init__(self, path: Path = LEARNED) -> None:
        self.path = path
        self.by: dict[str, dict[str, set[str]]] = {}
        for line in path.read_text().splitlines() if path.exists() else []:
            function, by, marks = line.split("\t")
            self.by.setdefault(function, {})[by] = set(marks.split())

    def hints(self, function: str, mutant: str) -> list[str]:
        """Returns what noticed this mutant, then what noticed most others there."""
        known = self.by.get(function, {})
        return sorted(known, key=lambda by: (mark(mutant) not in known[by], -len(known[by]), by))[:OF_EACH]

    def keep(self, found: Noticed) -> None:
        if not found.by:
            return
        known = self.by.setdefault(found.function, {})
        for marks in known.values():
            marks.discard(mark(found.mutant))
        known.setdefault(found.by, set()).add(mark(found.mutant))

    def write(self) -> None:
        lines = [f"{function}\t{by}\t{' '.join(sorted(marks))}\n" for function, known in self.by.items() for by, marks in known.items() if marks]
        self.path.write_text("".join(sorted(lines)))


def mark(mutant: str) -> str:
    """Returns a short name. Two mutants of one function with the same one only ask each other's tests first."""
    return sha256(mutant.encode()).hexdigest()[:5]


class Worker:
    """One tools.noticing process, with the two pipes that it communicates through."""

    def __init__(self, log: Path, seconds: float) -> None:
        its_in, to_it = os.pipe()
        from_it, its_out = os.pipe()
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("HOMEROOM_", "PYTEST_"))},
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            PIPES: f"{its_in} {its_out}",
        }
        words = [sys.executable, "-m", "pytest", "-p", "tools.noticing", "-p", "no:xdist", "-p", "no:cacheprovider", "-s", "-q", "--ignore=tests/journeys"]
        with log.open("w") as said:
            self.process = subprocess.Popen(words, cwd=ROOT, env=environment, pass_fds=(its_in, its_out), stdout=said, stderr=said)
        os.close(its_in)
        os.close(its_out)
        self.log, self.inward, self.outward = log, os.fdopen(to_it, "w"), os.fdopen(from_it)
        self.mutants: list[list[str]] = []  # kind, function and name
        self.seconds = seconds

    def answer(self) -> Any:
        line = self.outward.readline()
        if not line:
            raise SystemExit(f"A worker ended. {self.log.read_text()[-2000:]}")
        return json.loads(line)

    def begin(self) -> "Worker":
        self.mutants = self.answer()
        return self

    def ask(self, number: int, hints: Sequence[str], most: int = MOST) -> Noticed:
        self.inward.write(json.dumps([number, hints, most, self.seconds]) + "\n")
        self.inward.flush()
        return Noticed(*self.mutants[number], **self.answer())

    def end(self) -> None:
        self.inward.close()
        self.process.wait()
        self.outward.close()


@contextmanager
def cluster_with_the_cast() -> Iterator[str]:
    """Yields what tests.database.told() says about the cluster."""
    import conftest  # noqa: F401  gives Django its settings
    from tests.school import write_template

    with server() as running:
        yield told(running, "homeroom", write_template(running))


def shared_out[Place, Task, Found](places: Sequence[Place], tasks: Sequence[Task], act: Callable[[Place, Task], Found]) -> Iterator[Found]:
    """Gives each task to a free place, and yields results as they come."""
    free: Queue[Place] = Queue()
    for place in places:
        free.put(place)

    def one(task: Task) -> Found:
        place = free.get()
        try:
            return act(place, task)
        finally:
            free.put(place)

    with ThreadPoolExecutor(len(places)) as threads:
        for done in as_completed([threads.submit(one, task) for task in tasks]):
            yield done.result()


def findings(workers: Sequence[Worker], numbers: Sequence[int], learned: Learned, reasons: Collection[str]) -> Iterator[Noticed]:
    """Yields findings as they come. Numbers count all mutants from 0. A mutant with a reason to survive is tried only in the database, with no test."""

    def ask(worker: Worker, number: int) -> Noticed:
        _, function, name = worker.mutants[number]
        return worker.ask(number, [], 0) if name in reasons else worker.ask(number, learned.hints(function, name))

    for found in shared_out(workers, numbers, ask):
        learned.keep(found)
        yield found


def run(words: Sequence[str], after: int, every: int, seconds: float, say: Callable[[str], object]) -> bool:
    """`words` are parts of mutants' names. None means all. `after` skips the first ones. `every` takes each Nth. Returns whether few enough survive, each
    with its reason."""
    began, learned, counts = time.monotonic(), Learned(), Counter[tuple[str, bool]]()
    reasons: dict[str, str] = tomllib.loads(REASONS.read_text()) if REASONS.exists() else {}
    with tempfile.TemporaryDirectory(prefix="hr-sabotage-") as folder:
        workers = [worker.begin() for worker in [Worker(Path(folder) / str(number), seconds) for number in range(AT_ONCE)]]
        names = [name for _, _, name in workers[0].mutants]
        numbers = [n for n, name in enumerate(names) if not words or any(word in name for word in words)][after::every]
        say(f"{len(numbers)} of {len(names)} mutants of the database's rules ({time.monotonic() - began:.0f} s to make ready).")
        survivors = []
        for place, found in enumerate(findings(workers, numbers, learned, reasons), 1):
            counts[found.kind, bool(found.by)] += 1
            say(f"[{place}/{len(numbers)}] {found}")
            if not found.by:
                survivors.append(found)
            if place % 100 == 0:
                learned.write()
        for worker in workers:
            worker.end()
    learned.write()
    for kind in sorted({kind for kind, _ in counts}):
        say(f"{kind}: {counts[kind, True]} of {counts[kind, True] + counts[kind, False]} noticed")
    for found in sorted(survivors, key=lambda found: found.mutant):
        say(f"survives: {found.mutant}: {found.odd or reasons.get(found.mutant, 'no reason is given')}")
    say(f"{len(survivors)} of {len(numbers)} survive ({len(survivors) / max(1, len(numbers)):.1%}), in {time.monotonic() - began:.0f} s.")
    return is_well(survivors, len(numbers), reasons)


def is_well(survivors: Sequence[Noticed], tried: int, reasons: Mapping[str, str]) -> bool:
    return tried > 0 and len(survivors) <= ALLOWED * tried and all(found.mutant in reasons and not found.odd for found in survivors)
