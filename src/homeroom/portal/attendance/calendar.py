"""The result of a day's marks, by the district's setting of its codes.

A code without a meaning is "recorded", never absent.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from homeroom.portal.attendance.models import Excuse, Presence

# A day with different marks is named by the first of these that any mark has.
HEAVIEST = (Presence.ABSENT, Presence.TARDY, Presence.LEFT_EARLY, Presence.RECORDED, Presence.PRESENT)
LEAST_EXCUSED = (Excuse.UNEXCUSED, Excuse.UNKNOWN, Excuse.EXCUSED)
CODED = {Presence.ABSENT, Presence.TARDY, Presence.LEFT_EARLY}  # a family reads a reason for these
EXCUSED = re.compile(r"\bexcused\b")


@dataclass(frozen=True, slots=True)
class Meaning:
    """`on_file`: the file has a code for the reason, and the district has not said what it means. It is never part of a setting."""

    presence: Presence
    excuse: Excuse
    on_file: bool = False


UNMAPPED = Meaning(Presence.RECORDED, Excuse.UNKNOWN)
type Codes = Mapping[tuple[str, str], Meaning]


def meaning(status: str, excuse_code: str, codes: Codes) -> Meaning:
    """Returns the setting for status and excuse together, else the status's own, else recorded."""
    status, excuse_code = status.strip().casefold(), excuse_code.strip().casefold()
    own = codes.get((status, excuse_code))
    found = own or codes.get((status, "")) or UNMAPPED
    if found.excuse is not Excuse.UNKNOWN or found.presence not in CODED:
        return found
    return replace(found, on_file=True) if (excuse_code and own is None) or EXCUSED.search(status) else found


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a day. `periods` are those of the mark's classes. It is empty for the whole day."""

    day: date
    meaning: Meaning
    is_whole_day: bool
    periods: tuple[str, ...]
    statements: tuple[str, ...] = ()  # of the family


@dataclass(frozen=True, slots=True)
class Part:
    """A day's marks with one meaning. `is_all`: they cover the whole day or every period of it."""

    presence: Presence
    excuse: Excuse
    on_file: bool
    is_all: bool
    periods: tuple[str, ...]
    statements: tuple[str, ...] = ()

    @property
    def is_excused(self) -> bool:
        return self.excuse is Excuse.EXCUSED

    @property
    def needs_reason(self) -> bool:
        return self.presence is Presence.ABSENT and self.excuse is Excuse.UNKNOWN and not self.on_file


@dataclass(frozen=True, slots=True)
class Day:
    """`parts` begins with the heaviest one, which decides how the day is counted."""

    day: date
    parts: tuple[Part, ...]

    @property
    def presence(self) -> Presence:
        return self.parts[0].presence

    @property
    def is_excused(self) -> bool:
        return self.parts[0].is_excused

    @property
    def differs(self) -> bool:
        return self.presence is not Presence.PRESENT

    @property
    def differing(self) -> list[Part]:
        return [part for part in self.parts if part.presence is not Presence.PRESENT]

    @property
    def needs_reason(self) -> bool:
        return any(part.needs_reason for part in self.parts)


def day_of(marks: Sequence[Mark], *, has_every_period: bool = False) -> Day:
    """Returns the day of these marks. `has_every_period`: the district also sends periods with a student present, so these are all periods."""
    by_meaning: dict[Meaning, list[Mark]] = {}
    for mark in marks:
        by_meaning.setdefault(mark.meaning, []).append(mark)
    is_whole = has_every_period and len(by_meaning) == 1
    parts = [part_of(meaning, these, is_all=is_whole) for meaning, these in by_meaning.items()]
    return Day(marks[0].day, tuple(sorted(parts, key=lambda part: (HEAVIEST.index(part.presence), LEAST_EXCUSED.index(part.excuse), part.on_file))))


def part_of(meaning: Meaning, marks: Sequence[Mark], *, is_all: bool) -> Part:
    periods = dict.fromkeys(period for mark in marks for period in mark.periods)
    is_all = is_all or any(mark.is_whole_day for mark in marks)
    stated = tuple(said for mark in marks for said in mark.statements)
    return Part(meaning.presence, meaning.excuse, meaning.on_file, is_all, tuple(sorted(periods, key=period_order)), stated)


def days_of(marks: Iterable[Mark]) -> list[Day]:
    """Returns the days of the marks, oldest first."""
    by_day: dict[date, list[Mark]] = {}
    for mark in marks:
        by_day.setdefault(mark.day, []).append(mark)
    sends_present = any(m.meaning.presence is Presence.PRESENT and not m.is_whole_day for of_day in by_day.values() for m in of_day)
    return [day_of(by_day[day], has_every_period=sends_present) for day in sorted(by_day)]


@dataclass(frozen=True, slots=True)
class Totals:
    absent: int
    excused: int
    late: int
    left_early: int
    recorded: int
    school_days: int | None  # None if the district sends only what differs, because the number is unknown then


def totals(days: Sequence[Day]) -> Totals:
    def number(presence: Presence) -> int:
        return sum(day.presence is presence for day in days)

    excused = sum(day.presence is Presence.ABSENT and day.is_excused for day in days)
    knows = any(day.presence is Presence.PRESENT for day in days)
    return Totals(
        absent=number(Presence.ABSENT) - excused,
        excused=excused,
        late=number(Presence.TARDY),
        left_early=number(Presence.LEFT_EARLY),
        recorded=number(Presence.RECORDED),
        school_days=len(days) if knows else None,
    )


def period_order(period: str) -> tuple[int, str]:
    """Sorts 2 before 10, and letters after numbers."""
    return (int(period), "") if period.isdecimal() else (10_000, period)


def runs(periods: Sequence[str]) -> list[tuple[str, str]]:
    """Returns 1 2 3 5 as (1, 3), (5, 5). It joins neighboring numbers."""
    found: list[tuple[str, str]] = []
    for period in periods:
        before = found[-1][1] if found else ""
        if before.isdecimal() and period.isdecimal() and int(period) == int(before) + 1:
            found[-1] = (found[-1][0], period)
        else:
            found.append((period, period))
    return found


def monday(of: date) -> date:
    return of - timedelta(days=of.weekday())
