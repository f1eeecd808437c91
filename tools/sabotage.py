"""Takes out each defense of tests/defences.toml in turn, in a copy of the tree, and runs the test that must notice. Does the same with each mutant of
the database's rules (tools.mutants). Prints a line each: what it is, what was removed, what failed. Exits 1 if anything stayed green that may not.
Usage: python -m tools.sabotage [--list] [--rows | --rules] [--every N [--after A]] [--seconds S] [WORD …]
WORD: only defenses with it in their name or file, and mutants with it in their name. --every N: each Nth mutant. --after A: without the first A,
for a sample that differs from the last one. --seconds S: for all tests of one mutant. Use more if the machine does other work.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.database import SHARED
from tools import workers

ROOT = Path(__file__).parents[1]
LIST = ROOT / "tests" / "defences.toml"
AT_ONCE = 2
SECONDS, SECONDS_FOR_ALL = 300, 2400  # for one run of a test, and for half of the tests without any removal
MAKES_THE_DATABASE = {"acts", "cluster", "declared", "logins", "models", "policy", "protect"}
PASSED, FAILED = 0, 1  # pytest's exit codes. Any other means that it could not try


@dataclass(frozen=True, slots=True)
class Defence:
    name: str
    defends: str  # the harm that it prevents
    file: str
    remove: str
    test: str  # path::name, or path
    replace: str = ""

    @property
    def removed(self) -> str:
        words = " ".join(self.remove.split())
        return f"{self.file}: {words[:90]}{'…' if len(words) > 90 else ''}"


@dataclass(frozen=True, slots=True)
class Outcome:
    defence: Defence
    is_noticed: bool
    words: str  # the test that failed, or why none did
    seconds: float = field(compare=False, default=0)


class CannotTry(Exception):
    """The list does not match the tree. The message says which line."""


def defences(words: list[str]) -> list[Defence]:
    """Returns the listed defenses that have one of the words in their name or file, or all if there are no words. Raises CannotTry."""
    rows = [Defence(**row) for row in tomllib.loads(LIST.read_text())["defence"]]
    names = [row.name for row in rows]
    if twice := {name for name in names if names.count(name) > 1}:
        raise CannotTry(f"stands twice in the list: {', '.join(sorted(twice))}")
    for row in rows:
        text = (ROOT / row.file).read_text() if (ROOT / row.file).is_file() else ""
        if text.count(row.remove) != 1:
            raise CannotTry(f"{row.name}: its text stands {text.count(row.remove)} times in {row.file}, not once")
        if not (ROOT / row.test.split("::")[0]).is_file():
            raise CannotTry(f"{row.name}: there is no {row.test.split('::')[0]}")
    return [row for row in rows if not words or any(w in row.name or w in row.file for w in words)]


def copy_of_tree(folder: Path) -> Path:
    """Copies the files that git knows or doesn't ignore, as they are now. The working tree itself never changes."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, target = ROOT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def pytest_in(tree: Path, tests: list[str], seconds: int = SECONDS, given: str = "") -> subprocess.CompletedProcess[str]:
    """`given` is what tests.database.told() returns for a cluster that has the cast. If it is "", the tests make their own."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("HOMEROOM_", "PYTEST_"))},
        "PYTHONPATH": f"{tree / 'src'}:{tree}",
        "PYTHONDONTWRITEBYTECODE": "1",
        **({SHARED: given} if given else {}),
    }
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "--no-header",
        "--tb=short",
        "-p",
        "no:cacheprovider",
        *tests,
    ]
    try:
        return subprocess.run(
            words, cwd=tree, env=environment, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as late:
        return subprocess.CompletedProcess(words, 124, str(late.stdout or ""), f"still running after {seconds} s")


def try_without(defence: Defence, tree: Path, given: str = "") -> Outcome:
    """Removes the defense, runs the test and puts the defense back. `given` is a cluster for files that don't change the database."""
    began = time.monotonic()
    path = tree / defence.file
    whole = path.read_text()
    path.write_text(whole.replace(defence.remove, defence.replace, 1))
    try:
        done = pytest_in(tree, [defence.test], given="" if makes_the_database(defence.file) else given)
    finally:
        path.write_text(whole)
    took = time.monotonic() - began
    if done.returncode == FAILED and has_failed(defence.test, done.stdout):
        return Outcome(defence, True, what_failed(done.stdout), took)
    if done.returncode == PASSED:
        return Outcome(defence, False, f"STAYED GREEN: {defence.test}", took)
    return Outcome(defence, False, f"could not try {defence.test}: {tail(done)}", took)


def makes_the_database(file: str) -> bool:
    """Returns whether the rules, tables or logins come from this file."""
    path = Path(file)
    return path.suffix == ".sql" or path.parent.name == "migrations" or path.stem in MAKES_THE_DATABASE or path.parts[0] == "tests"


def has_failed(test: str, output: str) -> bool:
    """Returns whether the named test failed, itself or with some values. If a fixture broke, pytest's exit code is the same, but nothing was tried."""
    return re.search(rf"^FAILED {re.escape(test)}(?=$|[\s\[:])", output, re.MULTILINE) is not None


def what_failed(output: str) -> str:
    """Returns the first failing test's name and the first line of its reason."""
    name = re.search(r"^(?:FAILED|ERROR) (\S+)", output, re.MULTILINE)
    why = re.search(r"^E\s+(.+)$", output, re.MULTILINE)
    return f"{name[1].split('::', 1)[-1] if name else '?'}: {(why[1] if why else '')[:110]}"


def tail(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return f"pytest answered {done.returncode}: {' / '.join(lines[-3:])[:300]}"


def unharmed(rows: list[Defence], trees: list[Path]) -> list[str]:
    """Runs the named tests with every defense in place, because a test that fails already proves nothing."""
    tests = sorted({row.test for row in rows})
    halves = [tests[at :: len(trees)] for at in range(len(trees))]
    with ThreadPoolExecutor(len(trees)) as workers:
        return [line for found in workers.map(unharmed_in, trees, filter(None, halves)) for line in found]


def unharmed_in(tree: Path, tests: list[str]) -> list[str]:
    done = pytest_in(tree, tests, SECONDS_FOR_ALL)
    if done.returncode != PASSED:
        return [f"fails without sabotage: {what_failed(done.stdout)} ({tail(done)})"]
    if skipped := re.search(r"(\d+) (skipped|xfailed|deselected)", done.stdout):
        return [f"{skipped[0]} among the named tests"]
    return []


def outcomes(rows: list[Defence], trees: list[Path], given: str) -> Iterator[Outcome]:
    return workers.shared_out(trees, rows, lambda tree, row: try_without(row, tree, given))


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run(rows: list[Defence]) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hr-sabotage-") as folder, workers.cluster_with_the_cast() as given:
        Path(folder).chmod(0o755)  # the database's own user starts inside it
        trees = [copy_of_tree(Path(folder) / str(number)) for number in range(AT_ONCE)]
        say(f"{len(rows)} defences. First the tests that must notice, with everything in place …")
        if wrong := unharmed(rows, trees):
            say("\n".join(wrong))
            return 1
        say(f"all pass ({time.monotonic() - began:.0f} s). Now without each in turn.\n")
        green = 0
        for number, outcome in enumerate(outcomes(rows, trees, given), 1):
            green += not outcome.is_noticed
            say(f"[{number}/{len(rows)}] {outcome.defence.name}  ({outcome.seconds:.0f} s)")
            say(f"      removed: {outcome.defence.removed}")
            say(f"      {'failed: ' if outcome.is_noticed else '!!! '}{outcome.words}")
    say(f"\n{len(rows) - green} of {len(rows)} noticed, in {time.monotonic() - began:.0f} s.")
    return 1 if green else 0


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="make sabotage ARGS=…", description=__doc__)
    asked.add_argument("--list", action="store_true", help="the rows and what each defends, nothing is taken out")
    asked.add_argument("--rows", action="store_true", help="only the rows of tests/defences.toml")
    asked.add_argument("--rules", action="store_true", help="only the rules of the database")
    asked.add_argument("--every", type=int, default=1, metavar="N", help="each Nth of the rules' mutants")
    asked.add_argument("--after", type=int, default=0, metavar="A", help="without the first A of them")
    asked.add_argument("--seconds", type=float, default=workers.SECONDS, metavar="S", help="for the tests of one mutant, together")
    asked.add_argument("words", nargs="*")
    options = asked.parse_args(words)
    try:
        rows = [] if options.rules else defences(options.words)
    except CannotTry as odd:
        say(f"sabotage: {odd}")
        return 1
    if options.list:
        say("\n".join(f"{row.name}: {row.defends}" for row in rows))
        return 0
    if options.rows:
        return run(rows) if rows else 1
    is_red = bool(rows and run(rows))
    return 0 if workers.run(options.words, options.after, options.every, options.seconds, say) and not is_red else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
