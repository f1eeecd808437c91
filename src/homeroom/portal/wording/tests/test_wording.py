"""Dates, times and numbers as families read them."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.wording import dates
from homeroom.portal.wording.fresh import is_late, next_expected
from homeroom.portal.wording.numbers import exact, grade_percent, percent, points

HERE = ZoneInfo("America/Los_Angeles")


def said(words: str) -> str:
    return words.replace(dates.NBSP, " ")


def test_a_day_and_a_time_in_english_and_spanish() -> None:
    day = timezone.localdate().replace(month=11, day=23)
    with translation.override("en"):
        assert said(dates.plain_day(date(1999, 3, 4))) == "Mar 4, 1999"
        assert said(dates.dated_day(date(1999, 3, 4))) == "Mar 4, 1999" and said(dates.dated_day(day)) == f"Nov 23, {day.year}"
        assert said(dates.clock(time(18, 12))) == "6:12 p.m." and said(dates.clock(time(0, 5))) == "12:05 a.m."
        assert dates.NBSP in dates.day(day) and " " not in dates.day(day)
    with translation.override("es"):
        assert said(dates.clock(time(18, 12))) == "6:12 p. m."
        assert said(dates.day(date(2020, 11, 23))) == "lunes 23 de nov. de 2020"


def test_a_time_is_shown_in_the_districts_time_zone() -> None:
    assert said(dates.clock(datetime.fromisoformat("2026-11-24T02:12:00+00:00"))) == "6:12 p.m."


@given(st.decimals(0, 200, places=4))
def test_a_percent_is_never_rounded_up(value: Decimal) -> None:
    for words in (percent(value), grade_percent(value)):
        assert 0 <= value - Decimal(words.rstrip("%")) < Decimal("0.1")


@given(st.floats(-1000, 1000, allow_nan=False).map(lambda value: round(value, 3)))
def test_points_are_shown_as_they_were_sent(value: float) -> None:
    assert Decimal(points(value)) == exact(value)


@given(st.integers(0, 333 * 24).map(lambda hours: datetime(2026, 8, 1, tzinfo=HERE) + timedelta(hours=hours)))
def test_a_file_from_tonight_is_not_late_before_the_next_school_night(at: datetime) -> None:
    assert not is_late(at, at + timedelta(hours=30))
    assert next_expected(at).weekday() < 5
    assert is_late(at, at + timedelta(days=5))
