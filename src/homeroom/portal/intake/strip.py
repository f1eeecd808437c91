"""The last files as a strip: one cell each, the newest first, a picture and a word for what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.portal.intake import pages_words
from homeroom.portal.intake.pages import number, said
from homeroom.portal.intake.queries import Came

# In a cell of 24 × 24, stroked: a shape for each state, so that colour carries nothing alone.
SHAPES = {
    "imported": "M7 12.5l3.5 3.5 6.5-8",
    "refused": "M8 8l8 8M16 8l-8 8",
    "rejected": "M7.5 12h9",
    "held": "M9.5 8v8M14.5 8v8",
    "undone": "M8 10h6a3 3 0 0 1 0 6h-3M10.5 7.5L8 10l2.5 2.5",
    "arrived": "M8 12h.01M12 12h.01M16 12h.01",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """words: when it came and what became of it."""

    number: int
    state: str
    shape: str
    words: str


@dataclass(frozen=True, slots=True)
class Key:
    """How many of the cells are of this state."""

    state: str
    shape: str
    words: str


@dataclass(frozen=True, slots=True)
class Strip:
    cells: tuple[Cell, ...]
    keys: tuple[Key, ...]


def strip(files: Sequence[Came]) -> Strip:
    states = [file.state for file in files]
    return Strip(
        cells=tuple(Cell(file.number, file.state, SHAPES.get(file.state, ""), f"{said(file.at)}: {_word(file.state)}") for file in files),
        keys=tuple(
            Key(state, shape, f"{_word(state)}: {number(states.count(state))}") for state, shape in SHAPES.items() if state in states
        ),
    )


def _word(state: str) -> str:
    return pages_words.state(state)[1]
