"""An operator accepts as lost what no one can repair. Later backups go on to the archives, the tier prunes again, and the alarms stop."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from homeroom.ops.__main__ import sentence
from homeroom.ops.answers import NotDone
from homeroom.ops.backup.plan import vault_of
from homeroom.ops.backup.setting_up import write_vault
from homeroom.ops.backup.tests.test_backup_commands import TIERS, answered, typed, vault  # noqa: F401  a fixture
from homeroom.ops.backup.vault_round import chains, decided, prune_round
from homeroom.ops.host.installation import toml
from homeroom.vault.keeping import Tier, taken_early
from homeroom.vault.manifest import manifest_name
from homeroom.vault.snapshot import ChainPlace, Recipients, take
from homeroom.vault.store import Store
from homeroom.vault.tests.conftest import own_safe, safe  # noqa: F401  fixtures
from homeroom.vault.tests.safe import MONTH, Safe
from homeroom.vault.tests.test_chain import flip, folder_of, path_of


def verified(vault: Safe) -> str:
    """Returns what is wrong, or an empty string."""
    done = typed(vault, "backup", "verify", "lincoln")
    return "" if done.exit_code == 0 else f"{done.output} {sentence(done.exception)}"  # type: ignore[arg-type]


def of_archive(vault: Safe) -> list[str]:
    """Returns what verify says about the archive only. The store was pruned with a clock of next month, which verify calls early."""
    found: list[str] = json.loads(typed(vault, "backup", "verify", "lincoln", "--json").stdout)["archive"]
    return found


def refused(vault: Safe, *words: str) -> str:
    done = typed(vault, "backup", "settle", "lincoln", *words)
    assert done.exit_code == 1
    return sentence(done.exception)  # type: ignore[arg-type]


def test_a_backup_that_was_spoiled_before_it_was_copied_holds_nothing_up_once_it_is_settled(vault: Safe) -> None:
    assert vault.last is not None
    vault.take()
    flip(path_of(vault, vault.last), 9)
    vault.take()
    stuck = typed(vault, "backup", "copy", "lincoln")
    assert stuck.exit_code == 1 and "of backup 5 in" in sentence(stuck.exception)  # type: ignore[arg-type]
    assert "of backup 5 in" in str(typed(vault, "backup", "verify", "lincoln", "--deep").exception)
    assert answered(vault, "backup", "settle", "lincoln", "5") == {"portal": "lincoln", "settled": {tier: [5] for tier in TIERS}}
    assert answered(vault, "backup", "copy", "lincoln")["copied"] == {"archive": [6], "offsite": [6]}
    assert verified(vault) == ""
    listed = {row["number"]: row["is_whole"] for row in answered(vault, "backup", "list", "lincoln")["backups"] if row["tier"] == "store"}
    assert listed == {1: True, 2: True, 3: True, 4: True, 5: False, 6: True}, "and whoever looks for one to restore sees which not to take"
    later = datetime.now(UTC) + timedelta(days=30)
    assert [fate.number for fate in decided(vault_of(vault.folder, "lincoln"), later)[0][2] if fate.why is None] == [1, 2], "and the store prunes again"
    segment = path_of(vault, vault.last).name
    (vault.folder / "archive" / vault.last.manifest.folder / segment).unlink()
    assert "Backup 6 in" in verified(vault), "another one that is lost is told all the same"


def test_an_archive_on_another_disk_counts_as_new_when_someone_says_so(vault: Safe) -> None:
    """The whole chain is there, but the first backup has only its manifest."""
    vault.take()
    answered(vault, "backup", "copy", "lincoln")
    assert verified(vault) == ""
    prune_round(vault_of(vault.folder, "lincoln"), datetime.now(UTC) + timedelta(days=30))
    shutil.rmtree(vault.folder / "archive")
    vault.take()
    stuck = typed(vault, "backup", "copy", "lincoln")
    assert stuck.exit_code == 1 and "not have backup 5," in sentence(stuck.exception)  # type: ignore[arg-type]
    assert "older state" in verified(vault)
    assert answered(vault, "backup", "settle", "lincoln", "--new", "archive")["settled"] == {"archive": [1]}
    assert answered(vault, "backup", "copy", "lincoln")["copied"] == {"archive": [2, 3, 4, 5, 6], "offsite": [6]}
    assert of_archive(vault) == []
    shutil.rmtree(vault.folder / "archive" / "lincoln" / "backups" / "00000003")
    assert "Before backup 4 " in of_archive(vault)[0], "and from now on it is looked after as before"


def test_a_store_on_another_disk_begins_with_the_next_backup(vault: Safe) -> None:
    answered(vault, "backup", "copy", "lincoln")
    assert verified(vault) == ""
    shutil.rmtree(vault.folder / "store")
    assert answered(vault, "backup", "settle", "lincoln", "--new", "store")["settled"] == {"store": [1, 2, 3, 4]}
    name = manifest_name("lincoln", 4)  # the portal remembers it, and the test reads it
    vault.store.add_once(name, Store(str(vault.folder / "archive")).read(name))
    vault.take()
    shutil.rmtree(folder_of(vault, 4))
    assert answered(vault, "backup", "copy", "lincoln")["copied"] == {"archive": [5], "offsite": [5]}
    assert verified(vault) == ""


def test_an_intact_backup_is_not_accepted_as_lost_and_invalid_words_get_one_sentence(vault: Safe) -> None:
    answered(vault, "backup", "copy", "lincoln")
    before = (vault.folder / "vault" / "lincoln" / "vault.toml").read_text()
    assert "Backup 3 is whole" in refused(vault, "3")
    for number in ("40", "0"):
        assert f"no backup {number}; the newest is 4." in refused(vault, number), "one that is to come would be lost unseen"
    for words in ((), ("3", "--new", "archive"), ("--new", "attic")):
        assert "Say which backups" in refused(vault, *words)
    assert (vault.folder / "vault" / "lincoln" / "vault.toml").read_text() == before


def test_nothing_is_settled_while_a_disk_is_not_there(vault: Safe) -> None:
    """Otherwise its good copies would count as lost."""
    answered(vault, "backup", "copy", "lincoln")
    assert verified(vault) == ""
    shutil.rmtree(folder_of(vault, 2))
    (vault.folder / "archive").rename(vault.folder / "elsewhere")
    assert "archive has no" in refused(vault, "2")
    shutil.rmtree(vault.folder / "archive")
    (vault.folder / "elsewhere").rename(vault.folder / "archive")
    assert answered(vault, "backup", "settle", "lincoln", "2")["settled"] == {"store": [2]}
    assert verified(vault) == ""


def test_the_newest_of_an_archive_is_settled_and_later_ones_go_on(vault: Safe) -> None:
    answered(vault, "backup", "copy", "lincoln")
    assert verified(vault) == ""
    for tier in ("archive", "offsite"):
        shutil.rmtree(vault.folder / tier / "lincoln" / "backups" / "00000004")
    shutil.rmtree(folder_of(vault, 4))
    assert "older state" in verified(vault)
    before = ChainPlace(4, 4, vault.chain().links[-1].digest)
    to = Recipients(vault.restore.public, vault.erasure.public, MONTH, vault.drill.public)
    take(vault.source(), vault.store, to, replace(before, number=5), vault.signing)
    assert answered(vault, "backup", "settle", "lincoln", "4")["settled"] == {tier: [4] for tier in TIERS}
    assert answered(vault, "backup", "copy", "lincoln")["copied"] == {"archive": [5], "offsite": [5]}
    assert verified(vault) == ""


def test_a_month_that_lost_one_is_missed_when_it_loses_the_last(vault: Safe) -> None:
    found = vault_of(vault.folder, "lincoln")
    tier, chain = Tier("offsite", vault.store, 90, True), vault.chain()
    later = datetime.now(UTC) + timedelta(days=400)
    chain.settled = frozenset({1})
    for link in chain.links:
        for segment in link.manifest.segments:
            chain.there.pop(link.manifest.path(segment))
    told = taken_early(tier, chain, later, found.contract_ended)
    assert [each for each in told if each.startswith("No backup of")] != []


def test_settled_numbers_are_kept_as_spans(vault: Safe) -> None:
    found = vault_of(vault.folder, "lincoln")
    made = replace(found, settled=frozenset(("archive", number) for number in (3, 4, 5, 9)) | {("store", 1)})
    assert made.words()["settled"] == ["store 1", "archive 3-5", "archive 9"]
    write_vault(found.folder, made.words())
    assert vault_of(vault.folder, "lincoln").settled == made.settled
    for odd in ('"archive"', '"archive x"', "17", '"archive 3-x"'):
        (found.folder / "vault.toml").write_text(f"settled = [{odd}]\n" + toml({key: value for key, value in made.words().items() if key != "settled"}))
        with pytest.raises(NotDone, match="settled as a list such as"):
            vault_of(vault.folder, "lincoln")


def test_once_the_contract_is_over_and_all_is_gone_nothing_is_missed(vault: Safe) -> None:
    answered(vault, "backup", "copy", "lincoln")
    found = vault_of(vault.folder, "lincoln")
    assert {tier.name: chain.troubles for tier, chain in chains(found)} == {tier: [] for tier in TIERS}
    answered(vault, "backup", "end", "lincoln", "--contract-ended", f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}", "--yes")
    found = vault_of(vault.folder, "lincoln")
    for _ in range(2):
        prune_round(found, datetime.now(UTC) + timedelta(days=92))
        assert verified(vault) == "" and typed(vault, "backup", "copy", "lincoln").exit_code == 0
    assert [each.name for tier in TIERS for each in Store(str(vault.folder / tier)).names("lincoln/")] == []
