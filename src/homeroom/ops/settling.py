"""`homeroom backup settle`: an operator says that a backup is lost in a tier for good, or that a tier is another disk, and the rounds go on."""

from collections.abc import Sequence
from dataclasses import replace

from homeroom.ops.answers import NotDone
from homeroom.ops.backup_plan import TIERS, Vault
from homeroom.ops.backup_setting_up import write_vault
from homeroom.ops.vault_round import chains, seen_in
from homeroom.vault.chain import Chain


def settle(vault: Vault, numbers: Sequence[int], new: str) -> dict[str, list[int]]:
    """What is settled, by tier. new: a tier that is another disk; what lay on the old one is not missed, but for what the tier beside it still has,
    which is copied. Raises NotDone, StoreFailed."""
    found = {tier.name: chain for tier, chain in chains(vault)}
    lost = {name: [number for number in numbers if not has(chain, number)] for name, chain in found.items()}
    if whole := [number for number in numbers if not any(number in each for each in lost.values())]:
        raise NotDone(f"Backup {whole[0]} is whole in every tier. There is nothing to settle.")
    if new:
        lost[new] += lacking(found, new)
        seen_in(vault, new).unlink(missing_ok=True)
    settled = vault.settled | {(name, number) for name, each in lost.items() for number in each}
    write_vault(vault.folder, replace(vault, settled=settled).words())
    return {name: sorted(each) for name, each in lost.items() if each}


def has(chain: Chain, number: int) -> bool:
    link = chain.link(number)
    return link is not None and chain.is_whole(link.manifest)


def lacking(chains: dict[str, Chain], new: str) -> list[int]:
    """What a new disk will never have: into the store nothing is copied, and into an archive what the tier before it has whole."""
    if new == TIERS[0]:
        return [link.manifest.number for link in chains[TIERS[1]].links]
    before = chains[TIERS[TIERS.index(new) - 1]]
    return [link.manifest.number for link in before.links if not has(before, link.manifest.number)]
