"""Older backups are read again one after another. A broken one is remembered and counts for nothing."""

import json
from datetime import UTC, datetime, timedelta

from homeroom.ops.__main__ import sentence
from homeroom.ops.backup.plan import vault_of
from homeroom.ops.backup.tests.test_backup_commands import answered, typed, vault  # noqa: F401  a fixture
from homeroom.ops.backup.vault_round import MOST, Looks, decided
from homeroom.vault.manifest import manifest_name
from homeroom.vault.store import Store
from homeroom.vault.tests.conftest import own_safe, safe  # noqa: F401  fixtures
from homeroom.vault.tests.safe import Safe
from homeroom.vault.tests.test_chain import flip


def segment_of(safe: Safe, tier: str, number: int) -> None:
    """Flips a bit in the largest segment."""
    content = json.loads(Store(str(safe.folder / tier)).read(manifest_name("lincoln", number)).split(b"\n")[0])
    largest = max(content["segments"], key=lambda each: each["sealed"])
    flip(safe.folder / tier / content["folder"] / largest["name"], 77)


def test_each_check_reads_the_backup_that_was_read_longest_ago(vault: Safe) -> None:
    answered(vault, "backup", "copy", "lincoln")
    for turn in (1, 2, 3, 4, 1, 2):
        done = typed(vault, "backup", "verify", "lincoln", "--next")
        assert done.exit_code == 0, done.exception
        assert all(f"reading backup {turn} in the {tier}" in done.output for tier in ("store", "archive", "offsite"))


def test_a_broken_backup_is_reported_until_it_is_whole_again_and_does_not_count_for_its_month(vault: Safe) -> None:
    answered(vault, "backup", "copy", "lincoln")
    segment_of(vault, "offsite", 1)
    assert "are whole" in typed(vault, "backup", "verify", "lincoln").output, "its length is right"
    done = typed(vault, "backup", "verify", "lincoln", "--next")
    assert done.exit_code == 1 and "of backup 1 in" in sentence(done.exception) and "was changed" in sentence(done.exception)  # type: ignore[arg-type]
    for _ in range(2):
        told = typed(vault, "backup", "verify", "lincoln")
        assert told.exit_code == 1 and f"Backup 1 in {vault.folder / 'offsite'} is not whole." in sentence(told.exception)  # type: ignore[arg-type]
    tiers = decided(vault_of(vault.folder, "lincoln"), datetime.now(UTC))
    wholes = {tier.name: [chain.is_whole(link.manifest) for link in chain.links] for tier, chain, _ in tiers}
    assert wholes == {"store": [True] * 4, "archive": [True] * 4, "offsite": [False, True, True, True]}, "what pruning takes for good"
    segment_of(vault, "offsite", 1)
    assert typed(vault, "backup", "verify", "lincoln", "--deep").exit_code == 0
    assert "are whole" in typed(vault, "backup", "verify", "lincoln").output


def test_remembered_vault_checks_do_not_grow_forever() -> None:
    looks, now = Looks(), datetime.now(UTC)
    for number in range(MOST + 5):
        looks = looks.having(number, now + timedelta(hours=number), is_broken=number == 7)
    assert len(looks.at) == MOST and min(looks.at) == 5 and looks.broken == {7}
