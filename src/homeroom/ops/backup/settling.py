"""`homeroom backup settle`: an operator accepts a backup in a tier as lost, or says that a tier is a new disk. Then the rounds continue."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.plan import TIERS, Vault
from homeroom.ops.backup.setting_up import write_vault
from homeroom.ops.backup.vault_round import chains, seen_in
from homeroom.vault.chain import Chain


def settle(vault: Vault, numbers: Sequence[int], new: str) -> dict[str, list[int]]:
    """Returns the backups that are accepted as lost, by tier. `new` is a tier on a new disk. Backups of the old disk are not missed. Those that the tier
    before it still has are copied. Raises NotDone, StoreFailed."""
    found = {tier.name: chain for tier, chain in chains(vault)}
    check(vault, found, numbers, new)
    lost = {name: sorted({each for number in numbers if not has(chain, number) for each in gap_at(chain, number)}) for name, chain in found.items()}
    if new:
        lost[new] = lacking(found, new)
        seen_in(vault, new).unlink(missing_ok=True)
    settled = vault.settled | {(name, number) for name, each in lost.items() for number in each}
    write_vault(vault.folder, replace(vault, settled=settled).words())
    return {name: each for name, each in lost.items() if each}


def check(vault: Vault, found: Mapping[str, Chain], numbers: Sequence[int], new: str) -> None:
    """Raises NotDone for a backup that isn't lost, or isn't known to be lost yet."""
    highest = max((chain.links[-1].manifest.number for chain in found.values() if chain.links), default=0)
    for number in numbers:
        if not 0 < number <= highest:
            raise NotDone(f"There is no backup {number}; the newest is {highest}.")
        if all(has(chain, number) for chain in found.values()):
            raise NotDone(f"Backup {number} is whole in every tier. There is nothing to settle.")
    for name, chain in found.items():
        if name != new and not chain.links and seen_in(vault, name).exists():
            raise NotDone(f"The {name} has no backup at all, and had some. Look whether its disk is there; where it is a new one, say --new {name} first.")


def has(chain: Chain, number: int) -> bool:
    link = chain.link(number)
    return link is not None and chain.is_whole(link.manifest)


def gap_at(chain: Chain, number: int) -> range:
    """Returns only the number if its manifest exists. Otherwise returns all numbers between the two manifests around it, because some were never used."""
    there = [link.manifest.number for link in chain.links]
    if number in there:
        return range(number, number + 1)
    return range(max((each for each in there if each < number), default=0) + 1, min((each for each in there if each > number), default=number + 1))


def lacking(chains: Mapping[str, Chain], new: str) -> list[int]:
    """Returns the backups that a new disk will never have. Nothing is copied into the store. An archive gets only what the tier before it has whole."""
    if new == TIERS[0]:
        links = chains[TIERS[1]].links
        return list(range(1, links[-1].manifest.number + 1)) if links else []
    before = chains[TIERS[TIERS.index(new) - 1]]
    return [link.manifest.number for link in before.links if not has(before, link.manifest.number)]
