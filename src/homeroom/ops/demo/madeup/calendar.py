"""The school year around a day: terms, holidays and the days that school was kept.

A year begins in mid-August, as in California. Near a term's beginning there would be nothing to show, so there the
whole year is moved until some weeks of it are past.
"""

from dataclasses import dataclass
from datetime import date, timedelta

WEEKS_NEEDED = 7
WEEKS_MOVED = 13
YEAR_WEEKS, FALL_WEEKS = 43, 18
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class TermDates:
    """`end` is exclusive, as OneRoster has it."""

    key: str
    title: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """`days` are those on which school was kept before the day of the export."""

    terms: tuple[TermDates, TermDates]
    days: tuple[date, ...]

    @property
    def start(self) -> date:
        return self.terms[0].start

    @property
    def end(self) -> date:
        return self.terms[1].end

    @property
    def last_school_day(self) -> date:
        return self.days[-1]

    @property
    def ends_in(self) -> int:
        return self.end.year

    def term_of(self, day: date) -> TermDates:
        return self.terms[0] if day < self.terms[0].end else self.terms[1]


def school_year(as_of: date) -> SchoolYear:
    """Of an export made on `as_of`; that day itself has not been taught yet."""
    start = _usual_start(as_of)
    middle = start + FALL_WEEKS * WEEK
    titles = ("Fall term", "Spring term")
    into = as_of - (start if as_of < middle else middle)
    if into < WEEKS_NEEDED * WEEK or as_of >= start + YEAR_WEEKS * WEEK:
        start, titles = _monday(as_of - WEEKS_MOVED * WEEK), ("First term", "Second term")
    middle = start + FALL_WEEKS * WEEK
    terms = (
        TermDates("T1", titles[0], start, middle),
        TermDates("T2", titles[1], middle, start + YEAR_WEEKS * WEEK),
    )
    return SchoolYear(terms, tuple(school_days(start, as_of)))


def school_days(start: date, end: date) -> list[date]:
    days = (start + offset * DAY for offset in range((end - start).days))
    return [day for day in days if day.weekday() < 5 and not is_holiday(day)]


def is_holiday(day: date) -> bool:
    thanksgiving = _nth_weekday(day.year, 11, 3, 4)
    winter = day >= _monday(date(day.year, 12, 22)) or day <= date(day.year, 1, 4)
    return (
        winter
        or day == _nth_weekday(day.year, 9, 0, 1)
        or day == date(day.year, 11, 11)
        or thanksgiving - DAY <= day <= thanksgiving + DAY
        or day == _nth_weekday(day.year, 1, 0, 3)
        or day == _nth_weekday(day.year, 2, 0, 3)
        or day == date(day.year, 6, 19)
        or day == date(day.year, 7, 4)
    )


def _usual_start(as_of: date) -> date:
    year = as_of.year if as_of >= _nth_weekday(as_of.year, 8, 0, 3) else as_of.year - 1
    return _nth_weekday(year, 8, 0, 3)


def _monday(day: date) -> date:
    return day - day.weekday() * DAY


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7) * DAY + (nth - 1) * WEEK
