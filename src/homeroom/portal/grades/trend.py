"""Where a class's scores have been going: the running sum day by day, its change in two weeks, a small drawing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import groupby
from operator import itemgetter

from homeroom.portal.grades.arithmetic import Score, Sums

FEWEST = 3  # scores; a line through two says nothing
BACK = timedelta(days=14)
STEADY = Decimal(1)  # percent points: less than this is no change
TALL = Decimal(25)  # percent points the drawing spans at least, so that a small change looks small
WIDTH, HEIGHT, MARGIN = 72, 32, 4

type Step = tuple[date, Decimal]


def steps(scores: Iterable[tuple[date, Score]]) -> list[Step]:
    """The running total, in percent, at the end of each day that scored something. Empty under three scores."""
    sums, found = Sums(), list[Step]()
    counted = sorted(((day, score) for day, score in scores if score.counts), key=itemgetter(0))
    for day, of_day in groupby(counted, key=itemgetter(0)):
        for _day, score in of_day:
            sums.add(score)
        total = sums.total()
        if total is not None:
            found.append((day, total))
    return found if len(counted) >= FEWEST else []


def change(of: Sequence[Step]) -> Decimal:
    """Percent points gained or lost in the two weeks before the last step, or since the first if that is later."""
    last_day, last = of[-1]
    before = [value for day, value in of if day <= last_day - BACK]
    return last - (before[-1] if before else of[0][1])


def is_short(of: Sequence[Step]) -> bool:
    """Whether it began within the two weeks that a change is told of."""
    return of[0][0] > of[-1][0] - BACK


@dataclass(frozen=True, slots=True)
class Drawing:
    """SVG attributes, in a box of 72 × 32."""

    line: str
    foot: str
    end_x: str
    end_y: str


@dataclass(frozen=True, slots=True)
class Scale:
    """One for all classes of a child, so that the lines can be read side by side. first: an ordinal day; span: percent points."""

    low: Decimal
    span: float
    first: int
    days: int

    @classmethod
    def over(cls, lines: Sequence[Sequence[Step]]) -> "Scale | None":
        steps_of_all = [step for line in lines for step in line]
        if not steps_of_all:
            return None
        days, values = zip(*steps_of_all, strict=True)
        low, high = min(values), max(values)
        spare = max(TALL - (high - low), Decimal(0)) / 2
        first, last = min(days), max(days)
        return cls(low - spare, float(high - low + 2 * spare), first.toordinal(), (last - first).days)

    def x(self, day: date) -> float:
        return MARGIN + (WIDTH - 2 * MARGIN) * ((day.toordinal() - self.first) / self.days if self.days else 1)

    def y(self, value: Decimal) -> float:
        return HEIGHT - MARGIN - float(value - self.low) / self.span * (HEIGHT - 2 * MARGIN)


def drawing(of: Sequence[Step], scale: Scale) -> Drawing:
    x, y = scale.x, scale.y
    spots = [(f"{x(day):.1f}", f"{y(value):.1f}") for day, value in of]
    if len(spots) == 1:  # everything was scored on one day: a short level line
        spots = [(f"{float(spots[0][0]) - 2 * MARGIN:.1f}", spots[0][1]), *spots]
    line = " ".join(f"{x},{y}" for x, y in spots)
    return Drawing(line, f"M{spots[0][0]},{HEIGHT}L{line}L{spots[-1][0]},{HEIGHT}Z", *spots[-1])


def direction(moved: Decimal) -> str:
    """up, down, or steady where it moved less than a point."""
    if abs(moved) < STEADY:
        return "steady"
    return "up" if moved > 0 else "down"


def size(moved: Decimal) -> str:
    return str(abs(moved).quantize(Decimal("0.1"), ROUND_DOWN))
