"""Which backups stay: the results of each rule, in days of a school year."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from homeroom.vault.retain import Kept, Why, fates

ZONE = ZoneInfo("America/Los_Angeles")
START = datetime(2026, 9, 1, 2, tzinfo=ZONE)
MONTHS = 90  # days of the tier that keeps months


def night(number: int, *, day: int | None = None, at: datetime | None = None, is_good: bool = True, is_there: bool = True) -> Kept:
    """Returns the backup of one night. `day` counts from September 1, if it differs from the night's number."""
    moment = at or (START + timedelta(days=number if day is None else day))
    return Kept(number, number, moment.astimezone(UTC), is_good, is_there)


def fates_of(backups: Sequence[Kept], day: int, *, days: int = MONTHS, months: bool = True, ended: date | None = None) -> dict[int, Why | None]:
    now = (START + timedelta(days=day, hours=1)).astimezone(UTC)
    return fates(backups, days=days, keeps_months=months, now=now, zone=ZONE, contract_ended=ended)


def pruned(found: dict[int, Why | None]) -> list[int]:
    return [number for number, why in found.items() if why is None]


def test_a_backup_of_each_night_stays_its_days_and_one_more() -> None:
    week = [night(n) for n in range(8)]
    assert pruned(fates_of(week, 7, days=3, months=False)) == [0, 1, 2, 3]
    assert fates_of(week, 7, days=3, months=False)[4] is Why.NIGHTS
    assert fates_of(week, 7, days=3, months=False)[5] is Why.YOUNG


def test_after_missed_nights_the_clock_alone_prunes_nothing() -> None:
    """The portal did not run for forty days. All backups are old by the clock, and only one came after them."""
    found = fates_of([*(night(n) for n in range(5)), night(5, day=44)], 45, days=3, months=False)
    assert [found[n] for n in (1, 2, 3, 4)] == [None, Why.NIGHTS, Why.NIGHTS, Why.NIGHTS]
    assert pruned(found) == [0, 1]


def test_two_in_one_night_count_as_one_night() -> None:
    by_hand = [Kept(n, 1, (START + timedelta(hours=n)).astimezone(UTC), True) for n in range(1, 9)]
    assert pruned(fates_of([night(0), *by_hand], 30, days=3, months=False)) == []


def test_a_run_by_hand_the_evening_before_is_not_pruned_with_its_night() -> None:
    """It is 21 hours younger than the night whose number it has. A vault whose clock runs ahead can only count nights."""
    evening = Kept(1, 0, (START + timedelta(hours=21)).astimezone(UTC), True)
    later = [Kept(n + 1, n, (START + timedelta(days=n)).astimezone(UTC), True) for n in (1, 2, 3)]
    assert pruned(fates_of([night(0), evening, *later], 300, days=3, months=False)) == []


def test_a_month_keeps_its_first_good_backup_and_a_month_without_one_keeps_none() -> None:
    september = [night(0, is_good=False), *(night(n) for n in range(1, 30))]
    november = [night(30 + n, day=61 + n) for n in range(100)]  # October had none
    found = fates_of([*september, *november], 162)
    assert [number for number, why in found.items() if why is Why.MONTH] == [1, 30]
    assert found[0] is None and found[2] is None


def test_a_month_is_the_districts() -> None:
    """In UTC the evening of September 30 is in October."""
    evening = night(0, at=datetime(2026, 9, 30, 22, tzinfo=ZONE))
    rest = [night(n + 1, at=datetime(2026, 10, 1, 2, tzinfo=ZONE) + timedelta(days=n)) for n in range(120)]
    found = fates_of([evening, *rest], 150)
    assert found[0] is Why.MONTH and found[1] is Why.MONTH and found[2] is None


def test_a_first_one_that_turns_bad_gives_way_to_the_next_that_is_still_there() -> None:
    year = [night(n, is_good=n != 0, is_there=n not in (1, 2)) for n in range(120)]
    found = fates_of(year, 119)
    assert found[3] is Why.MONTH
    assert found[0] is None and 1 not in found


def test_a_months_last_copy_stays_though_it_was_read_wrongly() -> None:
    """All others of September were pruned long ago. The check that finds this one broken may be wrong."""
    year = [night(n, is_good=n != 0, is_there=n == 0 or n >= 30) for n in range(150)]
    assert fates_of(year, 149)[0] is Why.MONTH


def test_a_month_is_of_the_zone_in_which_its_backup_was_made() -> None:
    """October's first backup was made at two in the morning in Los Angeles. A district that moves west later does not move it into September."""
    year = [replace(night(n), zone=ZONE) for n in range(150)]
    west = [*year[:140], *(replace(each, zone=ZoneInfo("Pacific/Honolulu")) for each in year[140:])]
    now = (START + timedelta(days=149, hours=1)).astimezone(UTC)
    for zone in (ZONE, ZoneInfo("Pacific/Honolulu")):
        found = fates(west, days=MONTHS, keeps_months=True, now=now, zone=zone, contract_ended=None)
        assert found[0] is Why.MONTH and found[30] is Why.MONTH and found[29] is None


def test_a_pruned_backup_never_replaces_the_first_one_of_a_month() -> None:
    year = [night(n) for n in range(120)]
    gone = set(pruned(fates_of(year, 119)))
    again = fates_of([night(n, is_there=n not in gone) for n in range(120)], 119)
    assert again[0] is Why.MONTH and pruned(again) == []


def test_a_clock_set_back_a_year_costs_no_month_its_first() -> None:
    """Backup 400 says that it is from September 2, 2026. It stays, and so does that month's first backup."""
    year = [night(n) for n in range(600)]
    year[400] = night(400, at=START - timedelta(hours=1) + timedelta(days=1))
    found = fates_of(year, 600)
    assert found[0] is Why.MONTH and found[400] is Why.MONTH


def test_a_clock_a_day_ahead_does_not_use_up_the_next_months_backup() -> None:
    """The last night of September says October 1. So does the first night of October, since the clock was corrected."""
    year = [night(n) for n in range(150)]
    year[29] = night(29, day=30)
    found = fates_of(year, 150)
    assert found[30] is Why.MONTH


def test_a_moment_in_the_future_is_not_old() -> None:
    ahead = [night(0, at=START + timedelta(days=365)), *(night(n) for n in range(1, 20))]
    assert fates_of(ahead, 20, days=3, months=False)[0] is Why.YOUNG


def test_a_vault_whose_clock_is_a_year_ahead_prunes_only_what_enough_nights_followed() -> None:
    assert pruned(fates_of([night(n) for n in range(10)], 9 + 365, days=3, months=False)) == [0, 1, 2, 3, 4, 5]


def test_the_newest_good_one_stays_however_many_bad_ones_follow() -> None:
    found = fates_of([night(0), *(night(n, is_good=False) for n in range(1, 200))], 199, days=3, months=False)
    assert found[0] is Why.NEWEST
    assert found[1] is None


def test_the_newest_backup_stays_when_none_is_good() -> None:
    found = fates_of([night(n, is_good=False) for n in range(200)], 600, days=3, months=False)
    assert found[199] is Why.NIGHTS and found[100] is None
    gone = [night(n, is_good=False, is_there=n == 5) for n in range(200)]
    assert fates_of(gone, 600, days=3, months=False) == {5: Why.NEWEST}


def test_a_counter_that_began_anew_after_a_restore_still_lets_old_ones_go() -> None:
    before = [night(n) for n in range(50)]
    after = [Kept(50 + n, 40 + n, (START + timedelta(days=50 + n)).astimezone(UTC), True) for n in range(20)]
    assert pruned(fates_of([*before, *after], 69, days=3, months=False)) == list(range(66))


def test_all_backups_follow_the_clock_after_the_contract_even_monthly_ones_and_the_newest() -> None:
    year = [night(n) for n in range(100)]
    ended = (START + timedelta(days=100)).date()
    assert pruned(fates_of(year, 99 + MONTHS + 1, ended=ended)) == list(range(100))
    assert fates_of(year, 99 + MONTHS - 1, ended=ended)[99] is Why.YOUNG


def test_a_contract_that_ends_tomorrow_has_not_ended() -> None:
    year = [night(n) for n in range(100)]
    assert fates_of(year, 300, ended=(START + timedelta(days=301)).date())[99] is Why.NIGHTS
