"""Simulates a vault night by night, with missed nights, runs by hand and wrong clocks. The result is judged by true time."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.vault.retain import Kept, Why, fates

ZONE = ZoneInfo("America/Los_Angeles")
TIERS = {3: False, 45: False, 90: True}  # days, and whether the tier keeps months
NIGHTS = 160
WRONG = (-365, 365, -1, 20)  # days

at_night = st.integers(0, NIGHTS - 1)
stretches = st.lists(st.tuples(at_night, st.integers(1, 12), st.sampled_from(WRONG)), max_size=5)


@dataclass(frozen=True)
class Life:
    """The events of one simulated vault. Night numbers count from the first one. Every moment is in true time."""

    first: date
    portal_clock: list[tuple[int, int, int]] = field(default_factory=list)  # first night, number of nights, days ahead
    vault_clock: list[tuple[int, int, int]] = field(default_factory=list)
    silent: dict[int, int] = field(default_factory=dict)  # by night: the days before it in which nothing ran
    failed: set[int] = field(default_factory=set)  # nights whose own run made nothing
    by_hand: dict[int, list[int]] = field(default_factory=dict)  # by night: minutes after it began
    late: dict[int, int] = field(default_factory=dict)  # by night: minutes
    bad: dict[int, int] = field(default_factory=dict)  # by night whose backups are found broken: after how many days


lives = st.builds(
    Life,
    first=st.dates(date(2027, 7, 1), date(2028, 3, 15)),  # many of these cross February 29 and a change of the clocks
    portal_clock=stretches,
    vault_clock=stretches,
    silent=st.dictionaries(at_night, st.integers(1, 20), max_size=5),
    failed=st.sets(at_night, max_size=10),
    by_hand=st.dictionaries(at_night, st.lists(st.integers(0, 1430), max_size=3), max_size=8),
    late=st.dictionaries(at_night, st.integers(0, 300), max_size=8),
    bad=st.dictionaries(at_night, st.integers(0, 60), max_size=20),
)


@dataclass
class Made:
    """A backup, its true moment, the error of the portal's clock in days, and when it is first known to be broken."""

    kept: Kept
    true: datetime
    wrong: int
    bad_from: datetime | None

    def look_again(self, now: datetime, gone: set[int]) -> None:
        is_good = self.bad_from is None or now < self.bad_from
        if is_good != self.kept.is_good or self.kept.number in gone:
            self.kept = replace(self.kept, is_good=is_good, is_there=self.kept.is_there and self.kept.number not in gone)


def error(stretches: list[tuple[int, int, int]], night: int) -> timedelta:
    return timedelta(days=next((days for start, length, days in stretches if start <= night < start + length), 0))


def nights_of(life: Life) -> Iterator[tuple[int, datetime, list[datetime]]]:
    """Yields each night: its number, when the vault prunes, and the moments of the backups since the night before."""
    day = life.first
    waiting: list[datetime] = []
    for night in range(NIGHTS):
        day += timedelta(days=1 + life.silent.get(night, 0))
        begins = datetime.combine(day, time(2), ZONE).astimezone(UTC)
        late = timedelta(minutes=life.late.get(night, 0))
        yield night, begins + late + timedelta(minutes=20), waiting + ([] if night in life.failed else [begins + late])
        waiting = sorted(begins + late + timedelta(minutes=m) for m in life.by_hand.get(night, []) if late + timedelta(minutes=m) < timedelta(days=1))


def lived(life: Life, days: int) -> Iterator[tuple[datetime, list[Made], set[int]]]:
    """Yields after each night: the true time, all backups ever made, and the numbers pruned in this night."""
    made: list[Made] = []
    for night, now, moments in nights_of(life):
        for true in moments:
            of_night = night if true == moments[-1] and night not in life.failed else max(night - 1, 0)
            wrong = error(life.portal_clock, of_night)
            bad_from = true + timedelta(days=life.bad[of_night]) if of_night in life.bad else None
            made.append(Made(Kept(len(made), of_night, true + wrong, True), true, wrong.days, bad_from))
        for each in made:
            each.look_again(now, set())
        clock = now + error(life.vault_clock, night)
        found = fates([each.kept for each in made], days=days, keeps_months=TIERS[days], now=clock, zone=ZONE, contract_ended=None)
        gone = {number for number, why in found.items() if why is None}
        yield now, made, gone
        for each in made:
            each.look_again(now, gone)


def month(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m}"


def days_between(earlier: datetime, later: datetime) -> float:
    """Counts on the district's calendar, where one day in spring has 23 hours."""
    wall = later.astimezone(ZONE).replace(tzinfo=None) - earlier.astimezone(ZONE).replace(tzinfo=None)
    return wall / timedelta(days=1)


@settings(max_examples=60)
@given(life=lives, days=st.sampled_from(sorted(TIERS)))
def test_whatever_clocks_do_nothing_goes_before_its_days_and_the_newest_good_one_never(life: Life, days: int) -> None:
    for now, made, gone in lived(life, days):
        assert [each for each in made if each.kept.number in gone and days_between(each.true, now) < days] == []
        good = [each.kept.number for each in made if each.kept.is_there and each.kept.is_good]
        assert not good or good[-1] not in gone


def months_of(life: Life) -> tuple[set[str], set[str], set[str]]:
    """Returns the true months that had a good backup by a right clock. Then come the true months of the good backups left at the end, and the months that
    these claim."""
    *_, (_, made, _) = lived(life, 90)
    left = [each for each in made if each.kept.is_there and each.kept.is_good]
    had = {month(each.true) for each in made if each.kept.is_good and not each.wrong}
    return had, {month(each.true) for each in left}, {month(each.kept.at) for each in left}


@settings(max_examples=40)
@given(life=lives)
def test_whatever_clocks_do_the_archive_keeps_one_of_each_month(life: Life) -> None:
    had, _, said = months_of(life)
    assert had <= said


@settings(max_examples=40)
@given(life=lives)
def test_and_it_is_of_that_month_unless_a_clock_was_put_right_while_nothing_ran(life: Life) -> None:
    """A clock a day ahead that is corrected during a day's pause looks like a right clock without a pause."""
    had, has, _ = months_of(replace(life, silent={}))
    assert had <= has


@settings(max_examples=20)
@given(first=lives.map(lambda life: life.first), by_hand=lives.map(lambda life: life.by_hand), days=st.sampled_from(sorted(TIERS)))
def test_nothing_stays_two_days_past_its_limit_when_the_clocks_are_right(first: date, by_hand: dict[int, list[int]], days: int) -> None:
    for now, made, gone in lived(Life(first=first, by_hand=by_hand), days):
        left = [each for each in made if each.kept.is_there and each.kept.number not in gone]
        old = [each for each in left if days_between(each.true, now) > days + 2]
        months = [month(each.true) for each in old]
        assert len(months) == len(set(months)) if TIERS[days] else not months


@settings(max_examples=20)
@given(life=lives, days=st.sampled_from(sorted(TIERS)))
def test_a_second_request_on_the_same_night_prunes_nothing_more(life: Life, days: int) -> None:
    *_, (now, made, gone) = lived(life, days)
    clock = now + error(life.vault_clock, NIGHTS - 1)
    left = [replace(each.kept, is_there=each.kept.is_there and each.kept.number not in gone) for each in made]
    for chain in (left, left[::-1]):
        again = fates(chain, days=days, keeps_months=TIERS[days], now=clock, zone=ZONE, contract_ended=None)
        assert None not in again.values()


@settings(max_examples=20)
@given(life=lives, days=st.sampled_from(sorted(TIERS)))
def test_after_the_contract_all_that_is_not_of_the_future_is_gone_in_its_days(life: Life, days: int) -> None:
    *_, (now, made, _) = lived(life, days)
    later = now + timedelta(days=days)
    chain = [each.kept for each in made]
    found = fates(chain, days=days, keeps_months=TIERS[days], now=later, zone=ZONE, contract_ended=now.astimezone(ZONE).date())
    assert all(why is Why.YOUNG and chain[number].at > now for number, why in found.items() if why)
