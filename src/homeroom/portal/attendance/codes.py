"""Codes that the district's files sent and what they mean. Pure, without pages.

A code is a status with an excuse code. Spellings that differ only in capitals or spaces are one code, as calendar.meaning reads them.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from homeroom.portal.attendance.calendar import Codes, Meaning, meaning
from homeroom.portal.attendance.models import Excuse

UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}  # categories of characters that are invisible or change the direction of the line

type Code = tuple[str, str]  # status, excuse code, both folded


def folded(status: str, excuse_code: str) -> Code:
    return status.strip().casefold(), excuse_code.strip().casefold()


def name_of(code: Code) -> str:
    """Returns a name for a form's field. A browser changes line ends and other characters in the words themselves."""
    return sha256("\0".join(code).encode()).hexdigest()[:16]


def shown(word: str) -> str:
    """Shows an invisible character by its number, so that two codes never look the same."""
    return "".join(f"[U+{ord(letter):04X}]" if unicodedata.category(letter) in UNSEEN else letter for letter in word)


@dataclass(frozen=True, slots=True)
class Met:
    """One code. `spellings` are as files sent them. `marks` counts from the start of the school year. `last` None means that no file has sent it."""

    code: Code
    spellings: tuple[tuple[str, str], ...] = ()
    marks: int = 0
    last: date | None = None

    @property
    def as_sent(self) -> tuple[str, str]:
        """Returns the code with the capitals of a file, if a file sent it."""
        return min(self.spellings, default=self.code)


def own_or_default(code: Code, codes: Codes) -> Meaning | None:
    return codes.get(code) or codes.get((code[0], ""))


def joined(found: Iterable[tuple[str, str, date, int]]) -> dict[Code, Met]:
    """Joins rows of status, excuse code, last day and number of marks. Each row is one spelling."""
    met: dict[Code, Met] = {}
    for status, excuse_code, last, marks in found:
        code = folded(status, excuse_code)
        before = met.get(code, Met(code))
        days = [day for day in (before.last, last) if day]
        met[code] = Met(code, (*before.spellings, (status, excuse_code)), before.marks + marks, max(days))
    return met


def is_open(code: Code, codes: Codes) -> bool:
    """Returns whether the code has no meaning. An excuse code needs its own meaning, or a status that says whether it is excused."""
    found = own_or_default(code, codes)
    return found is None or (code not in codes and found.excuse is Excuse.UNKNOWN)


def unmapped(found: Iterable[Code], codes: Codes) -> list[Code]:
    return [code for code in found if is_open(code, codes)]


def listed(met: Mapping[Code, Met], codes: Codes) -> list[Met]:
    """Returns codes without a meaning, then those with their status's meaning, then the others, the most frequent first. It adds a status whose codes
    differ only by excuse, so that all can get one meaning. It also adds meanings that no file uses.
    """
    alone = {(status, "") for status, _excuse in unmapped(met, codes)}
    every = {code: Met(code) for code in alone | set(codes)} | dict(met)

    def order(each: Met) -> tuple[bool, bool, int, Code]:
        return not is_open(each.code, codes), each.code in codes, -each.marks, each.code

    return sorted(every.values(), key=order)


def read_otherwise(met: Iterable[Met], before: Codes, after: Codes) -> list[tuple[Met, Meaning, Meaning]]:
    """Returns each code whose meaning changes, by its own setting or by its status's."""
    both = [(each, meaning(*each.code, before), meaning(*each.code, after)) for each in met]
    return [(each, old, new) for each, old, new in both if old != new]
