"""The vault's own work, on a separate host. It copies sealed backups from the backup store to the archives, reads the copies back and prunes what no tier
keeps any longer. It has no key that opens a backup.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from homeroom.seal.whole import write_whole
from homeroom.vault import manifest as manifests
from homeroom.vault.chain import Chain, Seen, chain_of, verified
from homeroom.vault.manifest import Manifest
from homeroom.vault.retain import Kept, Why, fates
from homeroom.vault.store import AlreadyThere, Store

LEFT_OVER = timedelta(days=2)  # a segment that no manifest names by then is from an interrupted run
LATEST = timedelta(hours=36)  # after this time a daily backup counts as missed
LATE = timedelta(hours=12)  # grace period added to the longest recent interval
FIRST = timedelta(days=8)  # until there are two backups, since the schedule may be weekly
USUAL = 7  # number of recent backups that show how often they come

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Tier:
    """`days` is how long the tier keeps a backup. If `keeps_months`, it also keeps the first good one of each month until the contract ends."""

    name: str
    store: Store
    days: int
    keeps_months: bool


def tiers(store: Store, archive: Store, offsite: Store) -> list[Tier]:
    """Returns the tiers of the policy in the order of copying: 3, 45 and 90 days."""
    return [Tier("store", store, 3, False), Tier("archive", archive, 45, False), Tier("offsite", offsite, 90, True)]


@dataclass(slots=True)
class Copied:
    """`backups` are numbers. `troubles` are sentences."""

    backups: list[int] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """The vault host's knowledge about the tier that it copies to. `seen` is the newest backup that was there. `settled` are the numbers accepted as lost
    there."""

    tier: str = ""
    seen: Seen | None = None
    settled: frozenset[int] = frozenset()


def copied(
    source: Store, into: Store, portal: str, signers: Sequence[bytes], tell: Tell = str, *, is_thorough: bool = True, known: Known | None = None
) -> Copied:
    """Copies every sealed backup of the portal that `into` lacks, byte for byte. If not `is_thorough`, and no number is new, it reads no manifest. A copy
    that was killed halfway then waits for a thorough round. If a backup is gone or lost in the source, only its manifest is copied. The chain would have a
    permanent gap without it. Raises StoreFailed."""
    done, known = Copied(), known or Known()
    if not is_thorough and source.folders(f"{portal}/backups/") <= into.folders(f"{portal}/backups/"):
        return done
    here, there = chain_of(source, portal, signers), chain_of(into, portal, signers)
    if known.seen and known.seen.number not in known.settled and there.link(known.seen.number) is None:
        return Copied(troubles=[_another_disk(into, portal, known.tier, known.seen.number)])
    for made in (link.manifest for link in here.links if there.link(link.manifest.number) is None):
        try:
            if here.is_gone(made):
                _manifest_copied(source, into, made)
                continue
            tell(f"backup {made.number} to {into.url}")
            wrong = _copied(source, into, made, here, there)
            if wrong and made.number in known.settled:
                _manifest_copied(source, into, made)
                continue
        except AlreadyThere:  # someone put something there, or a bit changed. The chain reports it, and later backups don't wait
            done.troubles += [] if made.number in known.settled else [_another_manifest(into, made)]
            continue
        if wrong:
            done.troubles += wrong
            break  # so that the chain in the next tier never has a gap
        done.backups.append(made.number)
    return done


def _another_manifest(into: Store, made: Manifest) -> str:
    return f"{into.url} has something else in the place of backup {made.number}'s manifest. See `homeroom backup verify {made.portal}`."


def _another_disk(into: Store, portal: str, tier: str, number: int) -> str:
    told = f"{into.url} does not have backup {number}, which lay there: another disk is in its place, or none. No backup is copied into it."
    return f"{told} Where it is meant to be a new one, say so: homeroom backup settle {portal} --new {tier}"


def _copied(source: Store, into: Store, manifest: Manifest, here: Chain, there: Chain) -> list[str]:
    """Copies the segments, reads them back, and only then copies the manifest. Without a manifest, a copy does not count as a backup."""
    if not here.is_whole(manifest):
        return [f"Backup {manifest.number} in {source.url} is not whole, and is not copied on. See `homeroom backup settle`."]
    for segment in manifest.segments:
        name = manifest.path(segment)
        if name not in there.there:
            into.add(name, source.pieces(name))
    if wrong := verified(into, manifest):
        into.remove(manifest.path(segment) for segment in manifest.segments)  # the next round copies them again
        return wrong
    _manifest_copied(source, into, manifest)
    return []


def _manifest_copied(source: Store, into: Store, manifest: Manifest) -> None:
    name = manifests.manifest_name(manifest.portal, manifest.number)
    add_again(into, name, source.read(name))


def add_again(store: Store, name: str, content: bytes) -> None:
    """Adds the content, or does nothing if a killed run already added it. Raises AlreadyThere if other bytes are there."""
    try:
        store.add_once(name, content)
    except AlreadyThere:
        if store.read(name) != content:
            raise


def notes_copied(source: Store, into: Store, portal: str) -> int:
    """Copies the notes of access removals. They are small and needed within a minute. Returns how many. Raises StoreFailed."""
    there = {each.name for each in into.names(f"{portal}/notes/")}
    missing = [each.name for each in source.names(f"{portal}/notes/") if each.name not in there]
    for name in missing:
        add_again(into, name, source.read(name))
    return len(missing)


@dataclass(frozen=True, slots=True)
class Fate:
    """`why` is None if the backup will be pruned. `is_whole` is as far as known. It may be false for a backup that was accepted as lost."""

    number: int
    at: datetime
    size: int
    is_whole: bool
    why: str | None


def fates_in(tier: Tier, chain: Chain, after: Chain | None, now: datetime, contract_ended: date | None) -> list[Fate]:
    """Returns the fate of each backup that has segments. `after` is the next tier's chain. A backup that it lacks stays at any age, until the contract ends."""
    zone = ZoneInfo(chain.links[-1].manifest.time_zone) if chain.links else ZoneInfo("UTC")
    kept = [
        Kept(m.number, m.night, m.at, is_good=chain.is_whole(m), is_there=not chain.is_gone(m), zone=ZoneInfo(m.time_zone))
        for m in (link.manifest for link in chain.links)
    ]  # fmt: skip
    verdicts = fates(kept, days=tier.days, keeps_months=tier.keeps_months, now=now, zone=zone, contract_ended=contract_ended)
    return [_fate(chain, number, why, after if contract_ended is None else None) for number, why in sorted(verdicts.items())]


def _fate(chain: Chain, number: int, why: Why | None, after: Chain | None) -> Fate:
    link = chain.link(number)
    if link is None:
        raise LookupError(number)
    told = str(why) if why else None
    if told is None and after is not None and after.link(number) is None:
        told = "not in the next archive yet"
    return Fate(number, link.manifest.at, link.manifest.sealed_size, chain.is_whole(link.manifest), told)


def taken_early(tier: Tier, chain: Chain, now: datetime, contract_ended: date | None) -> list[str]:
    """Returns a sentence for each backup that is gone before Homeroom would have pruned it. Also returns one for each month whose backups are all gone."""
    links = [link.manifest for link in chain.links]
    if not links:
        return []
    zone = ZoneInfo(links[-1].time_zone)
    all_there = [Kept(m.number, m.night, m.at, is_good=True) for m in links]
    verdicts = fates(all_there, days=tier.days, keeps_months=False, now=now, zone=zone, contract_ended=contract_ended)
    due = (Why.YOUNG, Why.NIGHTS, Why.NEWEST)
    lost = {m.number for m in links if chain.is_gone(m)} - chain.settled
    wrong = [f"Backup {number} in {tier.store.url} is gone before its time." for number in sorted(lost) if verdicts[number] in due]
    if tier.keeps_months and contract_ended is None:
        months: dict[str, list[bool]] = {}
        for m in links:
            if m.number in lost or not chain.is_gone(m):  # a backup accepted as lost counts for no month
                months.setdefault(f"{m.at.astimezone(ZoneInfo(m.time_zone)):%Y-%m}", []).append(m.number in lost)
        wrong += [f"No backup of {month} is left in {tier.store.url}, where one must stay." for month, gone in months.items() if all(gone)]
    return wrong


def overdue(tier: Tier, chain: Chain, since: datetime, now: datetime) -> list[str]:
    """Returns a sentence if no backup came for 12 hours more than the longest recent interval, and for at least 36 hours. This finds a missed night, but not
    a weekend of a weekday schedule. The store's clock says when the last one came, since an attacker could set the portal's.

    `since` is when the vault was set up.
    """
    last = [link.manifest for link in chain.links[-USUAL:]]
    gaps = [later.at - earlier.at for earlier, later in pairwise(last)]
    came = max((chain.there[manifests.manifest_name(chain.portal, made.number)].at for made in last), default=since)
    if now - came <= (max(LATEST, max(gaps) + LATE) if gaps else FIRST):
        return []
    told = f"The newest backup came to {tier.store.url} on {came:%b %d, %H:%M} UTC" if last else f"No backup has come to {tier.store.url}"
    return [f"{told}, and one was due. Look whether the portal's host makes them, and this one copies them: `homeroom doctor` on either."]


def pruned(tier: Tier, chain: Chain, decided: Sequence[Fate], now: datetime, contract_ended: date | None = None) -> int:
    """Removes the segments of pruned backups and returns the number of bytes. Manifests stay until the contract ends. Raises StoreFailed.

    Segments are removed first. If the process is killed, the next run removes the rest.
    """
    size = 0
    for fate in decided:
        link = chain.link(fate.number)
        if fate.why is None and link is not None:
            tier.store.remove(link.manifest.path(each) for each in link.manifest.segments if link.manifest.path(each) in chain.there)
            size += fate.size
    tier.store.remove(left_over(chain, now))
    for path in tier.store.half_written(now - LEFT_OVER):
        path.unlink(missing_ok=True)
    if contract_ended is not None and all(fate.why is None for fate in decided):
        tier.store.remove([each.name for each in tier.store.names(f"{chain.portal}/notes/")])
        # Newest first, so that a killed run leaves no gap.
        tier.store.remove(sorted((name for name in chain.there if name.endswith(f"/{manifests.NAME}")), reverse=True))
    return size


def left_over(chain: Chain, now: datetime) -> Iterator[str]:
    """Yields segments of an interrupted run: older than two days, with a number that the chain has passed, and named by no manifest."""
    named = {link.manifest.path(each) for link in chain.links for each in link.manifest.segments}
    highest = chain.links[-1].manifest.number if chain.links else 0
    for name, found in chain.there.items():
        number = name.split("/")[2]
        is_ours = name.endswith(f"/{manifests.NAME}") or name in named
        if not is_ours and number.isdigit() and int(number) <= highest and now - found.at > LEFT_OVER:
            yield name


def read_seen(path: Path) -> Seen | None:
    """Returns the newest backup that this host remembers of a tier. Raises ValueError if the file is corrupt."""
    return Seen(**json.loads(path.read_text())) if path.exists() else None


def keep_seen(path: Path, chain: Chain) -> None:
    """Remembers the newest backup, but never an older one than before. So a store that was rolled back can't change what is remembered."""
    before = read_seen(path)
    if not chain.links or (before and chain.links[-1].manifest.number <= before.number):
        return
    newest = chain.links[-1]
    write_whole(path, json.dumps({"number": newest.manifest.number, "digest": newest.digest}).encode())
