"""The trend of a class's scores: the running sum day by day, its change in two weeks, and a small drawing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from homeroom.portal.grades.arithmetic import Score, Sums

FEWEST = 3  # scores. A line through two says nothing
BACK = timedelta(days=14)
STEADY = Decimal(1)  # percentage points. Less than this is no change
TALL = Decimal(25)  # percentage points that the drawing spans at least, so that a small change looks small
WIDTH, HEIGHT, MARGIN = 72, 32, 4

type Step = tuple[date, Decimal]


def steps(scores: Iterable[tuple[date, Score]]) -> list[Step]:
    """Returns the running total, in percent, at the end of each day with a score. Empty under three scores."""
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
    """Returns the percentage points gained or lost in the two weeks before the last step, or since the first if that is later."""
    last_day, last = of[-1]
    before = [value for day, value in of if day <= last_day - BACK]
    return last - (before[-1] if before else of[0][1])


def is_short(of: Sequence[Step]) -> bool:
    """Returns whether the line began within the two weeks that a change covers."""
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
    """One scale for all classes of a child, so that their lines can be compared. `first` is an ordinal day, and `span` is in percentage points."""

    low: Decimal
    span: float
    first: int
    days: int

    @classmethod
    def over(cls, lines: Sequence[Sequence[Step]]) -> "Scale | None":
        drawn = [line for line in lines if line]
        if not drawn:
            return None
        values = [value for line in drawn for _day, value in line]
        low, high = min(values), max(values)
        spare = max(TALL - (high - low), Decimal(0)) / 2
        first, last = min(line[0][0] for line in drawn), max(line[-1][0] for line in drawn)
        return cls(low - spare, float(high - low + 2 * spare), first.toordinal(), (last - first).days)

    def spots(self, of: Sequence[Step]) -> list[tuple[str, str]]:
        """Uses one loop, because a page has hundreds of them."""
        low, span, first, days = self.low, self.span, self.first, self.days
        return [
            (_x(day.toordinal() - first, days), f"{HEIGHT - MARGIN - float(value - low) / span * (HEIGHT - 2 * MARGIN):.1f}")
            for day, value in of
        ]


@lru_cache(maxsize=4096)
def _x(day: int, days: int) -> str:
    """Returns the place of a day on the line. `day` counts days since the first. `days` counts from the first to the last."""
    return f"{MARGIN + (WIDTH - 2 * MARGIN) * (day / days if days else 1):.1f}"


def drawing(of: Sequence[Step], scale: Scale) -> Drawing:
    spots = scale.spots(of)
    if len(spots) == 1:  # everything was scored on one day, so it draws a short level line
        spots = [(f"{float(spots[0][0]) - 2 * MARGIN:.1f}", spots[0][1]), *spots]
    line = " ".join(f"{x},{y}" for x, y in spots)
    return Drawing(line, f"M{spots[0][0]},{HEIGHT}L{line}L{spots[-1][0]},{HEIGHT}Z", *spots[-1])


def direction(moved: Decimal) -> str:
    """Returns up, down, or steady if it moved less than a point."""
    if abs(moved) < STEADY:
        return "steady"
    return "up" if moved > 0 else "down"


def size(moved: Decimal) -> str:
    return str(abs(moved).quantize(Decimal("0.1"), ROUND_DOWN))
