"""Questions for a database with a mutant, before any test: the rules by themselves, other logins' calls, the matrix and its variants. All run on connections
whose transactions are rolled back.
"""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from functools import cached_property

import psycopg

from tests.house import calls, floors, rules, variants
from tests.house.expected_all import ROOM_OF
from tests.house.matrix import Requests, compare, requests
from tests.house.matrix_school import prepare
from tests.house.shown import BEHIND, Shown
from tests.house.world import prepare_world
from tests.school import School
from tools import catalogue
from tools.catalogue import CATALOGUE
from tools.mutants import Mutant

RULE, CALL, MATRIX, READ, VARIANT = "rule:", "call:", "matrix:", "read:", "variant:"
ASKED = (CATALOGUE, RULE, CALL, MATRIX, READ, VARIANT)
SECONDS_OF_A_CALL = "60s"
SECONDS, SECONDS_IF_KNOWN = 10, 2  # for one mutant, and for one with a reason. A question that has begun is asked to its end. The nearest come first
FEW, MANY = 4, 16  # number of labels that are asked together: the nearest, then the others
FAR = 99  # calls away
TRIES = 2
READS = variants.FOLDER.with_name("reads")


class Matrix:
    """The matrix and its variants use a connection to the school that has every view. The rules and calls of other logins use a school that has more.

    Each question has a label.
    """

    def __init__(self, school: School, world: School) -> None:
        self.ready, self.of_world = prepare(school), prepare_world(world)
        self.requests = requests(self.ready, None)
        self.schools = school, world
        self.connection, self.in_world = school.connect("postgres"), world.connect("postgres")
        known = floors.things(self.connection)
        its, of_world = variants.Variants(self.ready, self.connection), variants.Variants(self.of_world, self.in_world)
        self.rules = by_label(RULE, rules.Rules(self.in_world, of_world.tweaks).every, lambda rule: rule.label)
        self.calls = by_label(CALL, calls.Calls(self.of_world, self.in_world, of_world).every, lambda each: each.name)
        self.reads = by_label(READ, its.reads(), lambda each: each.name)
        self.variants = by_label(VARIANT, its.every, lambda each: each.name)
        self.connection.rollback()
        self.in_world.rollback()
        self.graph = floors.calls(known)
        self.graph |= floors.with_fired(known, self.graph)
        self.functions = {
            **{label: {rule.name for rule in its} for label, its in self.rules.items()},
            **{MATRIX + label_of(asked.function): {label_of(asked.function)} for calls in self.requests.values() for asked in calls},
            **{
                label: {label_of(name) for each in its for name in each.functions}
                for of_kind in (self.calls, self.reads, self.variants)
                for label, its in of_kind.items()
            },
        }

    @cached_property
    def reached(self) -> dict[str, list[str]]:
        """Returns the labels of what calls each function, the nearest first."""
        found: dict[str, list[tuple[int, int, str]]] = {}
        steps = {name: steps_from(name, self.graph) for names in self.functions.values() for name in names}
        for label, names in self.functions.items():
            kind = next(place for place, kind in enumerate(ASKED) if label.startswith(kind))
            for name in set().union(*(steps[each] for each in names)):
                found.setdefault(name, []).append((min(steps[each].get(name, FAR) for each in names), kind, label))
        return {name: [label for *_, label in sorted(labels)] for name, labels in found.items()}

    def differences(self, mutant: Mutant, labels: Sequence[str], seconds: float = SECONDS) -> tuple[str, str]:
        """Returns (label, difference) for the first of these that differs, or ("", ""). Asks again if the connection was lost."""
        for _ in range(TRIES):
            self.connect_again()
            with suppress(psycopg.OperationalError):
                return self.first_difference(mutant, labels, seconds)
        return "", ""

    def first_difference(self, mutant: Mutant, labels: Sequence[str], seconds: float) -> tuple[str, str]:
        at, size, until = 0, FEW, time.monotonic() + seconds
        try:
            self.take_out(mutant)
            while at < len(labels) and time.monotonic() < until:
                group = labels[at : at + size]
                found = self.ask(group)
                if found and found[0][0].startswith((CATALOGUE, READ)):
                    found = self.unless_whole(mutant, found)
                if found:
                    return next((label for label in group if label == found[0][0]), group[0]), found[0][1]
                at, size = at + size, MANY
            return "", ""
        finally:
            self.take_back()

    def take_out(self, mutant: Mutant) -> None:
        for connection in (self.connection, self.in_world):
            connection.execute(mutant.statement.encode())
            connection.execute(f"SET LOCAL statement_timeout = '{SECONDS_OF_A_CALL}'")

    def take_back(self) -> None:
        self.connection.rollback()
        self.in_world.rollback()

    def unless_whole(self, mutant: Mutant, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Leaves out what also differs without the mutant. Plans change as tables grow, and the matrix has functions of its own."""
        self.take_back()
        whole = self.ask(list(dict.fromkeys(label for label, _ in found)))
        self.take_back()
        self.take_out(mutant)
        return [each for each in found if each not in whole]

    def connect_again(self) -> None:
        """Connects again if the connections are lost. A test that kills a process of the database ends all connections of its cluster."""
        try:
            for connection in (self.connection, self.in_world):
                connection.execute("SELECT")
                connection.rollback()
        except psycopg.OperationalError:
            self.connection, self.in_world = (school.connect("postgres") for school in self.schools)

    def ask(self, labels: Sequence[str]) -> list[tuple[str, str]]:
        """Returns (label, difference) for each difference."""
        of_rules, of_calls, of_reads, of_variants = (
            [each for label in labels for each in known.get(label, ())] for known in (self.rules, self.calls, self.reads, self.variants)
        )
        try:
            with self.connection.transaction(), self.in_world.transaction():
                return [
                    *((label, line) for label in labels if label.startswith(CATALOGUE) for line in catalogue.differences(self.connection, label)),
                    *named(RULE, rules.differences(self.in_world, self.of_world, of_rules, False)),
                    *named(CALL, variants.differences(self.in_world, self.of_world, of_calls, False, calls.FOLDER)),
                    *self.ask_matrix({label.removeprefix(MATRIX) for label in labels if label.startswith(MATRIX)}),
                    *named(READ, variants.differences(self.connection, self.ready, of_reads, False, READS)),
                    *named(VARIANT, variants.differences(self.connection, self.ready, of_variants, False)),
                ]
        except psycopg.Error as error:
            if self.connection.closed or self.in_world.closed:
                raise
            return [("", f"raises {error.sqlstate}: {str(error).splitlines()[0]}")]

    def ask_matrix(self, labels: Collection[str]) -> list[tuple[str, str]]:
        if not labels:
            return []
        shown = Shown(self.ready)
        self.connection.execute("SET LOCAL ROLE app")
        found = compare(self.connection, of_labels(self.requests, labels), shown) + shown.differences(ROOM_OF)
        self.connection.execute("RESET ROLE")
        return [(MATRIX + label_of(line.partition(" ")[0]), line) for line in found]


def by_label[Asked](kind: str, every: Iterable[Asked], name: Callable[[Asked], str]) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = {}
    for each in every:
        found.setdefault(kind + name(each), []).append(each)
    return found


def named(kind: str, lines: Sequence[str]) -> list[tuple[str, str]]:
    return [(kind + line[2:].partition(BEHIND)[0], line) for line in lines]


def label_of(function: str) -> str:
    return function.partition(":")[0]


def of_labels(every: Requests, labels: Collection[str]) -> Requests:
    wanted = {begin: [asked for asked in calls if label_of(asked.function) in labels] for begin, calls in every.items()}
    return {begin: calls for begin, calls in wanted.items() if calls}


def steps_from(label: str, graph: dict[str, set[str]]) -> dict[str, int]:
    steps, waiting = {label: 0}, deque([label])
    while waiting:
        at = waiting.popleft()
        for called in graph.get(at, ()):
            if called not in steps:
                steps[called] = steps[at] + 1
                waiting.append(called)
    return steps
