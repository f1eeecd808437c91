"""The vault copies what it can't open, trusts no store without reading back, and prunes nothing early."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.vault.chain import Chain, Seen, chain_of
from homeroom.vault.keeping import (
    Fate,
    Known,
    Tier,
    copied,
    fates_in,
    keep_seen,
    notes_copied,
    pruned,
    read_seen,
    tiers,
)
from homeroom.vault.manifest import manifest_name
from homeroom.vault.store import Store
from homeroom.vault.tests.safe import Safe
from homeroom.vault.tests.test_chain import flip, path_of


@pytest.fixture
def archive(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "archive"))


def fates_of(safe: Safe, tier: Tier, now: datetime, after: Chain | None = None, ended: date | None = None) -> list[Fate]:
    return fates_in(tier, safe.chain(tier.store), after, now, ended)


def nights(safe: Safe, count: int) -> list[datetime]:
    """Takes `count` backups and returns the moment of each."""
    return [safe.take().manifest.at for _ in range(count)]


def everything(store: Store) -> dict[str, bytes]:
    return {each.name: store.read(each.name) for each in store.names("lincoln/")}


def test_a_copy_is_the_same_bytes_and_restores(safe: Safe, archive: Store) -> None:
    taken = safe.take()
    assert copied(safe.store, archive, "lincoln", safe.signers).backups == [1]
    assert everything(archive) == everything(safe.store)
    with safe.restored(taken, archive) as again, again.connect("owner") as owner, safe.connect() as before:
        assert owner.execute("SELECT count(*) FROM person").fetchone() == before.execute("SELECT count(*) FROM person").fetchone()


def test_a_copied_backup_is_not_copied_again(safe: Safe, archive: Store) -> None:
    safe.take()
    copied(safe.store, archive, "lincoln", safe.signers)
    assert copied(safe.store, archive, "lincoln", safe.signers).backups == []
    safe.take()
    assert copied(safe.store, archive, "lincoln", safe.signers).backups == [2]


def test_a_hasty_round_copies_what_is_new_and_a_thorough_one_what_a_killed_one_left(safe: Safe, archive: Store) -> None:
    taken = safe.take()
    first = taken.manifest.segments[0]
    archive.add(taken.manifest.path(first), safe.store.pieces(taken.manifest.path(first)))
    assert copied(safe.store, archive, "lincoln", safe.signers, is_thorough=False).backups == []
    assert copied(safe.store, archive, "lincoln", safe.signers).backups == [1]
    safe.take()
    assert copied(safe.store, archive, "lincoln", safe.signers, is_thorough=False).backups == [2]


class Lying(Store):
    """Reports that everything is stored, but stores something else for one segment."""

    def add(self, name: str, pieces: object) -> object:  # type: ignore[override]
        if name.endswith("table-public-person"):
            return super().add(name, [b"something else"])
        return super().add(name, pieces)  # type: ignore[arg-type]


def test_a_store_that_misreports_what_it_stored_is_caught_right_away(safe: Safe, tmp_path: Path) -> None:
    taken, lying = safe.take(), Lying(str(tmp_path / "lying"))
    done = copied(safe.store, lying, "lincoln", safe.signers)
    assert done.backups == [] and len(done.troubles) == 1
    assert all(words in done.troubles[0] for words in ("table-public-person", "backup 1 ", lying.url, "was changed"))
    assert chain_of(lying, "lincoln", safe.signers).links == [], "a manifest would say it is a backup"
    honest = Store(lying.url)
    assert copied(safe.store, honest, "lincoln", safe.signers).backups == [1]
    with safe.restored(taken, honest):
        pass


def test_after_a_copy_that_failed_no_later_one_is_copied_before_it(safe: Safe, tmp_path: Path) -> None:
    class LyingOnce(Lying):
        def add(self, name: str, pieces: object) -> object:  # type: ignore[override]
            return super().add(name, pieces) if "/00000001/" in name else Store.add(self, name, pieces)  # type: ignore[arg-type]

    safe.take()
    safe.take()
    lying = LyingOnce(str(tmp_path / "lying"))
    copied(safe.store, lying, "lincoln", safe.signers)
    assert chain_of(lying, "lincoln", safe.signers).links == []


def test_a_backup_that_is_not_whole_yet_is_not_copied(safe: Safe, archive: Store) -> None:
    taken = safe.take()
    safe.store.remove([taken.manifest.path(taken.manifest.segments[0])])
    safe.take()
    done = copied(safe.store, archive, "lincoln", safe.signers)
    assert done.backups == [] and f"Backup 1 in {safe.store.url} is not whole" in done.troubles[0]
    assert archive.names("") == [], "nor is a later one before it"


def test_one_that_is_settled_goes_on_as_its_manifest_alone_and_later_ones_follow(safe: Safe, archive: Store) -> None:
    """One backup lacks a segment, and another had a bit changed before it was copied. No one can repair them."""
    missing, changed, whole = safe.take(), safe.take(), safe.take()
    safe.store.remove([missing.manifest.path(missing.manifest.segments[0])])
    flip(path_of(safe, changed), 9)
    done = copied(safe.store, archive, "lincoln", safe.signers, known=Known(settled=frozenset({1, 2})))
    assert (done.backups, done.troubles) == ([3], [])
    chain = safe.chain(archive)
    assert chain.troubles == [] and [chain.is_gone(link.manifest) for link in chain.links] == [True, True, False]
    with safe.restored(whole, archive):
        pass


def test_a_new_archive_has_the_whole_chain_though_not_the_backups_that_are_gone(safe: Safe, archive: Store) -> None:
    first, *_ = nights(safe, 6)
    tier, later = Tier("store", safe.store, 3, False), first + timedelta(days=10)
    pruned(tier, safe.chain(), fates_of(safe, tier, later), later)
    assert copied(safe.store, archive, "lincoln", safe.signers).backups == [3, 4, 5, 6]
    assert safe.chain(archive).troubles == [] and len(safe.chain(archive).links) == 6


def test_a_disk_that_is_not_there_gets_no_copies_in_its_place(safe: Safe, archive: Store, tmp_path: Path) -> None:
    """The mount point is still a folder, on the disk beneath. The store would prune what is copied there, and the archive would lack it for good."""
    safe.take()
    copied(safe.store, archive, "lincoln", safe.signers)
    known = Known("archive", Seen(1, safe.chain(archive).links[0].digest))
    safe.take()
    beneath = Store(str(tmp_path / "beneath"))
    done = copied(safe.store, beneath, "lincoln", safe.signers, known=known)
    assert done.backups == [] and "not have backup 1," in done.troubles[0] and done.troubles[0].endswith("--new archive")
    assert beneath.names("lincoln/backups/") == []
    assert copied(safe.store, archive, "lincoln", safe.signers, known=known).backups == [2]


def test_notes_reach_every_tier(safe: Safe, archive: Store) -> None:
    safe.store.add_once("lincoln/notes/ab12", b"sealed")
    assert notes_copied(safe.store, archive, "lincoln") == 1
    assert archive.read("lincoln/notes/ab12") == b"sealed"
    assert notes_copied(safe.store, archive, "lincoln") == 0


def test_a_bad_file_in_a_manifests_place_does_not_hold_up_later_backups(safe: Safe, archive: Store) -> None:
    """A bit changed in an old manifest whose backup the store has pruned, or someone wrote there."""
    first, *_ = nights(safe, 6)
    copied(safe.store, archive, "lincoln", safe.signers)
    tier, later = Tier("store", safe.store, 3, False), first + timedelta(days=10)
    pruned(tier, safe.chain(), fates_of(safe, tier, later), later)
    flip((archive.folder or Path()) / manifest_name("lincoln", 1), 10)
    safe.take()
    done = copied(safe.store, archive, "lincoln", safe.signers)
    assert done.backups == [7] and "backup 1's manifest" in done.troubles[0]
    safe.take()
    done = copied(safe.store, archive, "lincoln", safe.signers, known=Known(settled=frozenset({1})))
    assert (done.backups, done.troubles) == ([8], [])


def test_the_backup_store_keeps_three_days_and_three_nights(safe: Safe) -> None:
    first, *_ = nights(safe, 6)
    tier = Tier("store", safe.store, 3, False)
    soon = fates_of(safe, tier, first + timedelta(days=2))
    assert all(fate.why for fate in soon)
    late = fates_of(safe, tier, first + timedelta(days=10))
    assert [fate.number for fate in late if fate.why is None] == [1, 2]


def test_a_backup_missing_from_the_next_archive_stays(safe: Safe, archive: Store) -> None:
    first, *_ = nights(safe, 6)
    tier, later = Tier("store", safe.store, 3, False), first + timedelta(days=10)
    empty = chain_of(archive, "lincoln", safe.signers)
    assert ["not in the" in str(fate.why) for fate in fates_of(safe, tier, later, empty)[:2]] == [True, True]
    copied(safe.store, archive, "lincoln", safe.signers)
    full = chain_of(archive, "lincoln", safe.signers)
    assert [fate.number for fate in fates_of(safe, tier, later, full) if fate.why is None] == [1, 2]


def test_pruning_leaves_the_chain_readable(safe: Safe) -> None:
    first, *_ = nights(safe, 6)
    tier, later = Tier("store", safe.store, 3, False), first + timedelta(days=10)
    chain = safe.chain()
    assert pruned(tier, chain, fates_of(safe, tier, later), later) > 0
    after = safe.chain()
    assert after.troubles == [] and len(after.links) == 6
    assert [link.manifest.number for link in after.links if after.is_gone(link.manifest)] == [1, 2]
    assert [link.manifest.number for link in after.links if after.is_whole(link.manifest)] == [3, 4, 5, 6]


def test_pruning_that_was_killed_goes_on_where_it_stopped(safe: Safe) -> None:
    first, *_ = nights(safe, 6)
    tier, later = Tier("store", safe.store, 3, False), first + timedelta(days=10)
    link = safe.chain().links[0]
    safe.store.remove([link.manifest.path(each) for each in link.manifest.segments[:5]])
    pruned(tier, safe.chain(), fates_of(safe, tier, later), later)
    assert safe.chain().is_gone(link.manifest)


def test_leftovers_of_a_killed_run_are_removed_after_two_days_and_nothing_else_is(safe: Safe) -> None:
    safe.take()
    safe.store.add("lincoln/backups/00000001/dead/table-public-person", [b"half"])
    safe.store.add("lincoln/backups/00000002/running/table-public-person", [b"half"])
    before, tier = everything(safe.store), Tier("store", safe.store, 3, False)
    now = datetime.now(UTC)
    pruned(tier, safe.chain(), [], now)
    assert everything(safe.store) == before
    pruned(tier, safe.chain(), [], now + timedelta(days=2, minutes=1))
    assert before.keys() - everything(safe.store).keys() == {"lincoln/backups/00000001/dead/table-public-person"}


def test_half_a_file_of_a_killed_process_goes_after_two_days(safe: Safe) -> None:
    safe.take()
    half = (safe.store.folder or Path()) / "lincoln" / "backups" / "00000001" / "table#17"
    half.write_bytes(b"half")
    tier = Tier("store", safe.store, 3, False)
    pruned(tier, safe.chain(), [], datetime.now(UTC))
    assert half.exists()
    pruned(tier, safe.chain(), [], datetime.now(UTC) + timedelta(days=2, minutes=1))
    assert not half.exists()


def test_when_the_contract_is_over_all_goes_with_its_days(safe: Safe) -> None:
    first, *_ = nights(safe, 3)
    tier, ended = Tier("offsite", safe.store, 90, True), (first + timedelta(days=1)).date()
    later = first + timedelta(days=89)
    decided = fates_of(safe, tier, later, ended=ended)
    assert all(fate.why for fate in decided)
    later = first + timedelta(days=92)
    safe.store.add_once("lincoln/notes/ab12", b"sealed")
    pruned(tier, safe.chain(), fates_of(safe, tier, later, ended=ended), later, ended)
    assert safe.store.names("lincoln/") == [], "notes of who was barred from whom, too"


def test_a_contracts_end_that_is_killed_half_way_ends_right(safe: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_ = nights(safe, 3)
    tier, ended, later = Tier("offsite", safe.store, 90, True), (first + timedelta(days=1)).date(), first + timedelta(days=92)
    pruned(tier, safe.chain(), fates_of(safe, tier, later, ended=ended), later)
    whole = Store.remove

    def dying(store: Store, names: Iterable[str]) -> None:
        for name in names:
            whole(store, [name])
            raise KeyboardInterrupt(name)

    monkeypatch.setattr(Store, "remove", dying)
    with pytest.raises(KeyboardInterrupt, match="00000003"):
        pruned(tier, safe.chain(), [], later, ended)
    monkeypatch.undo()
    assert safe.chain().troubles == [] and len(safe.chain().links) == 2
    pruned(tier, safe.chain(), [], later, ended)
    assert safe.store.names("lincoln/") == []


def test_the_memory_of_the_newest_backup_only_grows(safe: Safe, tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    safe.take()
    older = safe.chain()
    safe.take()
    keep_seen(path, safe.chain())
    keep_seen(path, older)
    seen = read_seen(path)
    assert seen is not None and (seen.number, seen.digest) == (2, safe.chain().links[-1].digest)


def test_the_tiers_are_those_of_the_policy(safe: Safe) -> None:
    found = tiers(safe.store, safe.store, safe.store)
    assert [(each.name, each.days, each.keeps_months) for each in found] == [("store", 3, False), ("archive", 45, False), ("offsite", 90, True)]
