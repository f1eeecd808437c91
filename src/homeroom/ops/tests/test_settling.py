"""What nobody can mend is settled by an operator's word: later backups go on to the archives, the tier prunes again, and nothing alarms for ever."""

import json
import shutil
from datetime import UTC, datetime, timedelta

from homeroom.ops.__main__ import sentence
from homeroom.ops.backup_plan import vault_of
from homeroom.ops.tests.test_backup_commands import TIERS, answered, typed, vault  # noqa: F401  a fixture
from homeroom.ops.vault_round import chains, decided, prune_round
from homeroom.vault.manifest import manifest_name
from homeroom.vault.store import Store
from homeroom.vault.tests.conftest import own_safe, safe  # noqa: F401  fixtures
from homeroom.vault.tests.safe import Safe
from homeroom.vault.tests.test_chain import flip, folder_of, path_of


def verified(vault: Safe) -> str:  # noqa: F811
    """What is wrong; empty: nothing."""
    done = typed(vault, "backup", "verify", "lincoln")
    return "" if done.exit_code == 0 else f"{done.output} {sentence(done.exception)}"  # type: ignore[arg-type]


def of_archive(vault: Safe) -> list[str]:  # noqa: F811
    """The store was pruned by a clock of next month, which verify calls early."""
    found: list[str] = json.loads(typed(vault, "backup", "verify", "lincoln", "--json").stdout)["archive"]
    return found


def refused(vault: Safe, *words: str) -> str:  # noqa: F811
    done = typed(vault, "backup", "settle", "lincoln", *words)
    assert done.exit_code == 1
    return sentence(done.exception)  # type: ignore[arg-type]


def test_a_backup_that_was_spoiled_before_it_was_copied_holds_nothing_up_once_it_is_settled(vault: Safe) -> None:  # noqa: F811
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
    later = datetime.now(UTC) + timedelta(days=30)
    assert [fate.number for fate in decided(vault_of(vault.folder, "lincoln"), later)[0][2] if fate.why is None] == [1, 2], "and the store prunes again"
    segment = path_of(vault, vault.last).name
    (vault.folder / "archive" / vault.last.manifest.folder / segment).unlink()
    assert "Backup 6 in" in verified(vault), "another one that is lost is told all the same"


def test_an_archive_on_another_disk_is_taken_for_new_when_somebody_says_so(vault: Safe) -> None:  # noqa: F811
    vault.take()
    answered(vault, "backup", "copy", "lincoln")
    assert verified(vault) == ""
    prune_round(vault_of(vault.folder, "lincoln"), datetime.now(UTC) + timedelta(days=30))
    shutil.rmtree(vault.folder / "archive")
    vault.take()
    stuck = typed(vault, "backup", "copy", "lincoln")
    assert stuck.exit_code == 1 and "does not have backup 5, which lay there" in sentence(stuck.exception)  # type: ignore[arg-type]
    assert "rolled the store back" in verified(vault)
    assert answered(vault, "backup", "settle", "lincoln", "--new", "archive")["settled"] == {"archive": [1]}
    assert answered(vault, "backup", "copy", "lincoln")["copied"] == {"archive": [2, 3, 4, 5, 6], "offsite": [6]}
    assert of_archive(vault) == []
    shutil.rmtree(vault.folder / "archive" / "lincoln" / "backups" / "00000003")
    assert "Before backup 4 another one is missing" in of_archive(vault)[0], "and from now on it is looked after as before"


def test_a_store_on_another_disk_begins_with_the_next_backup(vault: Safe) -> None:  # noqa: F811
    answered(vault, "backup", "copy", "lincoln")
    assert verified(vault) == ""
    shutil.rmtree(vault.folder / "store")
    assert answered(vault, "backup", "settle", "lincoln", "--new", "store")["settled"] == {"store": [1, 2, 3, 4]}
    name = manifest_name("lincoln", 4)  # which the portal remembers, and the test looks up
    vault.store.add_once(name, Store(str(vault.folder / "archive")).read(name))
    vault.take()
    shutil.rmtree(folder_of(vault, 4))
    assert answered(vault, "backup", "copy", "lincoln")["copied"] == {"archive": [5], "offsite": [5]}
    assert verified(vault) == ""


def test_what_is_whole_is_not_settled_and_odd_words_are_one_sentence(vault: Safe) -> None:  # noqa: F811
    answered(vault, "backup", "copy", "lincoln")
    before = (vault.folder / "vault" / "lincoln" / "vault.toml").read_text()
    assert "Backup 3 is whole in every tier" in refused(vault, "3")
    for words in ((), ("3", "--new", "archive"), ("--new", "attic")):
        assert "Say which backups" in refused(vault, *words)
    assert (vault.folder / "vault" / "lincoln" / "vault.toml").read_text() == before


def test_once_the_contract_is_over_and_all_is_gone_nothing_is_missed(vault: Safe) -> None:  # noqa: F811
    answered(vault, "backup", "copy", "lincoln")
    found = vault_of(vault.folder, "lincoln")
    assert {tier.name: chain.troubles for tier, chain in chains(found)} == {tier: [] for tier in TIERS}
    answered(vault, "backup", "end", "lincoln", "--contract-ended", f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}", "--yes")
    found = vault_of(vault.folder, "lincoln")
    for _ in range(2):
        prune_round(found, datetime.now(UTC) + timedelta(days=92))
        assert verified(vault) == "" and typed(vault, "backup", "copy", "lincoln").exit_code == 0
    assert [each.name for tier in TIERS for each in Store(str(vault.folder / tier)).names("lincoln/")] == []
