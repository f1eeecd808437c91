"""Families of tests that are exhaustive by nature. `make test` runs one honest case of each, and `make prove` all of them (docs/tests.md).

tests/prove.toml lists the families. A test with parameters keeps the cases that it names. A test that goes through a list itself takes it by some().
"""

import os
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
PARTS = 6
PROVES = "HOMEROOM_PROVE"  # in the environment of a whole proof


@dataclass(frozen=True)
class Family:
    """`tests` are ids of test functions. `keep` are the ids of their parameters that `make test` runs. `one_in`: it runs the first case and each one
    after this many. `of_itself`: the functions stay in `make test`, and shorten their own lists with some()."""

    name: str
    test: str
    prove: str
    tests: tuple[str, ...]
    keep: tuple[str, ...] = ()
    one_in: int = 0
    of_itself: bool = False

    def keeps(self, parameters: str, place: int) -> bool:
        """`place` is of the case among those of its function, from 0."""
        return self.of_itself or parameters in self.keep or bool(self.one_in and place % self.one_in == 0)


@cache
def families() -> list[Family]:
    rows = tomllib.loads((HERE / "prove.toml").read_text())["family"]
    return [Family(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}) for row in rows]


def divided[T](items: Sequence[tuple[T, str]], part: int | None, *, is_proof: bool) -> tuple[list[T], list[T]]:
    """Returns the tests that run, and the others. Each comes with its id. A proof has what the families list, or one of six parts of it."""
    family_of = {name: family for family in families() for name in family.tests}
    parts, places = parts_of(family_of), Counter[str]()
    runs: list[T] = []
    others: list[T] = []
    for item, nodeid in items:
        name, _, parameters = nodeid.partition("[")
        family = family_of.get(name)
        if is_proof:
            is_in = family is not None and part in (None, parts[name.partition("::")[0]])
        else:
            is_in = family is None or family.keeps(parameters.removesuffix("]"), places[name])
        places[name] += 1
        (runs if is_in else others).append(item)
    return runs, others


def not_there(nodeids: Iterable[str]) -> list[str]:
    """Returns what the list names and no test has: a function, or a kept case that none of the family's functions has."""
    cases: dict[str, set[str]] = {}
    for nodeid in nodeids:
        name, _, parameters = nodeid.partition("[")
        cases.setdefault(name, set()).add(parameters.removesuffix("]"))
    gone = [name for family in families() for name in family.tests if name not in cases]
    for family in families():
        found = {case for name in family.tests for case in cases.get(name, ())}
        gone += [f"{family.tests[0]}[{case}]" for case in family.keep if case not in found]
    return gone


def parts_of(names: Iterable[str]) -> dict[str, int]:
    """Returns the part of each file. The slowest files are dealt out first, there and back, so that the parts take about the same time."""
    slow = (HERE / "slow.txt").read_text().split()
    files = sorted({name.partition("::")[0] for name in names}, key=lambda file: (slow.index(file) if file in slow else len(slow), file))
    there_and_back = [*range(1, PARTS + 1), *range(PARTS, 0, -1)]
    return {file: there_and_back[place % len(there_and_back)] for place, file in enumerate(files)}


def some[T](found: Iterable[T], most: int) -> list[T]:
    """Returns all in a proof. Otherwise at most this many, spread over the whole list, with the first and the last one."""
    every = list(found)
    if PROVES in os.environ or len(every) <= most:
        return every
    if most == 1:
        return every[-1:]
    return [every[round(place * (len(every) - 1) / (most - 1))] for place in range(most)]
