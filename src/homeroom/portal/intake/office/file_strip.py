"""Builds the strip of the last files, newest first. Each cell has a shape and a word for the file's state."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.portal.intake.office import pages_words
from homeroom.portal.intake.office.pages import number, said
from homeroom.portal.intake.office.queries import Came

# One stroked shape per state, in a cell of 24 × 24, so that the state does not depend on color.
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
    """`words` says when the file came and what happened to it."""

    number: int
    state: str
    shape: str
    words: str


@dataclass(frozen=True, slots=True)
class Key:
    """Says how many cells have this state."""

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
