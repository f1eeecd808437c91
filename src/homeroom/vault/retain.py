"""Which backups a tier keeps. Pure: it is told what there is and what time a clock shows, and believes no clock alone.

A clock that runs ahead must not cost a backup. So before the contract's end an age by the clock is believed only where the chain has
as many later nights; and a month's first backup is looked for by the chain's order as well as by moments.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LATE = timedelta(hours=12)  # by how much a night's first backup may come after the hour it was due


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup as its manifest tells. number: its place in the chain. night: which scheduled night; a run by hand has that of the night
    before it. at: the snapshot's moment by the portal's clock. is_good: nothing has found it broken. is_there: not pruned in this tier.
    zone: the district's when it was made, by which its month is counted; None: as now.
    """

    number: int
    night: int
    at: datetime
    is_good: bool
    is_there: bool = True
    zone: ZoneInfo | None = None


class Why(StrEnum):
    """Why a backup stays."""

    YOUNG = "younger than the tier's days"
    NIGHTS = "old by the clock, but too few backups followed it"
    MONTH = "the first good one of a month"
    NEWEST = "the newest good one"


def fates(
    backups: Sequence[Kept], *, days: int, keeps_months: bool, now: datetime, zone: ZoneInfo, contract_ended: date | None
) -> dict[int, Why | None]:
    """Of each backup that is there, by number: why it stays, or None: prune it.

    backups: every manifest of the chain, of pruned ones too, or nights would be missed. contract_ended: the first day on which it is
    over; from then on the clock alone counts, since no nights come any more.
    """
    chain = sorted(backups, key=lambda each: each.number)
    has_ended = contract_ended is not None and now.astimezone(zone).date() >= contract_ended
    nights = _nights_after(chain)
    newest = None if has_ended else _newest(chain)
    months = _firsts(chain, zone) if keeps_months and not has_ended else set()

    def fate(backup: Kept) -> Why | None:
        if now - backup.at < timedelta(days=days):  # a moment in the future is young, too
            return Why.YOUNG
        # One more than `days`: a run by hand, or one that began late, is up to a night younger than the night it belongs to.
        if not has_ended and nights[backup.number] <= days:
            return Why.NIGHTS
        if backup.number in months:
            return Why.MONTH
        return Why.NEWEST if backup.number == newest else None

    return {backup.number: fate(backup) for backup in chain if backup.is_there}


def _nights_after(chain: Sequence[Kept]) -> dict[int, int]:
    """How many nights, other than its own, stand behind each in the chain. They are counted and not subtracted: a restored portal's
    counter begins anew where the backup was."""
    seen: set[int] = set()
    counted = {}
    for backup in reversed(chain):
        counted[backup.number] = len(seen - {backup.night})
        seen.add(backup.night)
    return counted


def _newest(chain: Sequence[Kept]) -> int | None:
    """Where none is good, the newest of all: what finds them broken may itself be."""
    there = [backup for backup in chain if backup.is_there]
    good = [backup for backup in there if backup.is_good]
    return (good or there)[-1].number if there else None


def _firsts(chain: Sequence[Kept], zone: ZoneInfo) -> set[int]:
    """The first good one of each run. Only of those that are there: what was pruned is nobody's first, and the one that stays was chosen
    before the others went. Where none is good, the first of all: a month's last copy does not go because it was once read wrongly."""
    runs = ([backup for backup in run if backup.is_there] for run in _runs(chain, zone))
    return {next((backup for backup in run if backup.is_good), run[0]).number for run in runs if run}


def _runs(chain: Sequence[Kept], zone: ZoneInfo) -> Iterator[list[Kept]]:
    """Neighbours in the chain of one month in the district, no moment before the last one's: so the first of a month is there by the
    chain's order and by moments, wherever the two differ. A clock that was set back begins another run: what a wrong clock put at the
    head of a month would otherwise stand for it, and be of another one."""
    run: list[Kept] = []
    months = [f"{backup.at.astimezone(backup.zone or zone):%Y-%m}" for backup in chain]
    opened = next(iter(chain), None)  # the first backup of the night that runs
    for at, backup in enumerate(chain):
        if opened and run and (months[at] != months[at - 1] or _is_set_back(run[-1], opened, backup)):
            yield run
            run = []
        run.append(backup)
        opened = opened if opened and opened.night == backup.night else backup
    if run:
        yield run


def _is_set_back(before: Kept, opened: Kept, backup: Kept) -> bool:
    """Nights are never counted faster than days pass, though one begins later than another."""
    return backup.at < before.at or backup.at - opened.at < timedelta(days=backup.night - opened.night) - LATE
