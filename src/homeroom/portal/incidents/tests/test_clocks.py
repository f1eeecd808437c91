"""The clocks of an incident, by the policy, Civ. Code 1798.82 and Ed. Code 35266."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from homeroom.portal.incidents.clocks import NAMES, RULES, Clock, ClockFacts, Hold, clocks_of, next_clock

HERE = ZoneInfo("America/Los_Angeles")
MOMENTS = some.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=some.just(HERE))  # noqa: DTZ001  the strategy adds the zone
SPANS = some.timedeltas(timedelta(minutes=1), timedelta(days=60))
DONE = some.dictionaries(some.sampled_from(NAMES), MOMENTS)


def known(start: datetime, people: int | None = None, *holds: Hold, **done: datetime) -> ClockFacts:
    return ClockFacts(start, people, {name.replace("_", " "): at for name, at in done.items()}, holds, HERE)


def clock(of: ClockFacts, name: str, after: timedelta = timedelta(hours=1)) -> Clock:
    return next(each for each in clocks_of(of, of.start + after) if each.rule.name == name)


def test_hours_are_elapsed_hours_when_the_time_changes() -> None:
    """Daylight saving time ends on November 1, 2026, at 2 a.m. So 24 hours after 8 a.m. is 7 a.m."""
    due = clock(known(datetime(2026, 10, 31, 8, tzinfo=HERE)), "leads met").due
    assert due is not None and due.astimezone(HERE) == datetime(2026, 11, 1, 7, tzinfo=HERE)


@pytest.mark.parametrize(
    ("start", "last"),
    [((2026, 11, 23, 14), (2026, 12, 23)), ((2028, 2, 1, 23), (2028, 3, 2)), ((2027, 2, 1, 0), (2027, 3, 3)), ((2026, 12, 15, 9), (2027, 1, 14))],
)
def test_thirty_days_are_calendar_days_and_end_with_the_day(start: tuple[int, int, int, int], last: tuple[int, int, int]) -> None:
    due = clock(known(datetime(*start, tzinfo=HERE)), "residents notified").due
    assert due is not None and due.astimezone(HERE) == datetime(*last, 23, 59, 59, tzinfo=HERE)


def test_the_start_in_another_time_zone_counts_as_the_districts_day() -> None:
    due = clock(known(datetime(2026, 11, 24, 6, tzinfo=UTC)), "residents notified").due
    assert due is not None and due.astimezone(HERE).day == 23, "it was still November 23 there"


def test_the_attorney_general_waits_for_the_residents_letter_and_for_more_than_500_people() -> None:
    start = datetime(2026, 11, 23, 14, tzinfo=HERE)
    assert clock(known(start), "attorney general").state == "not known"
    assert clock(known(start, 500), "attorney general").state == "not needed"
    assert clock(known(start, 501), "attorney general").state == "not started"
    runs = clock(known(start, 501, residents_notified=datetime(2026, 11, 25, 9, tzinfo=HERE)), "attorney general", timedelta(days=3))
    assert runs.state == "running" and runs.due is not None and runs.due.astimezone(HERE).date().isoformat() == "2026-12-10"


def test_cal_csic_ends_with_the_year_2026() -> None:
    """Ed. Code 35266 is repealed on January 1, 2027."""
    last, next_year = datetime(2026, 12, 31, 23, tzinfo=HERE), datetime(2027, 1, 1, 0, tzinfo=HERE)
    assert clock(known(last, 501), "cal-csic").state == "no number"
    assert "cal-csic" not in [each.rule.name for each in clocks_of(known(next_year, 501), next_year)]


def test_a_hold_stops_notices_to_people_and_nothing_else() -> None:
    start = datetime(2026, 11, 23, 14, tzinfo=HERE)
    held = known(start, 501, Hold(start, None))
    stopped = {each.rule.name for each in clocks_of(held, start + timedelta(hours=1)) if each.state == "on hold"}
    assert stopped == {"users notified", "portal notice", "residents notified"}
    end = start + timedelta(days=3)
    ended = clocks_of(known(start, 501, Hold(start, end)), end + timedelta(hours=1))
    assert {each.due for each in ended if each.rule.is_notice} == {(end + timedelta(hours=24)).astimezone(UTC)}


def test_a_clock_that_was_met_after_its_deadline_is_done_late() -> None:
    start = datetime(2026, 11, 23, 14, tzinfo=HERE)
    assert clock(known(start, leads_met=start + timedelta(hours=24)), "leads met").state == "done"
    assert clock(known(start, leads_met=start + timedelta(hours=24, seconds=1)), "leads met").state == "late"
    assert clock(known(start), "leads met", timedelta(hours=25)).state == "overdue"


def test_the_contracts_outer_limit_is_named_next_to_the_shorter_clock() -> None:
    start = datetime(2026, 11, 23, 14, tzinfo=HERE)
    district = clock(known(start), "district notified")
    assert (district.due, district.outer) == (start + timedelta(hours=24), start + timedelta(hours=72))


@given(start=MOMENTS, earlier=SPANS, people=some.one_of(some.none(), some.integers(0, 2000)), done=DONE, now=MOMENTS)
def test_an_earlier_start_never_moves_a_deadline_later(
    start: datetime, earlier: timedelta, people: int | None, done: dict[str, datetime], now: datetime
) -> None:
    late = ClockFacts(start, people, done, (), HERE)
    early = replace(late, start=(start.astimezone(UTC) - earlier).astimezone(HERE))
    dues = {each.rule.name: each.due for each in clocks_of(late, now)}
    assert all(each.due is None or dues.get(each.rule.name) is None or each.due <= dues[each.rule.name] for each in clocks_of(early, now))


@given(start=MOMENTS, people=some.integers(0, 2000), since=MOMENTS, end=some.one_of(some.none(), MOMENTS), done=DONE, now=MOMENTS)
def test_a_hold_changes_no_clock_but_those_of_notices(
    start: datetime, people: int, since: datetime, end: datetime | None, done: dict[str, datetime], now: datetime
) -> None:
    free = ClockFacts(start, people, done, (), HERE)
    held = replace(free, holds=(Hold(since, end),))
    for one, other in zip(clocks_of(free, now), clocks_of(held, now), strict=True):
        assert one.rule.is_notice or one == other


@given(start=MOMENTS, people=some.one_of(some.none(), some.integers(0, 2000)), done=DONE, now=MOMENTS)
def test_the_next_clock_is_the_earliest_that_is_not_done(start: datetime, people: int | None, done: dict[str, datetime], now: datetime) -> None:
    clocks = clocks_of(ClockFacts(start, people, done, (), HERE), now)
    found = next_clock(clocks)
    open_dues = [each.due for each in clocks if each.state in ("running", "overdue") and each.due]
    assert (found is None) == (not open_dues) and (found is None or found.due == min(open_dues))
    assert {each.rule.name for each in clocks} <= {rule.name for rule in RULES} and all(each.rule.name not in done or each.done_at for each in clocks)
