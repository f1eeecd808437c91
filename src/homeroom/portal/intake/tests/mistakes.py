"""Mistakes that real exports make in one row, and the reasons for which the row may be left out."""

from collections.abc import Callable, Sequence
from random import Random

from homeroom.formats.reasons import Reason
from homeroom.formats.spec import Column, Kind
from homeroom.portal.intake.tests.crowded import CANARY
from homeroom.portal.intake.tests.sheet import Sheet, Spoilt, line_of

type Mistake = Callable[[Sheet, Random], bool]  # returns whether the file allows the mistake

LOOSE = ("parentSourcedId", "agentSourcedIds", "Contact_sis_id")  # may refer to a row that doesn't exist


def in_cell(columns: Callable[[Sheet], list[Column]], values: Sequence[str], *reasons: Reason) -> Mistake:
    """Writes an invalid value in one cell."""

    def spoil(sheet: Sheet, chance: Random) -> bool:
        if not (able := columns(sheet)):
            return False
        column, row = chance.choice(able), sheet.pick(chance)
        sheet.spoilt[row] = Spoilt(frozenset(reasons), column.name, column.name in sheet.table.key)
        sheet.rows[row] = [*sheet.rows[row]]
        sheet.rows[row][sheet.place(column.name)] = chance.choice(values)
        return True

    return spoil


def in_line(write: Callable[[Sheet, Random, list[str]], tuple[bytes, int]], *reasons: Reason) -> Mistake:
    """Writes the row in another way. `write` returns the line and the cell before which it went wrong."""

    def spoil(sheet: Sheet, chance: Random) -> bool:
        row = sheet.pick(chance)
        line, place = write(sheet, chance, sheet.rows[row])
        is_lost = place <= max(sheet.place(name) for name in sheet.table.key)
        sheet.written[row], sheet.spoilt[row] = line, Spoilt(frozenset(reasons), is_lost=is_lost)
        return True

    return spoil


def required(sheet: Sheet) -> list[Column]:
    return [column for column in sheet.table.read_columns if column.required]


def of_kind(*kinds: Kind) -> Callable[[Sheet], list[Column]]:
    return lambda sheet: sheet.columns(*kinds)


def references(sheet: Sheet) -> list[Column]:
    return [column for column in sheet.table.read_columns if column.refers_to and column.name not in LOOSE and column.name != "sourcedId"
            and not (sheet.table.stem == "results" and column.name == "classSourcedId")]  # fmt: skip


def cut(_sheet: Sheet, chance: Random, cells: list[str]) -> tuple[bytes, int]:
    kept = chance.randrange(1, len(cells))
    return line_of(cells[:kept]), kept


def without_a_cell(_sheet: Sheet, chance: Random, cells: list[str]) -> tuple[bytes, int]:
    place = chance.randrange(len(cells))
    return line_of([*cells[:place], *cells[place + 1 :]]), place


def with_a_cell(_sheet: Sheet, chance: Random, cells: list[str]) -> tuple[bytes, int]:
    place = chance.randrange(len(cells) + 1)
    return line_of([*cells[:place], CANARY, *cells[place:]]), place


def written_in(mark: bytes, *, at_start: bool) -> Callable[[Sheet, Random, list[str]], tuple[bytes, int]]:
    """Puts the mark in a cell, or before it."""

    def write(_sheet: Sheet, chance: Random, cells: list[str]) -> tuple[bytes, int]:
        able = [place for place, each in enumerate(cells[:-1]) if each and not {*each} & {*',"'}]  # not the last cell, which would still be whole
        place = chance.choice(able)
        pieces = [line_of([each]) if each else b"" for each in cells]
        middle = 0 if at_start else max(1, len(pieces[place]) // 2)
        pieces[place] = pieces[place][:middle] + mark + pieces[place][middle:]
        return b",".join(pieces), place

    return write


def doubled(sheet: Sheet, chance: Random) -> bool:
    """Repeats a key with another value in one column. The first row stays."""
    row = sheet.pick(chance)
    place = chance.choice([sheet.place(column.name) for column in sheet.table.columns if column.name not in sheet.table.key])
    twin = [*sheet.rows[row]]
    column = sheet.table.columns[place]
    twin[place] = f"{twin[place]} {CANARY}" if column.kind is Kind.TEXT else twin[place]
    sheet.rows.append(twin)
    sheet.spoilt[len(sheet.rows) - 1] = Spoilt(frozenset({Reason.ID_DOUBLED}), sheet.table.key[0])
    return True


def reversed_dates(sheet: Sheet, chance: Random) -> bool:
    if not sheet.table.spans:
        return False
    begin, end = sheet.table.spans[0]
    row = sheet.pick(chance)
    sheet.rows[row] = [*sheet.rows[row]]
    sheet.rows[row][sheet.place(begin)], sheet.rows[row][sheet.place(end)] = "2026-12-01", "2026-11-01"
    sheet.spoilt[row] = Spoilt(frozenset({Reason.DATES_REVERSED}), end)
    return True


def closed_words(sheet: Sheet) -> list[Column]:
    return sheet.columns(Kind.WORD)


IN_ROWS: dict[str, Mistake] = {
    "a row cut off": in_line(cut, Reason.ROW_SHORT),
    "a cell less": in_line(without_a_cell, Reason.ROW_SHORT),
    "a cell more": in_line(with_a_cell, Reason.ROW_LONG),
    "a quotation mark not closed": in_line(written_in(b'"', at_start=True), Reason.QUOTE_UNCLOSED),
    "a stray quotation mark": in_line(written_in(b'"', at_start=False), Reason.QUOTE_STRAY),
    "a NUL": in_line(written_in(b"\0", at_start=False), Reason.NUL),
    "a lone CR": in_line(written_in(b"\r", at_start=False), Reason.ROW_SHORT),
    "a blank where none may be": in_cell(required, ["", "  "], Reason.REQUIRED),
    "no identifier": in_cell(of_kind(Kind.GUID), [f'{CANARY}"', "ñ", f"{CANARY},{CANARY}"], Reason.ID_FORM),
    "another word": in_cell(closed_words, [CANARY, "yes", "1"], Reason.WORD_UNKNOWN),
    "points to nowhere": in_cell(references, [f"{CANARY}-nowhere"], Reason.REFERENCE_DANGLING),
    "a day that is none": in_cell(of_kind(Kind.DATE), ["2026-02-30", "2026-13-01"], Reason.DATE_IMPOSSIBLE),
    "an American day": in_cell(of_kind(Kind.DATE), ["10/06/2026", "6.10.2026", "20261006", CANARY], Reason.DATE_FORM),
    "a day long ago": in_cell(of_kind(Kind.DATE), ["0026-10-06", "9999-12-31"], Reason.DATE_RANGE),
    "no number": in_cell(of_kind(Kind.NUMBER), ["A+", "NaN", "inf", "1,5", CANARY], Reason.NUMBER_FORM),
    "a number beyond all": in_cell(of_kind(Kind.NUMBER), ["1e400", "-1e12", "1e12"], Reason.NUMBER_RANGE),
    "no scale": in_cell(of_kind(Kind.SCALE), [CANARY, "{A}"], Reason.SCALE_FORM),
    "no school year": in_cell(of_kind(Kind.YEAR), ["26", "2025-2027", CANARY], Reason.YEAR_FORM),
    "dates reversed": reversed_dates,
    "a row twice": doubled,
}
