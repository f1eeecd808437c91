"""The calendar strip as SVG attributes. Weeks are columns, and Monday to Friday are rows. Saturday and Sunday are rows too if they have a mark.

The list of days that differ is the real content.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.utils.dateformat import format as written
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext

from homeroom.portal.attendance.calendar import Day, Part, monday
from homeroom.portal.attendance.models import Presence

CELL, STEP, LEFT, TOP = 17, 20, 20, 16
MOST_WEEKS = 14  # fits on a phone without shrinking a letter below 9 px
SCHOOL_DAYS = 5
LETTERS = "AETLR"


@dataclass(frozen=True, slots=True)
class Letter:
    x: int
    y: int
    letter: str  # in the reader's language
    kind: str  # absent (filled) or outlined


@dataclass(frozen=True, slots=True)
class Label:
    x: int
    y: int
    words: str


@dataclass(frozen=True, slots=True)
class Strip:
    rows: int  # five, or six or seven if a mark is on a weekend
    width: int
    height: int
    present: str  # path of all present cells
    dots: str
    empty: str
    letters: tuple[Letter, ...]
    labels: SafeString
    today_x: int | None
    today_y: int | None
    kinds: tuple[tuple[str, str], ...]  # letters that the legend must explain: one of LETTERS, and as it is shown


def letter_of(of: Day | Part) -> str:
    """Returns A for absent, E excused absence, T late, L left early, R recorded with a code without a meaning. Returns "" for present."""
    if of.presence is Presence.ABSENT:
        return "E" if of.is_excused else "A"
    return {Presence.TARDY: "T", Presence.LEFT_EARLY: "L", Presence.RECORDED: "R"}.get(of.presence, "")


def shown(letter: str) -> str:
    return {
        "A": pgettext("absent, as one letter", "A"),
        "E": pgettext("excused absence, as one letter", "E"),
        "T": pgettext("late on a day, as one letter", "T"),
        "L": pgettext("left early, as one letter", "L"),
        "R": pgettext("recorded, as one letter", "R"),
    }.get(letter, "")


def strip(days: Sequence[Day], today: date, most: int = MOST_WEEKS) -> Strip:
    """Returns the weeks up to today's, at most `most`, from the first one with a mark."""
    end = monday(today)
    first = max(monday(days[0].day) if days else end, end - timedelta(weeks=most - 1))
    weeks = (end - first).days // 7 + 1
    rows = max([SCHOOL_DAYS, *(day.day.weekday() + 1 for day in days if day.day >= first)])
    drawn = list(cells(first, weeks, rows, days))
    said = {letter_of(day) for *_, day, letter in drawn if day and letter}
    letters = tuple(letter for *_, letter in drawn if letter)
    has_row = today.weekday() < rows
    return Strip(
        rows=rows,
        width=LEFT + weeks * STEP,
        height=TOP + rows * STEP,
        present="".join(cell(x, y) for x, y, day, letter in drawn if day and not letter),
        dots="".join(f"M{x + 8.5} {y + 8.5}h0" for x, y, day, letter in drawn if day and not letter),
        empty="".join(cell(x, y) for x, y, day, _ in drawn if not day),
        letters=letters,
        labels=drawn_labels(first, weeks, rows, get_language()),
        today_x=LEFT + (weeks - 1) * STEP if has_row else None,
        today_y=TOP + today.weekday() * STEP if has_row else None,
        kinds=tuple((kind, shown(kind)) for kind in LETTERS if kind in said),
    )


def cells(first: date, weeks: int, rows: int, days: Sequence[Day]) -> Iterator[tuple[int, int, Day | None, Letter | None]]:
    """Yields where each day is drawn, with its marks."""
    by_day = {day.day: day for day in days}
    for week in range(weeks):
        for row in range(rows):
            x, y = LEFT + week * STEP, TOP + row * STEP
            day = by_day.get(first + timedelta(days=7 * week + row))
            said = letter_of(day) if day else ""
            yield x, y, day, Letter(x, y, shown(said), "absent" if said == "A" else "outlined") if said else None


@lru_cache
def cell(x: int, y: int) -> str:
    """Returns a rounded square. One path for all cells of a kind keeps the page light."""
    side, r = CELL - 6, 3
    return f"M{x + r} {y}h{side}a3 3 0 0 1 3 3v{side}a3 3 0 0 1-3 3h-{side}a3 3 0 0 1-3-3v-{side}a3 3 0 0 1 3-3z"


@lru_cache(maxsize=64)  # the same for everyone whose marks begin in the same week
def drawn_labels(first: date, weeks: int, rows: int, _language: str | None) -> SafeString:
    labels = (*months(first, weeks), *weekdays(rows))
    return format_html_join("", '<text x="{}" y="{}">{}</text>', ((label.x, label.y, label.words) for label in labels))


def months(first: date, weeks: int) -> list[Label]:
    """Returns each month's name over the first week that begins in it, if there is room."""
    labels = list[Label]()
    for week in range(weeks):
        start = first + timedelta(weeks=week)
        if week and start.month == (start - timedelta(days=7)).month:
            continue
        x = LEFT + week * STEP
        if labels and x - labels[-1].x < 2 * STEP:
            labels.pop()  # removes the month of a single leading week
        labels.append(Label(x, 9, written(start, "M")))
    return labels


def weekdays(rows: int) -> list[Label]:
    some_monday = date(2024, 1, 1)
    return [
        Label(2, TOP + row * STEP + 12, written(some_monday + timedelta(days=row), "D")[:1].upper())
        for row in range(rows)
    ]
