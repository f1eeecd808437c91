"""The vault's rounds: copies new backups and notes from tier to tier, checks whether each chain is whole, and prunes."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from homeroom.ops.backup.plan import Vault
from homeroom.seal.erasure import read_keys
from homeroom.seal.whole import write_whole
from homeroom.vault.chain import Chain, chain_of, verified
from homeroom.vault.keeping import (
    Fate,
    Known,
    Tier,
    copied,
    fates_in,
    keep_seen,
    notes_copied,
    overdue,
    pruned,
    read_seen,
    taken_early,
)
from homeroom.vault.manifest import Manifest
from homeroom.vault.restore import is_sealed_for

MOST = 1000  # checks that are remembered, for more backups than a tier ever has

Tell = Callable[[str], object]


@dataclass(slots=True)
class Round:
    """`copied` has the backups that came to each tier. `notes` is the number of copied notes. `troubles` has a sentence for each trouble."""

    copied: dict[str, list[int]] = field(default_factory=dict)
    notes: int = 0
    troubles: list[str] = field(default_factory=list)


def copy_round(vault: Vault, tell: Tell = str, *, is_thorough: bool = True) -> Round:
    """Copies from each tier to the next. Raises StoreFailed."""
    os.umask(0o022)  # the bytes are sealed. If a tier is a local folder, the drill reads it as another user, who can't write there
    done, tiers = Round(), vault.tiers()
    for before, after in pairwise(tiers):  # notes first, so that trouble with a backup stops no note
        done.notes += notes_copied(before.store, after.store, vault.portal)
    for before, after in pairwise(tiers):
        seen = None if vault.contract_ended else read_seen(seen_in(vault, after.name))
        known = Known(after.name, seen, vault.settled_in(after.name))
        found = copied(before.store, after.store, vault.portal, vault.signers, tell, is_thorough=is_thorough, known=known)
        done.copied[after.name] = found.backups
        done.troubles += found.troubles
    return done


def chains(vault: Vault) -> list[tuple[Tier, Chain]]:
    """Returns each tier's chain with what this host remembers of it, and remembers what it has now. After the contract's end everything goes, and nothing
    is missed. Raises StoreFailed."""
    found = []
    for tier in vault.tiers():
        memory = seen_in(vault, tier.name)
        chain = chain_of(tier.store, vault.portal, vault.signers, None if vault.contract_ended else read_seen(memory), vault.settled_in(tier.name))
        chain.broken = Looks.read(vault.folder, tier.name).broken
        if not chain.troubles:
            keep_seen(memory, chain)
        found.append((tier, chain))
    return found


def examined(vault: Vault, *, is_deep: bool, tell: Tell = str) -> dict[str, list[str]]:
    """Returns what is wrong, by tier. With `is_deep`, reads every sealed byte again. Otherwise checks that each segment is there with its length. Raises
    StoreFailed."""
    found = {}
    for tier, chain in chains(vault):
        now, since = datetime.now(UTC), datetime.fromtimestamp((vault.folder / "vault.toml").stat().st_mtime, UTC)
        wrong = [*chain.troubles, *taken_early(tier, chain, now, vault.contract_ended), *_for_another_key(vault, chain)]
        wrong += [] if vault.contract_ended else overdue(tier, chain, since, now)
        for link in chain.links:
            manifest = link.manifest
            if chain.is_gone(manifest) or manifest.number in chain.settled:
                continue
            if is_deep:
                wrong += looked_into(vault.folder, tier, manifest, datetime.now(UTC), tell)
            elif not chain.is_whole(manifest):
                wrong.append(f"Backup {manifest.number} in {tier.store.url} is not whole.")
        found[tier.name] = wrong
    return found


def seen_in(vault: Vault, tier: str) -> Path:
    return vault.folder / f"seen-{tier}.json"


def _for_another_key(vault: Vault, chain: Chain) -> list[str]:
    """Reports a backup that is sealed for another card than this vault's. No one could open it. A drill uses a key of its own and doesn't notice it."""
    newest = chain.links[-1].manifest if chain.links else None
    keys = read_keys(vault.keys) if vault.keys.exists() else {}
    if newest is None or newest.month not in keys or is_sealed_for(keys[newest.month], newest):
        return []
    told = f"Backup {newest.number} is sealed for another erasure key of {newest.month} than this vault's, so no one could open it."
    return [f"{told} Bring the portal this vault's card: homeroom keys erasure make {vault.portal} --file {vault.keys} --card card.json"]


def look_deeper(vault: Vault, now: datetime, tell: Tell = str) -> dict[str, list[str]]:
    """Reads again, in each tier, the backup whose bytes were read longest ago. Returns what is wrong with it, by tier. Raises StoreFailed."""
    found = {}
    for tier, chain in chains(vault):
        there = [link.manifest for link in chain.links if not chain.is_gone(link.manifest) and link.manifest.number not in chain.settled]
        if there:
            looks = Looks.read(vault.folder, tier.name)
            longest = min(there, key=lambda each, looks=looks: looks.at.get(each.number, ""))  # type: ignore[misc]
            found[tier.name] = looked_into(vault.folder, tier, longest, now, tell)
    return found


def looked_into(folder: Path, tier: Tier, manifest: Manifest, now: datetime, tell: Tell) -> list[str]:
    """Returns a sentence for each segment that isn't what was signed. Remembers the result, so that pruning doesn't count on a broken backup. Raises
    StoreFailed."""
    tell(f"reading backup {manifest.number} in the {tier.name}")
    wrong = verified(tier.store, manifest)
    Looks.read(folder, tier.name).having(manifest.number, now, is_broken=bool(wrong)).write(folder, tier.name)
    return wrong


@dataclass(frozen=True, slots=True)
class Looks:
    """This host's memory of a tier. `at` has the time when each backup's bytes were last read, by number. `broken` has the numbers that were not what was
    signed."""

    at: Mapping[int, str] = field(default_factory=dict)
    broken: frozenset[int] = frozenset()

    @classmethod
    def read(cls, folder: Path, tier: str) -> "Looks":
        path = folder / f"looked-{tier}.json"
        words = json.loads(path.read_text()) if path.exists() else {"at": {}, "broken": []}
        return cls({int(number): at for number, at in words["at"].items()}, frozenset(words["broken"]))

    def having(self, number: int, now: datetime, *, is_broken: bool) -> "Looks":
        """Keeps only the latest thousand."""
        latest = sorted({**self.at, number: now.isoformat()}.items(), key=lambda each: each[1])[-MOST:]
        return Looks(dict(latest), self.broken | {number} if is_broken else self.broken - {number})

    def write(self, folder: Path, tier: str) -> None:
        write_whole(folder / f"looked-{tier}.json", json.dumps({"at": self.at, "broken": sorted(self.broken)}).encode())


def decided(vault: Vault, now: datetime) -> list[tuple[Tier, Chain, list[Fate]]]:
    """Returns what each tier would keep and prune now. A tier with trouble in its chain prunes nothing. Raises StoreFailed."""
    found = chains(vault)
    after = [chain for _, chain in found[1:]] + [None]
    out = []
    for (tier, chain), then in zip(found, after, strict=True):
        fates = [] if chain.troubles else fates_in(tier, chain, then, now, vault.contract_ended)
        out.append((tier, chain, fates))
    return out


def prune_round(vault: Vault, now: datetime) -> dict[str, Any]:
    """Raises StoreFailed."""
    answer = {}
    for tier, chain, fates in decided(vault, now):
        size = 0 if chain.troubles else pruned(tier, chain, fates, now, vault.contract_ended)
        answer[tier.name] = {"pruned": [fate.number for fate in fates if fate.why is None], "bytes": size, "troubles": chain.troubles}
    return answer


def listed(vault: Vault, now: datetime) -> list[dict[str, Any]]:
    """Returns a row for each backup and tier, for people and scripts. Raises StoreFailed."""
    return rows_in(decided(vault, now))


def rows_in(found: Sequence[tuple[Tier, Chain, Sequence[Fate]]]) -> list[dict[str, Any]]:
    return [{"tier": tier.name, **asdict(fate), "why": fate.why or "is pruned next"} for tier, _, fates in found for fate in fates]


def notes_dropped(portal: Path) -> list[Path]:
    """Returns notes of a portal that wait to be copied to its backup store."""
    return [path for path in sorted((portal / "notes").glob("*")) if path.is_file() and not path.name.endswith(".new") and not path.name.startswith(".")]
