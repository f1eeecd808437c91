"""The result of a day's marks, over any marks and codes that a district can send."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.attendance.calendar import (
    UNMAPPED,
    Day,
    Mark,
    Meaning,
    day_of,
    days_of,
    meaning,
    monday,
    runs,
    totals,
)
from homeroom.portal.attendance.models import Excuse, Presence
from homeroom.portal.attendance.strip import CELL, MOST_WEEKS, STEP, strip
from homeroom.portal.attendance.words import DayLine, attendance, day_lines, sentence
from tests.browser import numbers

MONDAY = date(2026, 11, 23)
ABSENT, PRESENT = Meaning(Presence.ABSENT, Excuse.UNKNOWN), Meaning(Presence.PRESENT, Excuse.UNKNOWN)
CODES = {("absent", ""): ABSENT, ("absent", "ill"): Meaning(Presence.ABSENT, Excuse.EXCUSED), ("present", ""): PRESENT}
MEANINGS = st.builds(Meaning, st.sampled_from(Presence), st.sampled_from(Excuse), st.booleans())
MARKS = st.builds(
    Mark,
    st.integers(0, 120).map(lambda back: MONDAY - timedelta(back)),
    MEANINGS,
    st.booleans(),
    st.lists(st.sampled_from("12345678"), max_size=4).map(tuple),
)


def day_line(day: Day) -> DayLine:
    [line] = day_lines(day)
    return line


def marks(*said: tuple[Meaning, str]) -> list[Mark]:
    return [Mark(MONDAY, what, not periods, tuple(periods.split())) for what, periods in said]


@given(st.text(), st.text())
def test_an_unmapped_code_is_recorded_and_never_absent(status: str, excuse: str) -> None:
    found = meaning(status, excuse, CODES)
    assert found == UNMAPPED or (status.strip().casefold(), "") in CODES


def test_a_districts_own_code_wins_over_the_status_alone() -> None:
    assert meaning(" Absent", "ILL ", CODES).excuse is Excuse.EXCUSED
    assert meaning("absent", "unheard of", CODES) == replace(ABSENT, on_file=True)


@given(st.lists(MARKS))
def test_every_day_is_counted_once_and_only_for_what_its_marks_say(some: list[Mark]) -> None:
    days = days_of(some)
    assert [day.day for day in days] == sorted({mark.day for mark in some})
    for day in days:
        assert day.presence in {mark.meaning.presence for mark in some if mark.day == day.day}
        said = {mark.meaning for mark in some if mark.day == day.day}
        assert {Meaning(part.presence, part.excuse, part.on_file) for part in day.parts} == said, "no mark is lost"
    count = totals(days)
    differ = count.absent + count.excused + count.late + count.left_early + count.recorded
    assert differ == sum(day.differs for day in days)
    assert sentence(count)


@given(st.lists(MARKS, min_size=1))
def test_nina_is_excused_only_where_every_absence_of_the_day_is(some: list[Mark]) -> None:
    for day in days_of(some):
        if day.is_excused:
            these = [m for m in some if m.day == day.day and m.meaning.presence is day.presence]
            assert all(mark.meaning.excuse is Excuse.EXCUSED for mark in these)


@given(st.lists(MARKS), st.integers(0, 10))
def test_the_strip_shows_at_most_fourteen_weeks_and_each_day_once(some: list[Mark], later: int) -> None:
    drawn = strip(days_of(some), MONDAY + timedelta(later))
    assert drawn.width <= 20 + MOST_WEEKS * STEP
    places = [(letter.x, letter.y) for letter in drawn.letters]
    first = monday(MONDAY + timedelta(later)) - timedelta(weeks=MOST_WEEKS - 1)
    assert len(places) == sum(day.differs for day in days_of(some) if day.day >= first), "each day of the list is in the grid, a Saturday too"
    assert all(y + CELL <= drawn.height for _x, y in places)
    assert len(places) == len(set(places)) and "None" not in drawn.present + drawn.empty


@pytest.mark.parametrize(("later", "days"), [(0, "MTWTF"), (5, "MTWTFS"), (6, "MTWTFSS")])
def test_the_strip_has_a_row_for_a_weekend_day_with_a_mark_and_no_other(later: int, days: str) -> None:
    drawn = strip(days_of([Mark(MONDAY + timedelta(later), ABSENT, True, ())]), MONDAY + timedelta(later))
    assert [letter.y for letter in drawn.letters] == [drawn.today_y]
    assert re.findall(r'x="2"[^>]*>(\w)<', drawn.labels) == list(days)


def test_monday_absent_in_the_first_three_periods() -> None:
    day = day_of(marks((ABSENT, "3 1"), (ABSENT, "2"), (PRESENT, "4 5 6")))
    line = day_line(day)
    assert (line.letter, line.what) == ("A", "absent, periods\u00a01–3")
    assert line.needs_reason and line.detail


def test_a_whole_day_away_says_so() -> None:
    assert day_line(day_of(marks((ABSENT, "")))).what == "absent all day"
    ill = Meaning(Presence.ABSENT, Excuse.EXCUSED)
    excused = day_line(day_of(marks((ill, ""))))
    assert excused.letter == "E" and excused.what.endswith("all day")


def test_one_period_missed_is_no_whole_day_where_only_what_differs_is_sent() -> None:
    assert [day_line(day).what for day in days_of(marks((ABSENT, "1")))] == ["absent, period\u00a01"]
    whole_days = [Mark(MONDAY - timedelta(1), PRESENT, True, ()), *marks((ABSENT, "1"))]
    assert day_line(days_of(whole_days)[-1]).what == "absent, period\u00a01"


def test_every_period_missed_is_a_whole_day_where_periods_with_nina_present_are_sent_too() -> None:
    there = [Mark(MONDAY - timedelta(1), PRESENT, False, ("1", "2"))]
    assert day_line(days_of([*there, *marks((ABSENT, "1 2"))])[-1]).what == "absent all day"


def test_an_excused_period_and_an_unexcused_one_of_a_day_are_each_said() -> None:
    excused, unexcused = (Meaning(Presence.ABSENT, excuse) for excuse in (Excuse.EXCUSED, Excuse.UNEXCUSED))
    early = Meaning(Presence.LEFT_EARLY, Excuse.UNKNOWN)
    day = day_of(marks((excused, "1"), (PRESENT, "2 3"), (early, "7"), (unexcused, "6")))
    assert [(line.letter, line.what) for line in day_lines(day)] == [
        ("A", "absent, period\u00a06"),
        ("E", "excused absence, period\u00a01"),
        ("L", "left early, period\u00a07"),
    ]
    unexcused_line, *others = day_lines(day)
    assert "unexcused" in unexcused_line.detail and {line.detail for line in others} == {""}
    assert not day.needs_reason


def test_a_period_without_a_reason_next_to_an_unexcused_one_still_needs_a_reason() -> None:
    day = day_of(marks((Meaning(Presence.ABSENT, Excuse.UNEXCUSED), "1"), (ABSENT, "2")))
    assert day.needs_reason and [line.needs_reason for line in day_lines(day)] == [False, True]
    shown = attendance([day, *days_of([Mark(MONDAY + timedelta(1), ABSENT, True, ())])], MONDAY, most=1, nothing="")
    assert (len(shown.lines), shown.more) == (1, 1), "what has no line is counted in days"


def test_no_reason_is_never_called_unexcused() -> None:
    assert "unexcused" not in day_line(day_of(marks((ABSENT, "")))).detail
    unexcused = Meaning(Presence.ABSENT, Excuse.UNEXCUSED)
    assert "unexcused" in day_line(day_of(marks((unexcused, "")))).detail


def test_late_in_a_class_without_a_period_names_the_class() -> None:
    late = Meaning(Presence.TARDY, Excuse.UNKNOWN)
    day = day_of([Mark(MONDAY, late, False, ("Reading 3",))])
    assert day_line(day).what == "late, Reading 3"


def test_the_count_is_one_sentence() -> None:
    here = [Mark(MONDAY - timedelta(n), PRESENT, True, ()) for n in range(3, 9)]
    said = attendance(days_of([*here, *marks((ABSENT, ""))]), MONDAY, nothing="").sentence
    assert numbers(said) == ["1", "7"] and said.startswith("1 absence ")


def test_a_district_that_sends_only_what_differs_gets_no_count_of_school_days() -> None:
    assert attendance([day_of(marks((ABSENT, "")))], MONDAY, nothing="").sentence == "1 absence."


@pytest.mark.parametrize(
    ("periods", "joined"),
    [
        ("1 2 3 5", [("1", "3"), ("5", "5")]),
        ("2", [("2", "2")]),
        ("9 10", [("9", "10")]),
        ("A B", [("A", "A"), ("B", "B")]),
    ],
)
def test_neighbouring_periods_are_joined(periods: str, joined: list[tuple[str, str]]) -> None:
    assert runs(periods.split()) == joined
