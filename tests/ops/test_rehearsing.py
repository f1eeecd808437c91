"""A rehearsal with the real restore key. The oldest backup of a tier is restored, nothing of it stays, and it is recorded. After six months, it is due."""

import getpass
import json
import os
import pwd
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.backup.findings import rehearsal
from homeroom.ops.backup.keeper import Keeper
from homeroom.ops.backup.rehearsals import EVERY, RECORD, entries, last_rehearsal, scratch_of
from homeroom.ops.backup.run import Busy, alone
from homeroom.ops.restore.rehearsal import USER, oldest, rehearse, where
from homeroom.ops.restore.restoring import choose
from homeroom.seal.erasure import add_months
from homeroom.seal.wrapping import make_pair
from homeroom.vault import restore as vault_restore
from homeroom.vault.restore import RestoreFailed
from tests.ops.portal import answered
from tests.ops.test_backup_kills import Lincoln, lincoln, plain_of_a_drill, run_again, servers_below  # noqa: F401  a fixture


def rehearsed(lincoln: Lincoln, told: list[str], *, erasure: Path | None = None, has_key: bool = True) -> None:
    pair = lincoln.restore if has_key else make_pair()
    keys = erasure or lincoln.installation.folder / "vault" / "lincoln" / "lincoln.json"
    chosen = oldest(choose("lincoln", lincoln.store, [lincoln.signer], None))
    rehearse(where(lincoln.installation.folder, "lincoln"), chosen, lambda _: pair, keys, lambda word, *_: told.append(word))


def test_the_oldest_backup_comes_back_is_compared_wiped_and_written_down(lincoln: Lincoln) -> None:
    first, _ = run_again(lincoln), run_again(lincoln)
    told: list[str] = []
    rehearsed(lincoln, told)
    (entry,) = json.loads((lincoln.portal / "backup" / RECORD).read_text())
    assert entry["number"] == first and entry["tables"] > 80 and entry["tier"] == lincoln.store.url
    assert [line for line in told if line.startswith("wiping ")] and not plain_of_a_drill(lincoln.portal) and servers_below(lincoln.portal / "drill") == []
    rehearsed(lincoln, told)
    assert len(json.loads((lincoln.portal / "backup" / RECORD).read_text())) == 2
    last = last_rehearsal(lincoln.portal / "backup")
    assert last is not None and datetime.now(UTC) - last < timedelta(minutes=5)


def test_a_backup_that_cannot_be_restored_is_not_recorded_as_rehearsed(lincoln: Lincoln, tmp_path: Path) -> None:
    run_again(lincoln)
    before = entries(lincoln.portal / "backup")
    with pytest.raises(RestoreFailed):
        rehearsed(lincoln, [], has_key=False)
    add_months(tmp_path / "lincoln.json", [f"{datetime.now(UTC):%Y-%m}", "2026-11"])
    with pytest.raises(RestoreFailed):
        rehearsed(lincoln, [], erasure=tmp_path / "lincoln.json")
    assert entries(lincoln.portal / "backup") == before and not plain_of_a_drill(lincoln.portal)


def test_a_rehearsal_and_a_backup_wait_for_each_other_and_what_a_killed_one_left_is_wiped(lincoln: Lincoln, tmp_path: Path) -> None:
    """Both restore below the same folder, and the keeper wipes what no one uses."""
    run_again(lincoln)
    with alone(lincoln.portal), pytest.raises(Busy, match="or a rehearsal, runs on this host"):
        rehearsed(lincoln, [])
    seen: list[bool] = []

    def look(word: str) -> None:
        if word == "sequences":
            Keeper(lincoln.installation, str).sweep(lincoln.portal, lincoln.portal / "drill")
            seen.append((lincoln.portal / "drill" / "database").exists())

    rehearsed(lincoln, Told(look))
    assert seen == [True], "the keeper leaves alone what is being used"
    vault = tmp_path / "vault" / "lincoln"
    vault.mkdir(parents=True)
    left = scratch_of(vault)
    left.mkdir(parents=True)
    (left / "plain").write_text("Nina")
    told: list[str] = []
    Keeper(lincoln.installation, told.append).sweep(vault, left)
    assert not left.exists() and len(told) == 1 and told[0].startswith("lincoln: wiping ")


def test_a_rehearsal_on_the_vaults_host_has_a_system_user_only_while_it_runs(lincoln: Lincoln) -> None:
    """Root has the key file and the tiers there, and PostgreSQL doesn't run as root."""
    run_again(lincoln)
    folder = Path(tempfile.mkdtemp(prefix="hr-vaults-"))
    folder.chmod(0o755)
    kept = folder / "vault" / "lincoln"
    kept.mkdir(parents=True)
    kept.parent.chmod(0o700)
    shutil.copyfile(lincoln.installation.folder / "vault" / "lincoln" / "lincoln.json", kept / "lincoln.json")
    at = where(folder, "lincoln")
    chosen = oldest(choose("lincoln", lincoln.store, [lincoln.signer], None))
    seen: set[str] = set()

    def tell(word: str, *_: int) -> None:
        with suppress(psutil.NoSuchProcess):  # one of them just ended
            seen.update(each.username() for each in servers_below(at.scratch))

    try:
        entry = rehearse(at, chosen, lambda _: lincoln.restore, kept / "lincoln.json", tell)
        assert entry["files"] >= 3 and json.loads((kept / RECORD).read_text()) == [entry]
        assert seen == {USER if os.getuid() == 0 else getpass.getuser()}
        assert not at.scratch.exists() and USER not in {each.pw_name for each in pwd.getpwall()}
    finally:
        shutil.rmtree(folder)


def test_secrets_sealed_for_another_key_are_found_by_a_rehearsal(lincoln: Lincoln, monkeypatch: pytest.MonkeyPatch) -> None:
    run_again(lincoln)
    before = entries(lincoln.portal / "backup")
    monkeypatch.setattr(vault_restore, "key_context", lambda *_: b"of another one")
    with pytest.raises(RestoreFailed, match=r"The portal's secret .* does not open with these shares"):
        rehearsed(lincoln, [])
    assert entries(lincoln.portal / "backup") == before


def test_a_drill_counts_stored_files_too(lincoln: Lincoln) -> None:
    made = answered("backup", "drill", "lincoln", "--tier", "store", "--folder", str(lincoln.installation.folder))
    assert made["drill"]["files"] >= 3 and made["drill"]["tables"] > 80


def test_a_folder_with_neither_portal_nor_vault_is_not_rehearsed(tmp_path: Path) -> None:
    with pytest.raises(NotDone, match="has neither the portal nor a vault of 'lincoln'"):
        where(tmp_path, "lincoln")


class Told(list[str]):
    """Passes each word of progress to a function as it comes."""

    def __init__(self, hear: Callable[[str], None]) -> None:
        super().__init__()
        self.hear = hear

    def append(self, word: str) -> None:
        self.hear(word)


def test_six_months_after_the_last_one_it_is_due_and_that_is_bad(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for days, state in ((1, "ok"), (EVERY.days - 1, "ok"), (EVERY.days + 1, "bad")):
        (tmp_path / RECORD).write_text(json.dumps([{"at": (now - timedelta(days)).isoformat()}]))
        assert rehearsal("rehearsal", tmp_path, now - timedelta(days=900)).state == state, days
    (tmp_path / RECORD).unlink()
    assert rehearsal("rehearsal", tmp_path, now).state == "warn"
    assert rehearsal("rehearsal", tmp_path, now - EVERY - timedelta(days=1)).state == "bad", "there was none yet"
