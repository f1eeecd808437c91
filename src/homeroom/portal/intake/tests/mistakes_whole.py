"""Mistakes in whole files. Each one keeps the file from being applied, or changes nothing."""

from collections.abc import Callable, Mapping
from enum import Enum
from random import Random

from homeroom.formats.spec import Kind
from homeroom.portal.intake.tests.crowded import CANARY
from homeroom.portal.intake.tests.sheet import Sheet


class Fate(Enum):
    KEPT = "held or refused, and nothing changed"
    SAME = "imported as the good file"
    EITHER = "one of these two"


type Whole = Callable[[Sheet, Random], Fate | None]  # None if the file doesn't allow the mistake


def no_header(sheet: Sheet, _chance: Random) -> Fate:
    sheet.convert = lambda content: content[content.index(b"\n") + 1 :]
    return Fate.KEPT


def _rename(sheet: Sheet, old: str, new: str) -> None:
    sheet.header[sheet.place(old)] = new


def column_missing(sheet: Sheet, chance: Random) -> Fate:
    _drop(sheet, chance.choice([column.name for column in sheet.table.read_columns if column.required]))
    return Fate.KEPT


def optional_column_missing(sheet: Sheet, chance: Random) -> Fate | None:
    names = [column.name for column in sheet.table.read_columns if not column.required]
    if names:
        _drop(sheet, chance.choice(names))
    return Fate.EITHER if names else None


def _drop(sheet: Sheet, name: str) -> None:
    place = sheet.place(name)
    del sheet.header[place]
    for row in sheet.rows:
        del row[place]


def column_misspelt(sheet: Sheet, chance: Random) -> Fate:
    name = chance.choice([each for each in sheet.table.read_columns if len(each.name) > 4]).name
    _rename(sheet, name, chance.choice([name[:-1], f"{name[:2]} {name[2:]}", name + "s", name[:2] + name[1:]]))
    return Fate.KEPT


def column_doubled(sheet: Sheet, chance: Random) -> Fate:
    one, other = chance.sample(sheet.header, 2)
    _rename(sheet, one, other)
    return Fate.KEPT


def columns_reordered(sheet: Sheet, chance: Random) -> Fate:
    order = chance.sample(range(len(sheet.header)), len(sheet.header))
    sheet.header = [sheet.header[place] for place in order]
    sheet.rows = [[row[place] for place in order] for row in sheet.rows]
    return Fate.SAME


def header_alone_reordered(sheet: Sheet, chance: Random) -> Fate:
    one, other = chance.sample([column.name for column in sheet.table.read_columns], 2)
    sheet.rows = [[*row] for row in sheet.rows]
    places = sheet.place(one), sheet.place(other)
    sheet.header[places[0]], sheet.header[places[1]] = other, one
    return Fate.EITHER


def column_blank(sheet: Sheet, chance: Random) -> Fate:
    place = sheet.place(chance.choice(sheet.table.read_columns).name)
    for row in sheet.rows:
        row[place] = ""
    return Fate.EITHER


def cells_shifted_left(sheet: Sheet, chance: Random) -> Fate:
    place = chance.randrange(len(sheet.header) - 1)
    sheet.rows = [[*row[:place], *row[place + 1 :], ""] for row in sheet.rows]
    return Fate.EITHER


def cells_shifted_right(sheet: Sheet, chance: Random) -> Fate:
    place = chance.randrange(len(sheet.header) - 1)
    sheet.rows = [[*row[:place], "", *row[place:-1]] for row in sheet.rows]
    return Fate.EITHER


def converted(fate: Fate, convert: Callable[[str], bytes]) -> Whole:
    def spoil(sheet: Sheet, _chance: Random) -> Fate:
        sheet.convert = lambda content: convert(content.decode())
        return fate

    return spoil


def _by_turns(text: str) -> bytes:
    return b"".join(line.encode(("cp1252", "utf-8")[number % 2]) for number, line in enumerate(text.splitlines(keepends=True)))


def empty(sheet: Sheet, _chance: Random) -> Fate:
    sheet.rows = []
    return Fate.KEPT


def half(sheet: Sheet, _chance: Random) -> Fate:
    sheet.convert = lambda content: content[: len(content) // 2]
    return Fate.KEPT


def of_harbor(sheet: Sheet, _chance: Random) -> Fate:
    """Writes the neighboring district's rows. Nothing in them is known here."""
    keyed = [place for place, column in enumerate(sheet.table.columns) if column.kind in (Kind.GUID, Kind.GUIDS)]
    for row in sheet.rows:
        for place in keyed:
            row[place] = row[place].replace(CANARY, f"{CANARY}-harbor")
    return Fate.KEPT


WHOLE: Mapping[str, Whole] = {
    "no header": no_header,
    "a column missing": column_missing,
    "a column missing that may": optional_column_missing,
    "a column misspelt": column_misspelt,
    "a column twice": column_doubled,
    "the header alone in another order": header_alone_reordered,
    "a column blank": column_blank,
    "cells shifted left": cells_shifted_left,
    "cells shifted right": cells_shifted_right,
    "UTF-16": converted(Fate.KEPT, lambda text: text.encode("utf-16")),
    "UTF-16 without a mark": converted(Fate.KEPT, lambda text: text.encode("utf-16-le")),
    "nothing": converted(Fate.KEPT, lambda _text: b""),
    "emptied": empty,
    "half a file": half,
    "Harbor's": of_harbor,
}


HARMLESS: Mapping[str, Whole] = {
    "columns in another order": columns_reordered,
    "a byte-order mark": converted(Fate.SAME, lambda text: b"\xef\xbb\xbf" + text.encode()),
    "Latin-1": converted(Fate.SAME, lambda text: text.encode("cp1252")),
    "Latin-1 and UTF-8 by turns": converted(Fate.SAME, _by_turns),
    "lines ended by CR": converted(Fate.SAME, lambda text: text.replace("\r\n", "\r").encode()),
    "lines ended by LF": converted(Fate.SAME, lambda text: text.replace("\r\n", "\n").encode()),
}
