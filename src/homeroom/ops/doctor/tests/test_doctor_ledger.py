"""The doctor compares the access log with the heads in the archive's manifests. It finds entries that were cut off or that a restore removed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from homeroom.ops.doctor.ledger import archive_of, compared, read_archive
from homeroom.ops.host.finding import Finding
from homeroom.ops.portal.tests.access_log import cut, written
from homeroom.ops.portal.tests.test_ledger_checking import STATED, forget_incident
from homeroom.vault.keeping import copied
from homeroom.vault.manifest import manifest_name
from homeroom.vault.snapshot import Taken
from homeroom.vault.store import Store
from homeroom.vault.tests.conftest import own_safe  # noqa: F401  a fixture
from homeroom.vault.tests.safe import Safe
from homeroom.vault.tests.test_chain import flip
from tests.browser import numbers
from tests.school import School


@pytest.fixture
def portal(own_safe: Safe) -> Path:
    """The parts of its folder that reading the archive needs."""
    forget_incident(own_safe.school)
    folder = own_safe.files.rename(own_safe.folder / "lincoln")
    (folder / "cert").mkdir()
    (folder / "cert" / "backup.pub").write_text("".join(f"{each.hex()}\n" for each in own_safe.signers))
    (folder / "backup.toml").write_text("".join(f'{tier} = "{own_safe.folder / tier}"\n' for tier in ("store", "archive", "offsite")))
    return folder


def backed_up(safe: Safe) -> Taken:
    """Makes a backup and its copy in the archive."""
    taken = safe.take()
    copied(safe.store, Store(str(safe.folder / "archive")), "lincoln", safe.signers)
    return taken


def doctor(portal: Path, school: School) -> list[Finding]:
    """`portal` is its folder with backup.toml. Reads the archive in this process, which has used a store and so must not fork."""
    with school.connect("owner") as owner:
        return list(compared("lincoln", owner, archive_of(read_archive(portal))))


def found(portal: Path, school: School) -> Finding:
    (finding,) = doctor(portal, school)
    return finding


def test_a_chain_with_every_head_holds(own_safe: Safe, portal: Path) -> None:
    written(own_safe.school, 3)
    backed_up(own_safe)
    written(own_safe.school, 2)
    state, what, told = found(portal, own_safe.school)
    assert (state, what, numbers(told)) == ("ok", "lincoln: ledger", ["5", "1"]), "five links, and the head of backup 1"


def test_a_statement_without_its_entry_is_reported(own_safe: Safe, portal: Path) -> None:
    written(own_safe.school, 3)
    backed_up(own_safe)
    own_safe.school.change(STATED.replace("state)", "state, statement, statement_at)").replace("'refused'", "'refused', 'x', now()"))
    chain, statements = doctor(portal, own_safe.school)
    assert chain.state == "ok" and statements[:2] == ("bad", "lincoln: statements, consents and incidents")


def test_twenty_entries_cut_off_the_end_are_noticed(own_safe: Safe, portal: Path) -> None:
    """The owner of the tables deletes links, students' rows and entries. The chain of the rest holds."""
    written(own_safe.school, 30)
    taken = backed_up(own_safe)
    cut(own_safe.school, 20)
    bad = found(portal, own_safe.school)
    at = f"{taken.manifest.at:%b %d, %Y, %H:%M UTC}"
    assert bad[:2] == ("bad", "lincoln: ledger") and bad.told.startswith("Entries are missing:")
    assert all(words in bad.told for words in ("link 10,", f"backup 1 of {at}", "link 30."))


def test_a_backup_and_entries_after_the_cut_hide_nothing(own_safe: Safe, portal: Path) -> None:
    written(own_safe.school, 30)
    backed_up(own_safe)
    cut(own_safe.school, 20)
    backed_up(own_safe)
    assert found(portal, own_safe.school).state == "bad"
    written(own_safe.school, 25)
    backed_up(own_safe)
    bad = found(portal, own_safe.school)
    assert bad.state == "bad" and all(words in bad.told for words in ("removed or replaced:", "link 30 ", "backup 1 of"))


def test_entries_newer_than_the_last_backup_can_be_cut_off_unnoticed(own_safe: Safe, portal: Path) -> None:
    """THREATS says so."""
    written(own_safe.school, 3)
    backed_up(own_safe)
    written(own_safe.school, 2)
    cut(own_safe.school, 2)
    assert found(portal, own_safe.school).state == "ok"


@contextmanager
def restored(safe: Safe, taken: Taken) -> Iterator[School]:
    """Restores from this backup as `homeroom restore` does."""
    with safe.restored(taken) as again:
        again.change("SELECT begin_restoration(%s, %s, 0)", taken.manifest.number, taken.manifest.at)
        yield again


def test_a_restore_is_reported_as_a_restore(own_safe: Safe, portal: Path) -> None:
    """The restore is from an older backup than the archive's newest. Later entries continue the chain."""
    written(own_safe.school, 4)
    old = backed_up(own_safe)
    written(own_safe.school, 6)
    backed_up(own_safe)
    with restored(own_safe, old) as again:
        care = found(portal, again)
        told = ("restored on", f"{old.manifest.at:%b %d, %Y, %H:%M UTC}", "after link 4 ")
        assert care.state == "warn" and care.told.startswith("All 4 links ") and all(words in care.told for words in told)
        head = written(again, 0)
        assert head.number == 5, "the entry about the restore is the next link"
        own_safe.school = again
        backed_up(own_safe)
        well = found(portal, again)
        assert well.state == "ok" and well.told.startswith("All 5 links ") and all(words in well.told for words in told)


def test_a_cut_after_a_restore_is_noticed(own_safe: Safe, portal: Path) -> None:
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
        assert bad.state == "bad" and "link 10," in bad.told and "backup 3 of" in bad.told
        cut(again, 7)
        assert "ends at link 3" in found(portal, again).told, "entries of the backup are gone, too"


def test_a_backup_of_an_earlier_release_has_no_head(own_safe: Safe, portal: Path) -> None:
    written(own_safe.school, 2)
    own_safe.as_before(own_safe.take())
    copied(own_safe.store, Store(str(own_safe.folder / "archive")), "lincoln", own_safe.signers)
    well, care = doctor(portal, own_safe.school)
    assert well == ("ok", "lincoln: ledger", "All 2 links hold.") and care.state == "warn" and care.told.startswith("No backup there")
    backed_up(own_safe)
    assert numbers(found(portal, own_safe.school).told) == ["2", "2"]


def test_a_changed_newest_manifest_is_not_believed(own_safe: Safe, portal: Path) -> None:
    written(own_safe.school, 2)
    backed_up(own_safe)
    archive = own_safe.folder / "archive"
    flip(archive / manifest_name("lincoln", 1), 10)
    well, bad = doctor(portal, own_safe.school)
    assert (well.state, bad.state) == ("ok", "bad")
    assert bad.told.startswith("The log was not compared with the newest backup. lincoln/backups/00000001/manifest in")
    flip(archive / manifest_name("lincoln", 1), 10)
    backed_up(own_safe)
    flip(archive / manifest_name("lincoln", 2), 10)
    well, care = doctor(portal, own_safe.school)
    assert care.state == "warn" and "00000002/manifest" in care.told and "was changed after" in care.told
    cut(own_safe.school, 1)
    assert doctor(portal, own_safe.school)[0].state == "bad", "the one before has the same head"


def test_a_manifest_with_a_strangers_signature_is_not_believed(own_safe: Safe, portal: Path) -> None:
    """Someone who cuts off the chain's end and can write to the archive can't add the shorter head there."""
    written(own_safe.school, 5)
    backed_up(own_safe)
    cut(own_safe.school, 2)
    own_safe.rotate()
    backed_up(own_safe)
    bad, told = doctor(portal, own_safe.school)
    assert bad.state == "bad" and "link 5" in bad.told and "not signed by" in told.told
