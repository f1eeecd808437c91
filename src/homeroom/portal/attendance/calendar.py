"""What a day's marks come to, by the district's setting of its codes.

A code nobody mapped is "recorded", never absent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.portal.attendance.models import Excuse, Presence

# What a day is called when its marks differ: the first of these that any mark says.
HEAVIEST = (Presence.ABSENT, Presence.TARDY, Presence.LEFT_EARLY, Presence.RECORDED, Presence.PRESENT)


@dataclass(frozen=True, slots=True)
class Meaning:
    presence: Presence
    excuse: Excuse


UNMAPPED = Meaning(Presence.RECORDED, Excuse.UNKNOWN)
type Codes = Mapping[tuple[str, str], Meaning]


def meaning(status: str, excuse_code: str, codes: Codes) -> Meaning:
    """The setting for status and excuse together, else the status's own, else: recorded."""
    status, excuse_code = status.strip().casefold(), excuse_code.strip().casefold()
    return codes.get((status, excuse_code)) or codes.get((status, "")) or UNMAPPED


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a day. periods: of the classes it is about; empty for the whole day."""

    day: date
    meaning: Meaning
    is_whole_day: bool
    periods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """is_all: every mark of the day says the same presence, or the mark is of the whole day."""

    day: date
    presence: Presence
    excuse: Excuse
    is_all: bool
    periods: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return self.presence is not Presence.PRESENT

    @property
    def is_excused(self) -> bool:
        return self.excuse is Excuse.EXCUSED

    @property
    def needs_reason(self) -> bool:
        return self.presence is Presence.ABSENT and self.excuse is Excuse.UNKNOWN


def day_of(marks: Sequence[Mark]) -> Day:
    """All marks of one day. Excused only where every mark of the day's presence is; unexcused where one of them is."""
    presence = next(p for p in HEAVIEST if any(mark.meaning.presence is p for mark in marks))
    these = [mark for mark in marks if mark.meaning.presence is presence]
    excuses = {mark.meaning.excuse for mark in these}
    excuse = next(e for e in (Excuse.UNEXCUSED, Excuse.UNKNOWN, Excuse.EXCUSED) if e in excuses)
    is_all = len(these) == len(marks) or any(mark.is_whole_day for mark in these)
    periods = dict.fromkeys(period for mark in these for period in mark.periods)
    return Day(marks[0].day, presence, excuse, is_all, tuple(sorted(periods, key=period_order)))


def days_of(marks: Iterable[Mark]) -> list[Day]:
    """Oldest first."""
    by_day: dict[date, list[Mark]] = {}
    for mark in marks:
        by_day.setdefault(mark.day, []).append(mark)
    return [day_of(by_day[day]) for day in sorted(by_day)]


@dataclass(frozen=True, slots=True)
class Totals:
    absent: int
    excused: int
    late: int
    left_early: int
    recorded: int
    school_days: int | None  # None where the district sends only what differs, so nobody can know


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
    """2 before 10, letters after numbers."""
    return (int(period), "") if period.isdecimal() else (10_000, period)


def runs(periods: Sequence[str]) -> list[tuple[str, str]]:
    """1 2 3 5 → (1, 3), (5, 5): neighbours among numbered periods are joined."""
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
