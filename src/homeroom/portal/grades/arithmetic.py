"""Scores that count, work that is missing, and the sum behind an estimate.

Excused and unmarked work never counts against a student.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

HUNDRED = Decimal(100)
NOTHING = Decimal(0)


class Score(NamedTuple):
    """One assignment's score as the file has it. `out_of` is the most without extra credit. It is a tuple, because a page makes hundreds."""

    kind: str  # category: Homework, Quizzes …
    weight: Decimal | None  # percent, if the district weighs kinds of work
    due: date
    points: Decimal | None = None
    out_of: Decimal | None = None
    is_exempt: bool = False
    is_not_submitted: bool = False
    is_missing: bool = False  # the file says so
    is_being_marked: bool = False

    @property
    def counts(self) -> bool:
        return self.points is not None and self.out_of is not None and not self.is_exempt and not self.is_being_marked


def is_missing(score: Score, as_of: date) -> bool:
    """Returns whether the file says so, or the work was not handed in and due before the day of the export. Not if excused or scored above 0."""
    if score.is_exempt or (score.points is not None and score.points > 0):
        return False
    return score.is_missing or (score.is_not_submitted and score.due < as_of)


@dataclass(slots=True)
class Kind:
    """The sum so far for one kind of work."""

    weight: Decimal
    points: Decimal = NOTHING
    out_of: Decimal = NOTHING
    is_weighed: bool = False
    _average: Decimal | None = None  # cached, because a trend asks for every kind on each day and only one has changed
    _part: Decimal | None = None

    def add(self, points: Decimal, out_of: Decimal) -> None:
        self.points += points
        self.out_of += out_of
        self.is_weighed = self.weight > NOTHING and self.out_of > NOTHING
        self._average = self._part = None

    @property
    def average(self) -> Decimal:
        """Percent. Extra credit can bring it over 100."""
        if self._average is None:
            self._average = HUNDRED * self.points / self.out_of
        return self._average

    @property
    def part(self) -> Decimal:
        """Returns the average times the weight."""
        if self._part is None:
            self._part = self.average * self.weight
        return self._part


@dataclass(slots=True)
class Sums:
    """Adds up counted work by kind, and gives the result at any time. Two kinds with the same title differ in their weight."""

    kinds: dict[tuple[str, Decimal | None], Kind] = field(default_factory=dict)

    def add(self, score: Score) -> None:
        assert score.points is not None and score.out_of is not None
        name = score.kind, score.weight
        kind = self.kinds.get(name)
        if kind is None:
            kind = self.kinds[name] = Kind(score.weight or NOTHING)
        kind.add(score.points, score.out_of)

    @property
    def weighed(self) -> list[tuple[str, Kind]]:
        """Returns kinds that the district weighs and that have something to average, by title. Empty means that plain points decide."""
        found = [(title, kind) for (title, _weight), kind in self.kinds.items() if kind.is_weighed]
        return sorted(found, key=lambda pair: (pair[0], pair[1].weight))

    def total(self) -> Decimal | None:
        """Returns percent, or None while there is nothing to divide by."""
        part = whole = NOTHING
        for kind in self.kinds.values():  # in one pass, because a trend asks for each day
            if kind.is_weighed:
                part += kind.part
                whole += kind.weight
        if whole:
            return part / whole
        points, out_of = self.in_all()
        return HUNDRED * points / out_of if out_of > 0 else None

    def in_all(self) -> tuple[Decimal, Decimal]:
        """Returns the points, and the points that were possible."""
        kinds = self.kinds.values()
        return sum((kind.points for kind in kinds), NOTHING), sum((kind.out_of for kind in kinds), NOTHING)


@dataclass(frozen=True, slots=True)
class WeightedPart:
    """One line of the sum. `share` is the percent of the whole, without kinds that have no score."""

    kind: str
    average: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    total: Decimal
    parts: tuple[WeightedPart, ...]  # empty if plain points decide
    points: Decimal
    out_of: Decimal


def estimate(scores: Iterable[Score]) -> Estimate | None:
    """Returns the estimate from the scores that were sent. None while nothing counts."""
    sums = Sums()
    for score in scores:
        if score.counts:
            sums.add(score)
    total = sums.total()
    if total is None:
        return None
    whole = sum((kind.weight for _title, kind in sums.weighed), NOTHING)
    parts = tuple(WeightedPart(name, k.average, HUNDRED * k.weight / whole) for name, k in sums.weighed)
    return Estimate(total, parts, *sums.in_all())
