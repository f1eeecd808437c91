"""Points and percents. A number is cut after one decimal and never rounded up: 89.96 is 89.9, so it gets no better letter grade."""

from decimal import ROUND_DOWN, Decimal
from functools import lru_cache

TENTH = Decimal("0.1")


@lru_cache(maxsize=4096)  # a page shows the same few numbers a thousand times
def exact(value: float) -> Decimal:
    """Returns the decimal that a person wrote: 0.1 and not 0.1000000000000000055."""
    return Decimal(repr(value))


@lru_cache(maxsize=4096)
def points(value: float) -> str:
    """9, 8.5, 12.25: as sent, without an empty decimal."""
    text = f"{exact(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Decimal) -> str:
    """90%, 33.3%: one decimal if there is one."""
    cut = value.quantize(TENTH, ROUND_DOWN)
    return f"{cut.to_integral_value()}%" if cut == cut.to_integral_value() else f"{cut}%"


def grade_percent(value: Decimal) -> str:
    """88.4%, 98.0%: a grade always has its decimal, so that a column of them lines up."""
    return f"{tenths(value)}%"


def tenths(value: Decimal) -> str:
    return str(value.quantize(TENTH, ROUND_DOWN))
