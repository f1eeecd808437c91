"""Finds tests that may notice that something was taken out of a function: those that name it or its callers, then those of its room."""

import inspect
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.portal.access.protect import ROOMS
from tests.house.floors import Home
from tools.mutants import Mutant

WORD = re.compile(r"[a-z_]\w+")
FAR = 6  # a test of the room is as near as one that is this many calls away
DEEP = 3  # levels of helpers of helpers
SLOW = 5  # tests that use a browser or start processes come later by this
RESTORES = "protect"  # a test that calls it restores what was taken out, or only sees that code and database differ
IS_SLOW = {"chromium", "browser", "page", "launch", "gateway", "live"}


class Reaching:
    """`items` are what pytest collected. `graph` has what each function calls. `places` has the file of each function."""

    def __init__(self, items: Iterable[Any], graph: Mapping[str, set[str]], places: Mapping[str, Home]) -> None:
        self.items = [item for item in items if RESTORES not in words_of(item, 0)]
        self.places = places
        self.callers: dict[str, set[str]] = {}
        for name, called in graph.items():
            for other in called:
                self.callers.setdefault(other, set()).add(name)
        self.in_python = python_by_word()
        self.noticed: Counter[str] = Counter()  # how often each test noticed something so far

    def named(self, tests: Sequence[str]) -> list[Any]:
        """Returns the tests that still exist, in this order. A name without values means the test with all of its values."""
        return [item for name in tests for item in self.items if name in (item.nodeid, item.nodeid.partition("[")[0])]

    def tests(self, mutant: Mutant, most: int) -> list[Any]:
        """Returns at most `most` tests, the likely ones first. Tests of one module stay together."""
        likely = sorted(self.items, key=self.distances(mutant))[:most]
        modules = {item.module.__name__: place for place, item in reversed(list(enumerate(likely)))}
        return sorted(likely, key=lambda item: modules[item.module.__name__])

    def distances(self, mutant: Mutant) -> Any:
        name = mutant.function
        near = self.near(name) | dict.fromkeys(mutant.of.split(" on "), 0)
        rooms = {self.places[other].room.split("/")[0] for other in near if other in self.places}
        mine = {self.places[name].room.split("/")[0]} if name in self.places else rooms
        subjects = {subject for other in near for subject in self.in_python.get(other, ())}

        def is_of_subject(room: str, word: str) -> bool:
            """Returns whether the names match, as test_undo.py matches undoing.py."""
            return any(room == of_room and (word.startswith(of) or of.startswith(word)) for of_room, of in subjects)

        def distance(item: Any) -> tuple[float, bool, int, str]:
            words = words_of(item)
            steps = min((near[other] for other in words & near.keys()), default=FAR)
            if steps == FAR:
                steps = min((near[other] + 0.5 for other in words_of_file(item.path) & near.keys()), default=FAR)
            room, subject = subject_of(item.path)
            steps = min(steps, 1.5 if is_of_subject(room, subject) else FAR, 4 if room in mine else 5 if room in rooms else FAR)
            return steps + SLOW * bool(IS_SLOW & set(item.fixturenames)), room not in mine, -self.noticed[item.nodeid], item.nodeid

        return distance

    def near(self, name: str) -> dict[str, int]:
        """Returns the function and its callers, with the number of calls between."""
        found, waiting = {name: 0}, [name]
        for at in waiting:
            for caller in sorted(self.callers.get(at, ())):
                if caller not in found:
                    found[caller] = found[at] + 1
                    waiting.append(caller)
        return found


def words_of(item: Any, deep: int = DEEP) -> frozenset[str]:
    return words_of_function(item.function, deep) if hasattr(item, "function") else frozenset()


@cache
def words_of_function(function: Any, deep: int) -> frozenset[str]:
    """Returns the words of the test, of the helpers that it names, and of constants. A test says propose(), and its helper says propose_support()."""
    words = words_in(inspect.getsource(function))
    found = [inspect.unwrap(each) if callable(each) else each for each in map(function.__globals__.get, words if deep else ())]
    helpers = [each for each in found if inspect.isfunction(each) and "/tests/" in each.__code__.co_filename]
    texts = [words_in(each) for each in found if isinstance(each, str)]
    return words.union(*texts, *(words_of_function(each, deep - 1) for each in helpers))


@cache
def words_in(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text))


@cache
def words_of_file(path: Path) -> frozenset[str]:
    return frozenset(WORD.findall(path.read_text()))


def python_by_word() -> dict[str, set[tuple[str, str]]]:
    """Returns word → (room, subject) of the modules that use it."""
    found: dict[str, set[tuple[str, str]]] = {}
    for path in (path for path in ROOMS.glob("*/**/*.py") if not {"tests", "migrations", "templatetags"} & set(path.relative_to(ROOMS).parts)):
        for word in words_of_file(path):
            found.setdefault(word, set()).add(subject_of(path))
    return found


def subject_of(path: Path) -> tuple[str, str]:
    """Returns room and subject of a module or a test: membership and ties for membership/ties/queries.py, intake and undo for intake/tests/test_undo.py."""
    name = path.stem.removeprefix("test_").split("_")[0]
    room, *folders = [part for part in path.as_posix().partition("/portal/")[2].split("/")[:-1] if part != "tests"] or [""]
    return room, folders[0] if folders else name
