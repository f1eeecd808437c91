"""A figure, its limit, and the table that `make bench` prints."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` and `bar` are of one kind: a ratio, seconds or megabytes. `holds` is None if a figure is only reported."""

    figure: str
    value: float
    bar: str
    holds: bool | None
    beside: str  # the absolute numbers


def at_most(name: str, value: float, bar: float, beside: str = "") -> Figure:
    return Figure(name, round(value, 4), f"at most {bar:g}", value <= bar, beside)


def at_least(name: str, value: float, bar: float, beside: str = "") -> Figure:
    return Figure(name, round(value, 4), f"at least {bar:g}", value >= bar, beside)


def reported(name: str, value: float, beside: str = "") -> Figure:
    return Figure(name, round(value, 4), "reported", None, beside)


def tell(words: str) -> None:
    """Prints a line of progress."""
    Console(stderr=True).print(words, highlight=False)


def show(figures: Iterable[Figure], out: Path | None) -> bool:
    """Prints the table and writes JSON rows. Returns whether every limit held."""
    rows = list(figures)
    table = Table("figure", "value", "bar", "holds", "beside")
    for row in rows:
        holds = "" if row.holds is None else ("yes" if row.holds else "NO")
        table.add_row(row.figure, f"{row.value:g}", row.bar, holds, row.beside)
    Console(width=160).print(table)
    if out:
        out.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    return all(row.holds is not False for row in rows)
