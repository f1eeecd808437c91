"""The rule of the nightly file at any time: the hour that comes twice in fall, the hour that is skipped in spring, weekends, late files."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.intake.reports.nightly import Nightly

LINCOLN = ZoneInfo("America/Los_Angeles")
ZONES = [ZoneInfo(name) for name in ("America/Los_Angeles", "America/New_York", "Pacific/Honolulu", "Australia/Lord_Howe", "UTC")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  a strategy, which adds the zone
rules = st.builds(Nightly, st.times(), st.sampled_from(ZONES), st.booleans())


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """Returns a moment of 2026 in Lincoln's time zone."""
    return datetime(2026, month, day, hour, minute, tzinfo=LINCOLN)


SIX = Nightly(time(6), LINCOLN)


def test_a_file_of_the_night_is_not_missed_and_none_is() -> None:
    """Wednesday, Nov 25. The last file came on Tuesday evening or on Monday evening."""
    assert SIX.missed(at(25, 9), at(24, 22)) is None
    assert SIX.missed(at(25, 9), at(23, 22)) == at(25, 6)


def test_before_the_hour_nothing_is_missed() -> None:
    assert SIX.missed(at(25, 5, 59), at(23, 22)) is None
    assert SIX.missed(at(25, 6), at(23, 22)) == at(25, 6)


def test_a_file_that_comes_late_ends_the_alarm() -> None:
    assert SIX.missed(at(25, 10), at(25, 9, 30)) is None


def test_no_file_is_expected_on_a_weekend_unless_the_district_says_so() -> None:
    """Friday's file, checked on Saturday noon, on Sunday noon and on Monday at seven."""
    friday = at(20, 5)
    assert [SIX.missed(now, friday) for now in (at(21, 12), at(22, 12))] == [None, None]
    assert SIX.missed(at(23, 7), friday) == at(23, 6)
    assert SIX.missed(at(23, 7), at(20, 18)) is None, "sent on Friday evening"
    assert Nightly(time(6), LINCOLN, weekends=True).missed(at(21, 12), at(19, 22)) == at(21, 6)


def test_a_portal_that_never_had_a_file_misses_none() -> None:
    assert SIX.missed(at(25, 9), None) is None


@pytest.mark.parametrize(("month", "day"), [(3, 8), (11, 1)])
def test_an_hour_that_is_missing_or_comes_twice_is_due_once(month: int, day: int) -> None:
    """2:30 on the Sundays when Lincoln's clocks change. Asked every half hour, that day has one due moment."""
    rule = Nightly(time(2, 30), LINCOLN, weekends=True)
    start = datetime(2026, month, day, tzinfo=LINCOLN).astimezone(UTC)
    dues = {rule.due(start + n * HOUR / 2) for n in range(52)}
    assert len({due for due in dues if due.astimezone(LINCOLN).date() == date(2026, month, day)}) == 1


@given(rules, moments)
def test_now_is_between_the_last_due_moment_and_the_next(rule: Nightly, now: datetime) -> None:
    last, following = rule.due(now), rule.next_due(now)
    assert last <= now < following
    assert rule.next_due(last) == following and rule.due(following) == following
    most = 25 * HOUR if rule.weekends else 2 * DAY + 25 * HOUR
    assert 23 * HOUR <= following - last <= most


@given(rules, moments)
def test_it_is_due_at_the_districts_own_time_on_a_day_of_its_own(rule: Nightly, now: datetime) -> None:
    local = rule.due(now).astimezone(rule.zone)
    shift = datetime.combine(local.date(), local.time()) - datetime.combine(local.date(), rule.by)
    assert shift in (timedelta(0), HOUR, HOUR / 2, -23 * HOUR, -23.5 * HOUR)  # an hour that the clocks skip is read as the next hour
    assert rule.weekends or datetime.combine(local.date(), time()).weekday() < 5 or shift


@given(rules, moments, st.lists(st.integers(0, 14 * 24), max_size=12))
def test_each_night_without_a_file_is_reported_once_and_no_other_night_is(rule: Nightly, start: datetime, hours: list[int]) -> None:
    """Asks every hour for two weeks, with the files that had come until then. It finds the nights that an email would report."""
    came = sorted([start - 30 * DAY, *(start + hour * HOUR for hour in hours)])
    told: set[datetime] = set()
    for hour in range(14 * 24):
        now = start + hour * HOUR
        last = max(each for each in came if each <= now)
        if due := rule.missed(now, last):
            told.add(due)
            assert not [each for each in came if rule.due(due - timedelta(microseconds=1)) < each <= now]
    for due in told:
        assert due <= start + 14 * DAY
    quiet = {rule.due(start + hour * HOUR) for hour in range(14 * 24)} - told
    for due in quiet:
        window = [each for each in came if rule.due(due - timedelta(microseconds=1)) < each < due + HOUR]
        assert window or due < start
