"""Decides which backups a tier keeps. It is pure. It gets the backups and a clock's time, and never trusts only the clock.

A clock that runs ahead must not cost a backup. Before the contract's end, an age by the clock counts only if enough later nights are in the chain. A month's
first backup is found by the chain's order as well as by moments.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LATE = timedelta(hours=12)  # how much later than due a night's first backup may come


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup as its manifest describes it. `number` is its place in the chain. `night` is the scheduled night. A run by hand has the number of the night
    before it. `at` is the snapshot's moment by the portal's clock. `is_good` means that nothing has found it broken. `is_there` means that it is not pruned
    in this tier. `zone` is the district's when it was made, which decides its month. None means the present one."""

    number: int
    night: int
    at: datetime
    is_good: bool
    is_there: bool = True
    zone: ZoneInfo | None = None


class Why(StrEnum):
    """The reason why a backup stays."""

    YOUNG = "younger than the tier's days"
    NIGHTS = "old by the clock, but too few backups followed it"
    MONTH = "the first good one of a month"
    NEWEST = "the newest good one"


def fates(
    backups: Sequence[Kept], *, days: int, keeps_months: bool, now: datetime, zone: ZoneInfo, contract_ended: date | None
) -> dict[int, Why | None]:
    """Returns why each backup that is there stays, by number. None means that it is pruned.

    `backups` are all manifests of the chain, also of pruned backups, since their nights count. `contract_ended` is the first day after the contract. From
    then on only the clock counts, because no more nights come.
    """
    chain = sorted(backups, key=lambda each: each.number)
    has_ended = contract_ended is not None and now.astimezone(zone).date() >= contract_ended
    nights = _nights_after(chain)
    newest = None if has_ended else _newest(chain)
    months = _firsts(chain, zone) if keeps_months and not has_ended else set()

    def fate(backup: Kept) -> Why | None:
        if now - backup.at < timedelta(days=days):  # a moment in the future is young, too
            return Why.YOUNG
        # One more than `days`, because a run by hand, or one that began late, is up to a night younger than its night.
        if not has_ended and nights[backup.number] <= days:
            return Why.NIGHTS
        if backup.number in months:
            return Why.MONTH
        return Why.NEWEST if backup.number == newest else None

    return {backup.number: fate(backup) for backup in chain if backup.is_there}


def _nights_after(chain: Sequence[Kept]) -> dict[int, int]:
    """Returns how many nights, other than its own, follow each backup in the chain. They are counted and not subtracted, because the counter of a restored
    portal starts again at its backup."""
    seen: set[int] = set()
    counted = {}
    for backup in reversed(chain):
        counted[backup.number] = len(seen - {backup.night})
        seen.add(backup.night)
    return counted


def _newest(chain: Sequence[Kept]) -> int | None:
    """Returns the newest good backup. If none is good, it returns the newest of all, since the check that finds them broken may be wrong."""
    there = [backup for backup in chain if backup.is_there]
    good = [backup for backup in there if backup.is_good]
    return (good or there)[-1].number if there else None


def _firsts(chain: Sequence[Kept], zone: ZoneInfo) -> set[int]:
    """Returns the first good backup of each run. Only backups that are there count. A pruned one can't be the first, and the one that stays was chosen before
    the others were pruned. If none is good, the first of all stays. One wrong reading must not remove a month's last copy."""
    runs = ([backup for backup in run if backup.is_there] for run in _runs(chain, zone))
    return {next((backup for backup in run if backup.is_good), run[0]).number for run in runs if run}


def _runs(chain: Sequence[Kept], zone: ZoneInfo) -> Iterator[list[Kept]]:
    """Yields runs: neighbors in the chain that are of one month in the district, with no moment before the last one's. A month's first backup is thus found
    by the chain's order and by moments, even if the two differ. A clock that was set back begins another run. Otherwise a backup that a wrong clock put first
    in a month would count for it, although it is from another month."""
    run: list[Kept] = []
    months = [f"{backup.at.astimezone(backup.zone or zone):%Y-%m}" for backup in chain]
    opened = next(iter(chain), None)  # the first backup of the current night
    for at, backup in enumerate(chain):
        if opened and run and (months[at] != months[at - 1] or _is_set_back(run[-1], opened, backup)):
            yield run
            run = []
        run.append(backup)
        opened = opened if opened and opened.night == backup.night else backup
    if run:
        yield run


def _is_set_back(before: Kept, opened: Kept, backup: Kept) -> bool:
    """Returns whether the clock was set back. Nights are never counted faster than days pass, though one may begin later than another."""
    return backup.at < before.at or backup.at - opened.at < timedelta(days=backup.night - opened.night) - LATE
