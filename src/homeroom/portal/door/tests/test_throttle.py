"""How long the next try waits, for any history of tries."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from homeroom.portal.door.throttle import AN_HOUR, FREE, MOST_A_NAME, NOTHING, wait

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ages = st.lists(st.integers(0, 7200), max_size=30).map(
    lambda seconds: [NOW - timedelta(seconds=s) for s in sorted(seconds, reverse=True)]
)


@given(ages)
def test_nobody_waits_longer_than_an_hour(tries: list[datetime]) -> None:
    assert NOTHING <= wait(tries, NOW, MOST_A_NAME, grows=True) <= AN_HOUR


@given(ages)
def test_whoever_waits_as_long_as_told_may_try(tries: list[datetime]) -> None:
    then = NOW + wait(tries, NOW, MOST_A_NAME, grows=True)
    assert wait(tries, then, MOST_A_NAME, grows=True) == NOTHING


@given(ages)
def test_a_guesser_gets_ten_tries_in_any_hour(tries: list[datetime]) -> None:
    if len([at for at in tries if at > NOW - AN_HOUR]) >= MOST_A_NAME:
        assert wait(tries, NOW, MOST_A_NAME, grows=True) > NOTHING


@given(st.integers(0, FREE - 1))
def test_the_first_typing_errors_cost_nothing(count: int) -> None:
    assert wait([NOW] * count, NOW, MOST_A_NAME, grows=True) == NOTHING


def test_each_delay_is_twice_the_last() -> None:
    delays = [wait([NOW] * count, NOW, MOST_A_NAME, grows=True) for count in range(FREE, MOST_A_NAME)]
    assert [d.total_seconds() for d in delays] == [5, 10, 20, 40, 80, 160, 320]
