"""A tier reports when backups stop coming. A weekday or weekly schedule raises no alarm."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from homeroom.vault.chain import Link
from homeroom.vault.keeping import Tier, overdue
from homeroom.vault.manifest import manifest_name
from homeroom.vault.store import StoredFile
from homeroom.vault.tests.safe import Safe


@pytest.mark.parametrize(
    ("days", "hours", "is_late"),
    [
        ((2, 1, 0), 35, False), ((2, 1, 0), 37, True), ((9, 2, 1, 0), 24 * 7 + 11, False), ((9, 2, 1, 0), 24 * 7 + 13, True),
        ((7, 4, 3, 2, 1, 0), 24 * 3 + 11, False), ((7, 4, 3, 2, 1, 0), 24 * 3 + 13, True),
        ((14, 7, 0), 24 * 7 + 11, False), ((14, 7, 0), 24 * 7 + 13, True), ((0,), 24 * 8 - 1, False), ((0,), 24 * 8 + 1, True),
    ],
)  # fmt: skip
def test_a_backup_is_missed_half_a_day_after_the_longest_time_of_late(safe: Safe, days: tuple[int, ...], hours: int, is_late: bool) -> None:
    """`days` are the backups' ages in days, compared with the newest. `hours` is the time since the newest one came. The cases are daily, weekly and weekday
    schedules, and a first backup whose schedule is unknown."""
    now = datetime.now(UTC)
    chain = safe.chain()
    made = safe.take().manifest
    for number, ago in enumerate(days, 1):
        chain.links.append(Link(replace(made, number=number, at=now - timedelta(days=ago)), ""))
        chain.there[manifest_name("lincoln", number)] = StoredFile("", 0, now - timedelta(hours=hours, minutes=len(days) - number))
    told = overdue(Tier("store", safe.store, 3, False), chain, now, now)
    assert ["newest backup" in each for each in told] == [True] * is_late


def test_a_vault_to_which_none_ever_came_says_so(safe: Safe) -> None:
    now = datetime.now(UTC)
    assert overdue(Tier("store", safe.store, 3, False), safe.chain(), now - timedelta(days=7), now) == []
    (told,) = overdue(Tier("store", safe.store, 3, False), safe.chain(), now - timedelta(days=9), now)
    assert told.startswith("No backup")
