"""Compares the header row with the table's columns: which are missing, doubled or misspelled, and the place of each.

It repeats a cell of the header only if every required column is there. If the header is missing, a person's row is in its place.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from homeroom.formats.reasons import Note, PackageRefused, Reason
from homeroom.formats.social_security import names_ssn
from homeroom.formats.spec import Column, Table

EXTENSION = "metadata."
OTHER_SEPARATORS = (";", "\t", "|")  # used by spreadsheets in other languages
NAME = re.compile(r"[A-Za-z_][ -~]{0,59}")
LIKENESS = 0.8  # givenNme, given_name and Given Name are near givenName, and familyName is not


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of the read columns in one file. `places` matches `columns`. -1 means that the file lacks the column.

    `unknown` are the places of columns that the table does not have. `width` is the number of cells in every row.
    """

    table: Table
    width: int
    columns: tuple[Column, ...]
    places: tuple[int, ...]
    unknown: tuple[int, ...]
    notes: tuple[Note, ...]
    all_places: dict[str, int]

    def place(self, name: str) -> int:
        """Returns the place of any column of the table, read or not. -1 means that the file lacks it."""
        return self.all_places.get(name, -1)


def match_header(cells: Sequence[str], table: Table) -> Layout:
    """Raises PackageRefused with the right name of the column at fault."""
    names = [cell.strip() for cell in cells]
    for place, name in enumerate(names):
        if names_ssn(name):
            raise PackageRefused(Reason.SOCIAL_SECURITY, table.file, f"column {place + 1}")
    places, unknown = _places(names, table)
    if not places:
        raise PackageRefused(Reason.HEADER_MISSING, table.file, ", ".join(column.name for column in table.read_columns if column.required))
    _check_misspelt([names[place] for place in unknown], places, table)
    missing = [column for column in table.read_columns if column.name not in places]
    for column in missing:
        if column.required:
            raise PackageRefused(Reason.COLUMN_MISSING, table.file, column.name)
    notes = [Note(Reason.COLUMN_OPTIONAL_MISSING, table.file, column.name) for column in missing]
    notes += _notes(names, places, unknown, table)
    read = table.read_columns
    return Layout(
        table=table,
        width=len(names),
        columns=read,
        places=tuple(places.get(column.name, -1) for column in read),
        unknown=tuple(unknown),
        notes=tuple(notes),
        all_places=places,
    )


def is_separated_otherwise(row: str, table: Table) -> bool:
    """Returns whether the header is the table's, but with other separators than commas."""
    known = {name.casefold() for name in table.names}
    return any(
        sum(cell.strip().strip('"').casefold() in known for cell in row.split(mark)) > 1 for mark in OTHER_SEPARATORS
    )


def _places(names: Sequence[str], table: Table) -> tuple[dict[str, int], list[int]]:
    right = {name.casefold(): name for name in table.names}
    counted = Counter(right.get(name.casefold()) for name in names)
    for name in table.names:
        if counted[name] > 1:
            raise PackageRefused(Reason.COLUMN_DOUBLED, table.file, name)
    places = {right[name.casefold()]: place for place, name in enumerate(names) if name.casefold() in right}
    return places, [place for place, name in enumerate(names) if name.casefold() not in right]


def _check_misspelt(strangers: Sequence[str], places: dict[str, int], table: Table) -> None:
    missing = {_plain(column.name): column.name for column in table.read_columns if column.name not in places}
    for stranger in strangers:
        if not stranger.casefold().startswith(EXTENSION):
            for near in get_close_matches(_plain(stranger), missing, n=1, cutoff=LIKENESS):
                raise PackageRefused(Reason.COLUMN_MISSPELT, table.file, missing[near])


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _shown(name: str, place: int) -> str:
    """Returns a column's name. Called only if all required columns are there, so the row is a header and names no one."""
    return name if NAME.fullmatch(name) else f"column {place + 1}"


def _notes(names: Sequence[str], places: dict[str, int], unknown: Sequence[int], table: Table) -> list[Note]:
    notes = [Note(Reason.COLUMN_CASE, table.file)] if any(names[place] != right for right, place in places.items()) else []
    order = [places[name] for name in table.names if name in places]
    if order != sorted(order) or (unknown and min(unknown) < max(order)):
        notes.append(Note(Reason.COLUMN_ORDER, table.file))
    for place in unknown:
        if not names[place].casefold().startswith(EXTENSION):
            notes.append(Note(Reason.COLUMN_UNKNOWN, table.file, _shown(names[place], place)))
    return notes
