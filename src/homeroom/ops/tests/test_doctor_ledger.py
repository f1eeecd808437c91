"""The doctor compares the access log with the heads in the archive's manifests: what was cut off, and what a restore took along."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from homeroom.ops.doctor_ledger import archive_of, compared, read_archive
from homeroom.ops.finding import Finding
from homeroom.ops.tests.access_log import cut, written
from homeroom.vault.keeping import copied
from homeroom.vault.manifest import manifest_name
from homeroom.vault.snapshot import Taken
from homeroom.vault.store import Store
from homeroom.vault.tests.conftest import own_safe  # noqa: F401  a fixture
from homeroom.vault.tests.safe import Safe
from homeroom.vault.tests.test_chain import flip
from tests.school import School


@pytest.fixture
def portal(own_safe: Safe) -> Path:  # noqa: F811
    """Its folder, as far as the archive is concerned."""
    folder = own_safe.files.rename(own_safe.folder / "lincoln")
    (folder / "cert").mkdir()
    (folder / "cert" / "backup.pub").write_text("".join(f"{each.hex()}\n" for each in own_safe.signers))
    (folder / "backup.toml").write_text("".join(f'{tier} = "{own_safe.folder / tier}"\n' for tier in ("store", "archive", "offsite")))
    return folder


def backed_up(safe: Safe) -> Taken:
    """A backup, and its copy in the archive."""
    taken = safe.take()
    copied(safe.store, Store(str(safe.folder / "archive")), "lincoln", safe.signers)
    return taken


def doctor(portal: Path, school: School) -> list[Finding]:
    """portal: its folder, with backup.toml. Without the process that production reads the archive in: this one has spoken to a store."""
    with school.connect("owner") as owner:
        return list(compared("lincoln", owner, archive_of(read_archive(portal))))


def found(portal: Path, school: School) -> Finding:
    (finding,) = doctor(portal, school)
    return finding


def test_a_whole_chain_is_compared_and_holds(own_safe: Safe, portal: Path) -> None:  # noqa: F811
    written(own_safe.school, 3)
    backed_up(own_safe)
    written(own_safe.school, 2)
    assert found(portal, own_safe.school) == ("ok", "lincoln: ledger", "All 5 links hold. Backup 1 in the archive has a head that is in the chain.")


def test_twenty_entries_cut_off_the_end_are_missed(own_safe: Safe, portal: Path) -> None:  # noqa: F811
    """Links, students' rows and entries, by the owner of the tables; what is left is a whole chain."""
    written(own_safe.school, 30)
    taken = backed_up(own_safe)
    cut(own_safe.school, 20)
    bad = found(portal, own_safe.school)
    at = f"{taken.manifest.at:%b %d, %Y, %H:%M UTC}"
    told = f"Entries are missing: the chain ends at link 10, and the head that backup 1 of {at} has in the archive is link 30."
    assert bad == ("bad", "lincoln: ledger", f"{told} Keep a copy of the database now.")


def test_a_backup_and_entries_after_the_cut_hide_nothing(own_safe: Safe, portal: Path) -> None:  # noqa: F811
    written(own_safe.school, 30)
    backed_up(own_safe)
    cut(own_safe.school, 20)
    backed_up(own_safe)
    assert found(portal, own_safe.school).state == "bad"
    written(own_safe.school, 25)
    backed_up(own_safe)
    bad = found(portal, own_safe.school)
    assert bad.state == "bad" and bad.told.startswith("Entries were removed or replaced: link 30 differs from the head that backup 1 of")


def test_what_came_after_the_last_backup_can_be_cut_off_unnoticed(own_safe: Safe, portal: Path) -> None:  # noqa: F811
    """THREATS says so."""
    written(own_safe.school, 3)
    backed_up(own_safe)
    written(own_safe.school, 2)
    cut(own_safe.school, 2)
    assert found(portal, own_safe.school).state == "ok"


@contextmanager
def restored(safe: Safe, taken: Taken) -> Iterator[School]:
    """From this backup, as `homeroom restore` does it."""
    with safe.restored(taken) as again:
        again.change("SELECT begin_restoration(%s, %s, 0)", taken.manifest.number, taken.manifest.at)
        yield again


def test_after_a_restore_what_is_gone_with_it_is_told_as_that(own_safe: Safe, portal: Path) -> None:  # noqa: F811
    """From an older backup than the archive's newest. Entries that come then continue the chain."""
    written(own_safe.school, 4)
    old = backed_up(own_safe)
    written(own_safe.school, 6)
    backed_up(own_safe)
    with restored(own_safe, old) as again:
        care = found(portal, again)
        told = f"from a backup made on {old.manifest.at:%b %d, %Y, %H:%M UTC}. Entries after link 4 are gone with the restore."
        assert care.state == "warn" and care.told.startswith("All 4 links hold. This portal was restored on") and care.told.endswith(told)
        head = written(again, 0)
        assert head.number == 5, "the line that says so is the next link"
        own_safe.school = again
        backed_up(own_safe)
        well = found(portal, again)
        assert well.state == "ok" and well.told.startswith("All 5 links hold. This portal was restored on") and well.told.endswith(told)


def test_after_a_restore_what_is_cut_off_is_missed_all_the_same(own_safe: Safe, portal: Path) -> None:  # noqa: F811
    written(own_safe.school, 4)
    old = backed_up(own_safe)
    written(own_safe.school, 6)
    backed_up(own_safe)
    with restored(own_safe, old) as again:
        written(again, 0)
        own_safe.school = again
        again.change("UPDATE session SET ended_at = NULL")  # Ana signed in again
        written(again, 8)
        backed_up(own_safe)
        assert found(portal, again).state == "ok"
        cut(again, 3)
        bad = found(portal, again)
        assert bad.state == "bad" and "the chain ends at link 10, and the head that backup 3 of" in bad.told
        cut(again, 7)
        assert "the chain ends at link 3" in found(portal, again).told, "what the backup had, too"


def test_a_backup_of_an_earlier_release_has_no_head(own_safe: Safe, portal: Path) -> None:  # noqa: F811
    written(own_safe.school, 2)
    own_safe.as_before(own_safe.take())
    copied(own_safe.store, Store(str(own_safe.folder / "archive")), "lincoln", own_safe.signers)
    well, care = doctor(portal, own_safe.school)
    assert well == ("ok", "lincoln: ledger", "All 2 links hold.") and care.state == "warn" and care.told.startswith("No backup there has a head yet")
    backed_up(own_safe)
    assert found(portal, own_safe.school).told == "All 2 links hold. Backup 2 in the archive has a head that is in the chain."


def test_a_newest_manifest_that_was_changed_is_not_believed(own_safe: Safe, portal: Path) -> None:  # noqa: F811
    written(own_safe.school, 2)
    backed_up(own_safe)
    archive = own_safe.folder / "archive"
    flip(archive / manifest_name("lincoln", 1), 10)
    well, bad = doctor(portal, own_safe.school)
    assert (well.state, bad.state) == ("ok", "bad") and bad.told.startswith("Was not compared with the newest backup. lincoln/backups/00000001/manifest in")
    flip(archive / manifest_name("lincoln", 1), 10)
    backed_up(own_safe)
    flip(archive / manifest_name("lincoln", 2), 10)
    well, care = doctor(portal, own_safe.school)
    assert care.state == "warn" and "00000002/manifest" in care.told and "was changed after it was signed" in care.told
    cut(own_safe.school, 1)
    assert doctor(portal, own_safe.school)[0].state == "bad", "the one before has the same head"


def test_a_manifest_of_a_strangers_key_is_none(own_safe: Safe, portal: Path) -> None:  # noqa: F811
    """Whoever may write to the archive and cut off the chain's end can't put the shorter head on top."""
    written(own_safe.school, 5)
    backed_up(own_safe)
    cut(own_safe.school, 2)
    own_safe.rotate()
    backed_up(own_safe)
    bad, told = doctor(portal, own_safe.school)
    assert bad.state == "bad" and "link 5" in bad.told and "is not signed by this portal's key" in told.told
