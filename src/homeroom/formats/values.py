"""The rules for one cell. A fault refuses its row, and a remark is reported once per file.

The fast path uses the same patterns, so they use only what Python's and Rust's regular expressions share. Anchor both ends.
"""

import re
from collections.abc import Callable
from datetime import date

from homeroom.formats.columns import ENDED_WORDS
from homeroom.formats.reasons import Reason
from homeroom.formats.spec import Column, Kind

# The standard's characters, and those that pass with a remark because real exports send them (PS:12, Room 4).
STRICT_ID = r"[0-9A-Za-z./@_\-]{1,255}"
LENIENT_ID = r"[!#-+\--~](?:[ !#-+\--~]{0,253}[!#-+\--~])?"
PAIR = r"\{[^{}:]*:[^{}]*\}"
PATTERNS: dict[Kind, str] = {
    Kind.GUID: LENIENT_ID,
    Kind.GUIDS: rf"{LENIENT_ID}(?: *, *{LENIENT_ID})*",
    Kind.DATE: r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    Kind.DATETIME: r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    Kind.YEAR: r"[0-9]{4}(?:-(?:[0-9]{4}|[0-9]{2}))?",
    Kind.NUMBER: r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?",  # no NaN, no inf, no 1e99999
    Kind.SCALE: rf"{PAIR}(?: *, *{PAIR})*",
}
STRICT_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z"
EXTENSION = r"ext:[a-zA-Z0-9.\-_]+"
JOINTS = str.maketrans("", "", " _-")  # in a word: fully_graded, Not-Submitted
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
GRADES = ("IT", "PR", "PK", "TK", "KG", *(f"{grade:02}" for grade in range(1, 14)), "PS", "UG", "Other")
GRADE_ALIASES = {"k": "KG", "0": "KG", "00": "KG", "-1": "PK", "p": "PK", "other": "Other"} | {
    str(grade): f"{grade:02}" for grade in range(1, 14)
}

_COMPILED = {kind: re.compile(pattern) for kind, pattern in PATTERNS.items()}
_STRICT = re.compile(STRICT_ID)
_EXTENSION = re.compile(EXTENSION)
_STRICT_TIME = re.compile(STRICT_TIME)
_PAIR = re.compile(PAIR)


def fault_of(column: Column, cell: str) -> Reason | None:
    """Returns why the row can't be read. A blank cell is a fault only if a value is required."""
    if not cell or cell.isspace():
        return Reason.REQUIRED if column.required else None
    test = _FAULTS.get(column.kind)
    return test(column, cell) if test else None


def remark_of(column: Column, cell: str) -> Reason | None:
    """Returns what was accepted although the standard writes it differently. Only for a cell without a fault."""
    if not cell:
        return None
    ids = [cell] if column.kind is Kind.GUID else ids_in(cell) if column.kind is Kind.GUIDS else []
    if not all(map(_STRICT.fullmatch, ids)):
        return Reason.ID_CHARACTERS
    if column.kind is Kind.DATETIME and not _STRICT_TIME.fullmatch(cell):
        return Reason.TIME_LOOSE
    if column.kind is Kind.YEAR and "-" in cell:
        return Reason.YEAR_SPAN
    if column.kind is Kind.WORD and cell not in column.enum and not _EXTENSION.fullmatch(cell):
        return Reason.WORD_CASE
    if column.kind is Kind.GRADES and any(level not in GRADES for level in grade_levels(cell)):
        return Reason.GRADE_UNKNOWN
    return None


def ids_in(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(",") if part.strip()]


def plain_word(column: Column, cell: str) -> str:
    """Returns the standard's own form of a word that has other capital letters or joints."""
    folded = _folded(cell)
    return next((word for word in column.enum if _folded(word) == folded), cell)


def says_ended(status: str) -> bool:
    return _folded(status) in ENDED_WORDS


def _folded(word: str) -> str:
    return word.strip().casefold().translate(JOINTS)


def school_year(cell: str) -> int:
    """Returns the year in which it ends: 2026 for 2026, 2025-2026 and 2025-26."""
    return int(cell[:2] + cell[-2:]) if "-" in cell else int(cell)


def grade_levels(cell: str) -> list[str]:
    """Returns CEDS codes if they are known (7 is 07, K is KG), and other words as they are."""
    known = {grade.casefold(): grade for grade in GRADES} | GRADE_ALIASES
    return [known.get(part.casefold(), part) for part in ids_in(cell)]


def scale_pairs(cell: str) -> list[tuple[str, str]]:
    pairs = (pair[1:-1].partition(":") for pair in _PAIR.findall(cell))
    return [(left.strip(), right.strip()) for left, _, right in pairs]


def _shape(reason: Reason) -> Callable[[Column, str], Reason | None]:
    def fault(column: Column, cell: str) -> Reason | None:
        return None if _COMPILED[column.kind].fullmatch(cell) else reason

    return fault


def _date(_column: Column, cell: str) -> Reason | None:
    if not _COMPILED[Kind.DATE].fullmatch(cell):
        return Reason.DATE_FORM
    try:
        value = date.fromisoformat(cell)
    except ValueError:
        return Reason.DATE_IMPOSSIBLE
    return None if FIRST_DAY <= value <= LAST_DAY else Reason.DATE_RANGE


def _year(_column: Column, cell: str) -> Reason | None:
    if not _COMPILED[Kind.YEAR].fullmatch(cell):
        return Reason.YEAR_FORM
    if "-" in cell and school_year(cell) != int(cell[:4]) + 1:
        return Reason.YEAR_FORM
    return None if FIRST_DAY.year <= school_year(cell) <= LAST_DAY.year else Reason.DATE_RANGE


def _word(column: Column, cell: str) -> Reason | None:
    if cell in column.enum or plain_word(column, cell) in column.enum:
        return None
    return None if column.is_open and _EXTENSION.fullmatch(cell) else Reason.WORD_UNKNOWN


def _number(column: Column, cell: str) -> Reason | None:
    if not _COMPILED[Kind.NUMBER].fullmatch(cell):
        return Reason.NUMBER_FORM
    value = float(cell)
    if column.least is not None and value < column.least:
        return Reason.NUMBER_RANGE
    return Reason.NUMBER_RANGE if column.most is not None and value > column.most else None


_FAULTS: dict[Kind, Callable[[Column, str], Reason | None]] = {
    Kind.GUID: _shape(Reason.ID_FORM),
    Kind.GUIDS: _shape(Reason.ID_FORM),
    Kind.DATE: _date,
    Kind.DATETIME: _shape(Reason.DATETIME_FORM),
    Kind.YEAR: _year,
    Kind.WORD: _word,
    Kind.NUMBER: _number,
    Kind.SCALE: _shape(Reason.SCALE_FORM),
}
