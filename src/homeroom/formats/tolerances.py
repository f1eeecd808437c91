"""Forms that the standard doesn't allow and a district may accept. All are off by default (docs/decisions/0008).

A tolerance changes columns of a table. Their cells are rewritten as the standard has them before any rule checks them.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from enum import StrEnum

from homeroom.formats.reasons import Reason
from homeroom.formats.spec import Column, Kind, Table
from homeroom.formats.values import PATTERNS, fault_of


class Tolerance(StrEnum):
    """With SLASH_DATES, the file shows the order. MONTH_FIRST and DAY_FIRST set the order, whether a file shows one or not."""

    DATE_TIMES = "date-times"
    SLASH_DATES = "slash-dates"
    MONTH_FIRST = "month-first"
    DAY_FIRST = "day-first"
    LETTER_SCORES = "letter-scores"
    BLANK_DUE_DATES = "blank-due-dates"
    NO_MANIFEST = "no-manifest"


ORDERS = (Tolerance.MONTH_FIRST, Tolerance.DAY_FIRST)
OF_DATES = (Tolerance.DATE_TIMES, Tolerance.SLASH_DATES, *ORDERS)
# Pattern and replacement, one after the other. ${1} is the first group, as in Rust.
_DATE_TIME = (r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00:00(?:\.0{1,9})?(?:Z|\+00:?00)?$", "${1}")
_PADDED = ((r"^([0-9])/([0-9]{1,2}/[0-9]{4})$", "0${1}/${2}"), (r"^([0-9]{2})/([0-9])/([0-9]{4})$", "${1}/0${2}/${3}"))
REWRITES: Mapping[Tolerance, tuple[tuple[str, str], ...]] = {
    Tolerance.DATE_TIMES: (_DATE_TIME,),
    Tolerance.MONTH_FIRST: (*_PADDED, (r"^([0-9]{2})/([0-9]{2})/([0-9]{4})$", "${3}-${1}-${2}")),
    Tolerance.DAY_FIRST: (*_PADDED, (r"^([0-9]{2})/([0-9]{2})/([0-9]{4})$", "${3}-${2}-${1}")),
}
SLASHED = r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"
LETTERS = r"[A-Za-z][A-Za-z ]{0,19}[+-]?"
# Patterns that show that a cell was rewritten.
SHOWN_BY = {Tolerance.DATE_TIMES: _DATE_TIME[0], Tolerance.MONTH_FIRST: f"^{SLASHED}$", Tolerance.DAY_FIRST: f"^{SLASHED}$"}
NOTES = {
    Tolerance.DATE_TIMES: Reason.DATE_TIME_READ,
    Tolerance.MONTH_FIRST: Reason.DATE_MONTH_FIRST,
    Tolerance.DAY_FIRST: Reason.DATE_DAY_FIRST,
    Tolerance.LETTER_SCORES: Reason.SCORE_LETTERS,
    Tolerance.BLANK_DUE_DATES: Reason.DUE_DATE_BLANK,
}


def tolerant(table: Table, chosen: Collection[Tolerance]) -> Table:
    """Returns the table with the forms that the district accepts."""
    return replace(table, columns=tuple(_tolerant(table, column, chosen) for column in table.columns)) if chosen else table


def in_order(table: Table, order: Tolerance | None) -> Table:
    """Returns the table with the order of month and day that its file shows. None means that its file shows both."""
    return replace(table, columns=tuple(replace(each, reads=_ordered(each, order)) for each in table.columns))


def has_slash_dates(table: Table) -> bool:
    """Returns whether the order of month and day must be found in the file."""
    return any(Tolerance.SLASH_DATES in column.reads for column in table.columns)


def read_as(column: Column, cell: str) -> tuple[str, Tolerance | None]:
    """Returns the cell as the standard writes it, and what let it pass."""
    for tolerance in column.reads:
        if tolerance in SHOWN_BY and re.match(SHOWN_BY[Tolerance(tolerance)], cell):
            for pattern, becomes in REWRITES[Tolerance(tolerance)]:
                cell = re.sub(pattern, becomes.replace("${", r"\g<").replace("}", ">"), cell)
            return cell, Tolerance(tolerance)
    return cell, None


def cure_of(table: Table, column: Column, cell: str) -> Tolerance | None:
    """Returns what would let a refused cell pass, if the district chose it."""
    if column.kind is Kind.DATE:
        if not cell.strip():
            return Tolerance.BLANK_DUE_DATES if _is_due_date(table, column) else None
        for tolerance in (Tolerance.DATE_TIMES, Tolerance.MONTH_FIRST, Tolerance.DAY_FIRST):
            rewritten, used = read_as(replace(column, reads=(tolerance,)), cell)
            if used and not fault_of(column, rewritten):
                return Tolerance.SLASH_DATES if tolerance in ORDERS else tolerance
    return Tolerance.LETTER_SCORES if _is_score(table, column) and re.fullmatch(LETTERS, cell.strip()) else None


def is_number(cell: str) -> bool:
    return re.fullmatch(PATTERNS[Kind.NUMBER], cell) is not None


def _tolerant(table: Table, column: Column, chosen: Collection[Tolerance]) -> Column:
    if Tolerance.LETTER_SCORES in chosen and _is_score(table, column):
        return replace(column, kind=Kind.TEXT, reads=(Tolerance.LETTER_SCORES,))
    if column.kind is not Kind.DATE:
        return column
    reads = [each for each in (Tolerance.DATE_TIMES, Tolerance.SLASH_DATES) if each in chosen]
    if Tolerance.SLASH_DATES in chosen and (answered := [each for each in ORDERS if each in chosen]):
        reads[reads.index(Tolerance.SLASH_DATES)] = answered[0]
    if Tolerance.BLANK_DUE_DATES in chosen and _is_due_date(table, column):
        return replace(column, required=False, reads=(*reads, Tolerance.BLANK_DUE_DATES))
    return replace(column, reads=tuple(reads))


def _ordered(column: Column, order: Tolerance | None) -> tuple[str, ...]:
    found = (order if each == Tolerance.SLASH_DATES else each for each in column.reads)
    return tuple(each for each in found if each is not None)


def _is_score(table: Table, column: Column) -> bool:
    """Returns whether letters may be in this column. OneRoster 1.2 has textScore for them."""
    return (table.stem, column.name) == ("results", "score") and "textScore" not in table.names


def _is_due_date(table: Table, column: Column) -> bool:
    return (table.stem, column.name) == ("lineItems", "dueDate")
