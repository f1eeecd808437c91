"""Days and times as a family reads them: "Mon, Nov 23", "6:12 p.m.". A day and a time each stay on one line."""

from datetime import date, datetime, time
from functools import lru_cache
from time import monotonic

from django.utils import timezone
from django.utils.dateformat import format as written
from django.utils.translation import get_language, pgettext

NBSP = "\N{NO-BREAK SPACE}"
SCHOOL_YEAR_STARTS = 7  # July. Only days in another school year show the year


def day(of: date) -> str:
    """Mon, Nov 23."""
    return _written(of, "short", _is_this_year(of), get_language())


def named_day(of: date) -> str:
    """Monday, Nov 23."""
    return _written(of, "named", _is_this_year(of), get_language())


def long_day(of: date) -> str:
    """Monday, November 23."""
    return _written(of, "long", _is_this_year(of), get_language())


def plain_day(of: date) -> str:
    """Nov 23."""
    return _written(of, "plain", _is_this_year(of), get_language())


def dated_day(of: date) -> str:
    """Nov 23, 2014: always with its year, as for a birth date."""
    return _written(of, "plain", False, get_language())


def weekday(of: date) -> str:
    """Monday."""
    return written(of, "l")


def month(of: date) -> str:
    """September."""
    return _month(of, get_language())


def local(at: datetime) -> date:
    """Returns the day of a moment in the district's time zone."""
    return timezone.localdate(at)


def clock(at: time | datetime) -> str:
    """6:12 p.m., for a moment in the district's time zone."""
    if isinstance(at, datetime):
        at = timezone.localtime(at)
    return _clock(at.hour, at.minute, get_language())


@lru_cache(maxsize=4096)
def _clock(hour: int, minute: int, _language: str | None) -> str:
    half = pgettext("after a time", "p.m.") if hour >= 12 else pgettext("after a time", "a.m.")
    return f"{hour % 12 or 12}:{minute:02}{NBSP}{half.replace(' ', NBSP)}"


def one_stop(words: str) -> str:
    """Ends a sentence whose last word is an abbreviation. The period of "a.m." or "nov." ends the sentence too."""
    return words.removesuffix(".") if words.endswith("..") else words


def school_year_of(of: date) -> int:
    """Returns the year in which the day's school year ends."""
    return of.year + (of.month >= SCHOOL_YEAR_STARTS)


def school_year_begins(year: int) -> date:
    """`year` is the one in which it ends."""
    return date(year - 1, SCHOOL_YEAR_STARTS, 1)


def school_year_begun(today: date) -> date:
    """Returns the day from which every page counts a student's school days of this year."""
    return school_year_begins(school_year_of(today))


def _is_this_year(of: date) -> bool:
    return school_year_of(of) == this_school_year()


def this_school_year() -> int:
    return _this_year(int(monotonic() // 60))


@lru_cache(maxsize=1)  # a page asks a hundred times, and the zone's rules are slow
def _this_year(_minute: int) -> int:
    return school_year_of(timezone.localdate())


@lru_cache(maxsize=512)  # each class of a page shows one
def _month(of: date, _language: str | None) -> str:
    return written(of, "F")


@lru_cache(maxsize=4096)  # a child's page shows the same forty days a hundred times
def _written(of: date, kind: str, is_this_year: bool, _language: str | None) -> str:
    letters = {
        "short": pgettext("a day, in Django's date letters", "D, M j"),
        "named": pgettext("a day, in Django's date letters", "l, M j"),
        "long": pgettext("a day, in Django's date letters", "l, F j"),
        "plain": pgettext("a day, in Django's date letters", "M j"),
    }[kind]
    if not is_this_year:
        letters = pgettext("a day with its year; %s is the day", "%s, Y") % letters
    return written(of, letters).replace(" ", NBSP)
