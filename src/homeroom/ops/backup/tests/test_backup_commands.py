"""A vault operator's commands and what scripts read of them. Also which backup a restore takes, and how a drill waits."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from homeroom.ops.__main__ import app, sentence
from homeroom.ops.answers import NotDone
from homeroom.ops.backup import drilling, vault_round
from homeroom.ops.backup.commands import told
from homeroom.ops.backup.drilling import await_there, tier_of
from homeroom.ops.backup.listing import left_out
from homeroom.ops.backup.plan import vault_of
from homeroom.ops.restore.restoring import choose, outline
from homeroom.seal.wrapping import named
from homeroom.vault.chain import chain_of
from homeroom.vault.manifest import manifest_name
from homeroom.vault.store import Store
from homeroom.vault.tests.conftest import own_safe, safe  # noqa: F401  fixtures
from homeroom.vault.tests.safe import Safe
from homeroom.vault.tests.test_chain import flip, path_of
from tests.browser import numbers

TIERS = ("store", "archive", "offsite")


@pytest.fixture
def vault(safe: Safe, tmp_path: Path) -> Safe:
    """Four scheduled backups in the backup store, and a vault that has copied nothing yet."""
    folder = tmp_path / "vault" / "lincoln"
    folder.mkdir(parents=True)
    (tmp_path / "homeroom.toml").write_text("demo = false\n")
    lines = [f'{tier} = "{tmp_path / tier}"' for tier in TIERS]
    (folder / "vault.toml").write_text("\n".join([f'signers = ["{safe.signers[0].hex()}"]', *lines, ""]))
    for _ in range(4):
        safe.take()
    return safe


@pytest.fixture
def own_vault(vault: Safe) -> Safe:
    """A vault with keys that a test may replace."""
    return vault


def typed(safe: Safe, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--folder", str(safe.folder)])


def answered(safe: Safe, *words: str) -> Any:
    done = typed(safe, *words, "--json")
    assert done.exit_code == 0, done.exception or done.output
    return json.loads(done.stdout)


def everything(safe: Safe) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for tier in TIERS for path in (safe.folder / tier).rglob("*") if path.is_file()}


def test_copies_are_reported_by_tier_and_made_once(vault: Safe) -> None:
    assert answered(vault, "backup", "copy", "lincoln") == {"copied": {"archive": [1, 2, 3, 4], "offsite": [1, 2, 3, 4]}, "notes": 0, "troubles": []}
    assert answered(vault, "backup", "copy", "lincoln")["copied"] == {"archive": [], "offsite": []}
    assert "nothing new" in typed(vault, "backup", "copy", "lincoln").output


def test_the_list_says_why_each_stays(vault: Safe) -> None:
    answered(vault, "backup", "copy", "lincoln")
    found = answered(vault, "backup", "list", "lincoln")
    assert {(row["tier"], row["number"]) for row in found["backups"]} == {(tier, number) for tier in TIERS for number in (1, 2, 3, 4)}
    assert set(found["backups"][0]) == {"tier", "number", "at", "size", "is_whole", "why"} and found["runs"] == []
    assert found["backups"] and all("younger than" in row["why"] for row in found["backups"])
    assert "younger than" in typed(vault, "backup", "list", "lincoln").output


def test_verify_is_quiet_about_what_is_whole_and_fails_on_what_is_not(vault: Safe) -> None:
    answered(vault, "backup", "copy", "lincoln")
    assert answered(vault, "backup", "verify", "lincoln", "--deep") == {tier: [] for tier in TIERS}
    assert "All three tiers" in typed(vault, "backup", "verify", "lincoln").output
    assert vault.last is not None
    path = vault.folder / "archive" / path_of(vault, vault.last).relative_to(vault.folder / "store")
    flip(path, 5)
    assert typed(vault, "backup", "verify", "lincoln").exit_code == 0, "without --deep its length is looked at"
    found = typed(vault, "backup", "verify", "lincoln", "--deep", "--json")
    assert found.exit_code == 1 and isinstance(found.exception, NotDone)
    name = vault.last.manifest.segment("table").name
    assert json.loads(found.stdout)["archive"] == [f"Segment {name} of backup 4 in {vault.folder / 'archive'} was changed."]
    path.write_bytes(b"cut")
    short = typed(vault, "backup", "verify", "lincoln")
    assert short.exit_code == 1 and "Backup 4" in str(short.exception) and "is not whole" in str(short.exception)


def test_verify_remembers_what_was_there_before_a_store_was_rolled_back(vault: Safe) -> None:
    assert typed(vault, "backup", "verify", "lincoln").exit_code == 0
    shutil.rmtree(vault.folder / "store" / "lincoln" / "backups" / "00000004")
    rolled = typed(vault, "backup", "verify", "lincoln")
    assert rolled.exit_code == 1 and "older state" in str(rolled.exception)
    assert typed(vault, "backup", "verify", "lincoln").exit_code == 1, "it does not get used to it"


def test_a_backup_that_someone_removed_early_is_reported(vault: Safe) -> None:
    link = vault.chain().links[1].manifest
    vault.store.remove([link.path(each) for each in link.segments])
    found = typed(vault, "backup", "verify", "lincoln")
    assert found.exit_code == 1 and str(found.exception).startswith(f"Backup 2 in {vault.folder / 'store'} is gone")


def test_a_dry_run_of_pruning_says_what_would_go_and_removes_nothing(vault: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(vault, "backup", "copy", "lincoln")
    for _ in range(2):
        vault.take()
    answered(vault, "backup", "copy", "lincoln")
    before, later = everything(vault), datetime.now(UTC) + timedelta(days=20)
    rows = vault_round.listed(vault_round.Vault.read(vault.folder / "vault" / "lincoln"), later)
    assert [row["number"] for row in rows if row["why"] == "is pruned next"] == [1, 2]
    found = answered(vault, "backup", "prune", "lincoln", "--dry-run")
    assert len(found) == 18 and everything(vault) == before
    assert answered(vault, "backup", "prune", "lincoln") == {tier: {"pruned": [], "bytes": 0, "troubles": []} for tier in TIERS}
    assert everything(vault) == before
    done = vault_round.prune_round(vault_round.Vault.read(vault.folder / "vault" / "lincoln"), later)
    assert done["store"]["pruned"] == [1, 2] and done["archive"]["pruned"] == []
    assert len(everything(vault)) < len(before)


def test_a_tier_whose_chain_is_not_whole_prunes_nothing(vault: Safe) -> None:
    for _ in range(3):
        vault.take()
    answered(vault, "backup", "copy", "lincoln")
    shutil.rmtree(vault.folder / "store" / "lincoln" / "backups" / "00000002")
    before, later = everything(vault), datetime.now(UTC) + timedelta(days=20)
    done = vault_round.prune_round(vault_round.Vault.read(vault.folder / "vault" / "lincoln"), later)
    assert done["store"]["troubles"] and done["store"]["pruned"] == [] and everything(vault) == before
    assert typed(vault, "backup", "prune", "lincoln").exit_code == 1


@pytest.mark.parametrize("verb", ["copy", "verify", "prune", "list", "run"])
def test_an_unknown_portal_is_reported_in_one_sentence(vault: Safe, verb: str) -> None:
    done = typed(vault, "backup", verb, "harbor")
    assert done.exit_code == 1 and isinstance(done.exception, NotDone) and "harbor" in sentence(done.exception)


def test_a_restore_takes_the_newest_whole_backup_or_the_one_asked_for(vault: Safe) -> None:
    signer = vault.signers[0]
    assert choose("lincoln", vault.store, [named(signer)], None).manifest.number == 4
    assert choose("lincoln", vault.store, [named(signer).replace(" ", "").lower()], 2).manifest.number == 2
    assert choose("lincoln", vault.store, [signer.hex()], None).chain.troubles == []
    assert vault.last is not None
    vault.store.remove([vault.last.manifest.path(vault.last.manifest.segments[0])])
    assert choose("lincoln", vault.store, [signer.hex()], None).manifest.number == 3
    rows = outline(choose("lincoln", vault.store, [signer.hex()], None))
    assert [row["is_whole"] for row in rows["backups"]] == [True, True, True, False] and rows["chosen"] == 3
    for number in (4, 9):
        with pytest.raises(NotDone, match=f"has no whole backup {number} of 'lincoln'"):
            choose("lincoln", vault.store, [signer.hex()], number)


@pytest.mark.parametrize("signer", ["", "00" * 32, "AAAA BBBB"])
def test_a_restore_believes_no_signer_that_the_operator_did_not_name(vault: Safe, signer: str) -> None:
    with pytest.raises(NotDone, match=f"is signed by {named(vault.signers[0])}. Compare it with the sheets"):
        choose("lincoln", vault.store, [signer], None)


def test_after_a_rotation_the_newest_name_restores_and_both_vouch_for_what_is_older(own_vault: Safe) -> None:
    old = own_vault.signers[0]
    own_vault.rotate()
    own_vault.take()
    new = own_vault.signers[-1]
    chosen = choose("lincoln", own_vault.store, [named(new)], None)
    assert chosen.manifest.number == 5 and len(chosen.chain.links) == 1
    chosen = choose("lincoln", own_vault.store, [named(new), named(old)], 3)
    assert chosen.manifest.number == 3 and chosen.chain.troubles == []
    with pytest.raises(NotDone, match=f"is signed by {named(new)}. Compare"):
        choose("lincoln", own_vault.store, [named(old)], None)
    one = typed(own_vault, "restore", "lincoln", "--from", own_vault.store.url, "--erasure", "x", "--signer", new.hex(), "--dry-run")
    assert "not signed by" in one.output, "what the older key signed is told, and not only left out"


@pytest.mark.parametrize("content", [b"{}\n{}\n", b"nothing"])
def test_an_invalid_manifest_on_top_of_a_store_blocks_no_restore(own_vault: Safe, content: bytes) -> None:
    """Anyone who can add to the store could do it. The sentence says which backup is the newest with a known signature."""
    signer = own_vault.signers[0].hex()
    own_vault.store.add_once(manifest_name("lincoln", 9), content)
    with pytest.raises(NotDone, match=r"is no manifest\. If not, --number 4 is the newest"):
        choose("lincoln", own_vault.store, [signer], None)
    assert choose("lincoln", own_vault.store, [signer], 4).manifest.number == 4


def test_the_vault_trusts_a_new_signing_key_once_the_operator_names_it(own_vault: Safe) -> None:
    own_vault.rotate()
    own_vault.take()
    done = typed(own_vault, "backup", "verify", "lincoln")
    assert done.exit_code == 1 and "not signed by" in sentence(done.exception)  # type: ignore[arg-type]
    new = own_vault.signers[-1].hex()
    assert answered(own_vault, "keys", "rotate", "lincoln", "--believe", new) == {"portal": "lincoln", "signer": new}
    assert answered(own_vault, "backup", "copy", "lincoln")["copied"]["offsite"] == [1, 2, 3, 4, 5]
    assert "are whole" in typed(own_vault, "backup", "verify", "lincoln").output
    places = [word for tier in TIERS for word in (f"--{tier}", str(own_vault.folder / tier))]
    answered(own_vault, "backup", "vault", "lincoln", "--signer", new, *places)
    assert list(vault_of(own_vault.folder, "lincoln").signers) == own_vault.signers, "said again, it takes no key away"
    for word in (new, "zz", own_vault.signers[0].hex()):
        refused = typed(own_vault, "keys", "rotate", "lincoln", "--believe", word)
        assert refused.exit_code == 1 and isinstance(refused.exception, NotDone)


def test_a_contracts_end_is_set_once_it_has_come_and_takes_no_signer_away(own_vault: Safe) -> None:
    folder = own_vault.folder / "vault" / "lincoln"
    before = (folder / "vault.toml").read_text()
    ahead = typed(own_vault, "backup", "end", "lincoln", "--contract-ended", "2999-01-01", "--yes")
    assert ahead.exit_code == 1 and "still to come" in sentence(ahead.exception)  # type: ignore[arg-type]
    said = answered(own_vault, "backup", "end", "lincoln", "--contract-ended", "2026-06-30", "--dry-run")
    assert said["dry_run"] and said["contract_ended"] == "2026-06-30"
    other = CliRunner().invoke(app, ["backup", "end", "lincoln", "--contract-ended", "2026-06-30", "--folder", str(own_vault.folder)], input="harbor\n")
    assert other.exit_code == 1 and (folder / "vault.toml").read_text() == before
    answered(own_vault, "backup", "end", "lincoln", "--contract-ended", "2026-06-30", "--yes")
    found = vault_of(own_vault.folder, "lincoln")
    assert found.contract_ended == date(2026, 6, 30) and list(found.signers) == own_vault.signers
    moved = {tier: str(own_vault.folder / f"moved-{tier}") for tier in TIERS}
    answered(own_vault, "backup", "vault", "lincoln", "--signer", own_vault.signers[0].hex(), *(word for tier in TIERS for word in (f"--{tier}", moved[tier])))
    again = vault_of(own_vault.folder, "lincoln")
    assert again.contract_ended == found.contract_ended and {tier: again.urls[tier] for tier in TIERS} == moved, "a tier moves, and the end stays"


def test_setting_up_a_vault_again_with_another_signer_says_how_to_change_it(own_vault: Safe) -> None:
    """Someone who replaces the key can act as the portal. Backups that the old key signed must stay trusted, up to that point."""
    before = (own_vault.folder / "vault" / "lincoln" / "vault.toml").read_text()
    places = [word for tier in TIERS for word in (f"--{tier}", str(own_vault.folder / f"moved-{tier}"))]
    refused = typed(own_vault, "backup", "vault", "lincoln", "--signer", "ab" * 32, *places)
    assert refused.exit_code == 1 and f"--believe {'ab' * 32}" in str(refused.exception)
    assert (own_vault.folder / "vault" / "lincoln" / "vault.toml").read_text() == before


def test_a_swapped_store_with_another_signer_is_not_restored(vault: Safe, tmp_path: Path) -> None:
    """An attacker with write access everywhere makes a whole backup of their own. Only the key's name on the sheets shows it."""
    forged = Safe(vault.school, tmp_path / "forged", Store(str(tmp_path / "forged" / "store")))
    (forged.folder / "portal").mkdir()
    forged.take()
    with pytest.raises(NotDone, match="Compare it with the sheets"):
        choose("lincoln", forged.store, [named(vault.signers[0])], None)


def test_a_store_without_a_backup_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotDone, match="has no backup of 'lincoln'"):
        choose("lincoln", Store(str(tmp_path / "empty")), ["x"], None)


def test_a_drill_waits_for_its_backup_and_believes_no_other(vault: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drilling, "GLANCE", 0.01)
    assert vault.last is not None
    archive, name, content = Store(str(vault.folder / "archive")), manifest_name("lincoln", 4), vault.last.content
    with pytest.raises(NotDone, match="did not come to"):
        await_there(archive, name, content, 0.05)

    def arrive(_: float) -> None:
        archive.add_once(name, content)

    monkeypatch.setattr(drilling.time, "sleep", arrive)
    await_there(archive, name, content, 60)
    with pytest.raises(NotDone, match=r"is not what was written\. The store is faulty, or someone replaced it"):
        await_there(archive, name, content + b" ", 60)


def test_a_drill_whose_keeper_ended_waits_no_longer_than_a_restart_takes(vault: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drilling, "GLANCE", 0.01)
    monkeypatch.setattr(drilling, "RESTARTED", 0.05)
    answers = iter(["", "No keeper runs.", ""])
    with pytest.raises(NotDone, match=r"number was made, and did not come to .*/archive\. No keeper runs\."):
        await_there(Store(str(vault.folder / "archive")), "number", b"", 60, lambda: next(answers, "No keeper runs."))


def test_a_proof_names_the_copy_that_was_restored(capsys: pytest.CaptureFixture[str]) -> None:
    told({"number": 7, "portal": "lincoln", "rows": 5, "bytes": 9, "drill": {"tier": "offsite", "tables": 2, "files": 1}})
    said = capsys.readouterr().out
    assert "offsite copy, 2 tables" in said and "1 stored files" in said


def test_numbers_that_jump_say_why() -> None:
    assert left_out({1, 2}) == []
    one, many, another = left_out({1, 2, 4, 105, 107})
    assert numbers(one) == ["3"] and "failed" in one
    assert numbers(many) == ["5", "104", "100"] and "restore" in many, "one that was lost with the host has no number of a new one"
    assert numbers(another) == ["106"] and "failed" in another


def test_three_backups_in_a_row_prove_every_tier() -> None:
    assert {tier_of(number) for number in (7, 8, 9)} == set(TIERS)


def test_a_chain_is_read_alike_from_each_tier(vault: Safe) -> None:
    answered(vault, "backup", "copy", "lincoln")
    chains = [chain_of(Store(str(vault.folder / tier)), "lincoln", vault.signers) for tier in TIERS]
    assert chains[0].links == chains[1].links == chains[2].links
