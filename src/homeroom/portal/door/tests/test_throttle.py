"""How long the next try waits, for any history of tries."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.school import School

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
NOTHING, AN_HOUR = timedelta(0), timedelta(hours=1)
FREE, MOST = 3, 10
COUNT = "SELECT count_try(%s, %s, 100, '1 hour')"
ages = st.lists(st.integers(0, 7200), max_size=30).map(lambda seconds: [NOW - timedelta(seconds=s) for s in seconds])
any_history = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

type Wait = Callable[..., timedelta]


@pytest.fixture
def wait(own_school: School) -> Iterator[Wait]:
    with own_school.connect("owner") as owner:

        def asked(tries: list[datetime], now: datetime, most: int = MOST, *, grows: bool = True) -> timedelta:
            (pause,) = owner.execute("SELECT pause_after(%s::timestamptz[], %s, %s, %s, %s)", [tries, now, most, AN_HOUR, grows]).fetchone() or ()
            assert isinstance(pause, timedelta)
            return pause

        yield asked


@any_history
@given(ages)
def test_no_one_waits_longer_than_an_hour(wait: Wait, tries: list[datetime]) -> None:
    assert NOTHING <= wait(tries, NOW) <= AN_HOUR


@any_history
@given(ages)
def test_a_person_who_waits_the_stated_time_may_try(wait: Wait, tries: list[datetime]) -> None:
    assert wait(tries, NOW + wait(tries, NOW)) == NOTHING


@any_history
@given(ages)
def test_a_guesser_gets_ten_tries_in_any_hour(wait: Wait, tries: list[datetime]) -> None:
    if len([at for at in tries if at > NOW - AN_HOUR]) >= MOST:
        assert wait(tries, NOW) > NOTHING


@any_history
@given(ages, st.integers(1, 20))
def test_an_address_waits_only_for_room_and_never_because_of_one_typing_error(wait: Wait, tries: list[datetime], most: int) -> None:
    recent = sorted(at for at in tries if at > NOW - AN_HOUR)
    until_there_is_room = recent[-most] + AN_HOUR - NOW if len(recent) >= most else NOTHING
    assert wait(tries, NOW, most, grows=False) == until_there_is_room


@pytest.mark.parametrize("count", range(FREE))
def test_the_first_typing_errors_cost_nothing(wait: Wait, count: int) -> None:
    assert wait([NOW] * count, NOW) == NOTHING


def test_each_delay_is_twice_the_last(wait: Wait) -> None:
    delays = [wait([NOW] * count, NOW) for count in range(FREE, MOST)]
    assert [d.total_seconds() for d in delays] == [5, 10, 20, 40, 80, 160, 320]


def test_the_hour_between_a_count_and_the_next_is_the_databases_own(door: School) -> None:
    """A username has ten tries and an address has a hundred, counted as the door counts."""
    with door.connect("door") as asking:
        pauses = [asking.execute(COUNT, [b"dee", None]).fetchone() for _ in range(FREE + 1)]
        assert [pause == (NOTHING,) for pause in pauses] == [True] * FREE + [False]
        pauses = [asking.execute(COUNT, [None, b"school"]).fetchone() for _ in range(101)]
        assert [pause == (NOTHING,) for pause in pauses] == [True] * 100 + [False]
        assert asking.execute(COUNT, [None, b"home"]).fetchone() == (NOTHING,), "another address waits for nobody's tries"
