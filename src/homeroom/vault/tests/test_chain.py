"""Anything changed, swapped, replayed or removed is reported with the segment's name or the backup's number."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.seal.wrapping import new_data_key
from homeroom.vault import manifest as manifests
from homeroom.vault import restore
from homeroom.vault.chain import Seen, chain_of, verified
from homeroom.vault.restore import RestoreFailed
from homeroom.vault.snapshot import ChainPlace, Recipients, Taken, take
from homeroom.vault.tests.safe import MONTH, Safe


def folder_of(safe: Safe, number: int) -> Path:
    return (safe.store.folder or Path()) / manifests.place_of("lincoln", number)


def path_of(safe: Safe, taken: Taken, kind: str = "table") -> Path:
    return (safe.store.folder or Path()) / taken.manifest.path(taken.manifest.segment(kind))


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 1 << (at % 8)
    path.write_bytes(content)


def test_an_untouched_chain_has_no_trouble(safe: Safe) -> None:
    for _ in range(3):
        safe.take()
    chain = safe.chain()
    assert chain.troubles == [] and [link.manifest.number for link in chain.links] == [1, 2, 3]
    assert all(chain.is_whole(link.manifest) and verified(safe.store, link.manifest) == [] for link in chain.links)


@pytest.mark.parametrize("kind", ["schema", "table", "sequences", "files", "keys"])
def test_a_flipped_bit_is_named_by_its_segment(safe: Safe, kind: str) -> None:
    taken = safe.take()
    segment, key = taken.manifest.segment(kind), safe.key(taken)
    path = path_of(safe, taken, kind)
    whole = path.read_bytes()
    for at in (0, len(whole) // 2, len(whole) - 1):
        flip(path, at)
        assert verified(safe.store, taken.manifest) == [f"Segment {segment.name} of backup 1 in {safe.store.url} was changed."]
        with pytest.raises(RestoreFailed, match=f"Segment {segment.name} of backup 1"):
            list(restore.plain(taken.manifest, safe.store, key, segment))
        path.write_bytes(whole)
    for shorter in (whole[:-1], whole[: len(whole) // 2], b""):
        path.write_bytes(shorter)
        assert not safe.chain().is_whole(taken.manifest)
        with pytest.raises(RestoreFailed, match=f"Segment {segment.name} of backup 1"):
            list(restore.plain(taken.manifest, safe.store, key, segment))


def test_a_manifest_that_was_changed_anywhere_is_not_read(safe: Safe) -> None:
    taken = safe.take()
    path = folder_of(safe, 1) / "manifest"
    for at in range(0, len(taken.content), max(1, len(taken.content) // 200)):
        path.write_bytes(taken.content)
        flip(path, at)
        chain = safe.chain()
        assert len(chain.troubles) == 1 and chain.links == [], f"a bit flipped at {at} went unseen"


def test_a_segment_of_another_night_in_its_place_is_named(safe: Safe) -> None:
    first, second = safe.take(), safe.take()
    shutil.copyfile(path_of(safe, first), path_of(safe, second))
    name = second.manifest.segment("table").name
    assert verified(safe.store, second.manifest) == [f"Segment {name} of backup 2 in {safe.store.url} was changed."]
    with pytest.raises(RestoreFailed, match="a part of another backup"):
        list(restore.plain(second.manifest, safe.store, safe.key(second), second.manifest.segment("table")))


def test_a_backup_that_is_taken_away_leaves_a_gap(safe: Safe) -> None:
    for _ in range(3):
        safe.take()
    shutil.rmtree(folder_of(safe, 2))
    [told] = safe.chain().troubles
    assert told.startswith("Before backup 3 ") and f"missing in {safe.store.url}" in told


def test_the_first_one_taken_away_leaves_a_gap_too(safe: Safe) -> None:
    for _ in range(2):
        safe.take()
    shutil.rmtree(folder_of(safe, 1))
    [told] = safe.chain().troubles
    assert told.startswith("Before backup 2 ") and f"missing in {safe.store.url}" in told


def test_two_backups_that_changed_places_show(safe: Safe) -> None:
    for _ in range(2):
        safe.take()
    one, two, aside = folder_of(safe, 1), folder_of(safe, 2), safe.folder / "aside"
    one.rename(aside)
    two.rename(one)
    aside.rename(two)
    chain = safe.chain()
    assert chain.links == [] and all("another backup" in told for told in chain.troubles) and len(chain.troubles) == 2


def test_remembering_the_newest_backup_reveals_a_store_that_was_rolled_back(safe: Safe) -> None:
    safe.take()
    safe.take()
    newest = safe.chain().links[-1]
    seen = Seen(2, newest.digest)
    assert chain_of(safe.store, "lincoln", safe.signers, seen).troubles == []
    shutil.rmtree(folder_of(safe, 2))
    assert safe.chain().troubles == [], "without memory a shorter chain is a chain"
    (told,) = chain_of(safe.store, "lincoln", safe.signers, seen).troubles
    assert "older state" in told


def test_remembering_a_backup_reveals_another_one_with_the_same_number(safe: Safe) -> None:
    safe.take()
    seen = Seen(1, safe.chain().links[0].digest)
    shutil.rmtree(folder_of(safe, 1))
    safe.last = None
    safe.take()
    (told,) = chain_of(safe.store, "lincoln", safe.signers, seen).troubles
    assert "not the one" in told


def test_a_backup_accepted_as_lost_is_no_longer_a_gap(safe: Safe) -> None:
    for _ in range(5):
        safe.take()
    seen = Seen(5, safe.chain().links[-1].digest)
    flip(folder_of(safe, 2) / "manifest", 10)
    shutil.rmtree(folder_of(safe, 5))
    assert len(chain_of(safe.store, "lincoln", safe.signers, seen).troubles) == 3, "it was changed, it is missing before the third, the newest is gone"
    assert chain_of(safe.store, "lincoln", safe.signers, seen, frozenset({2, 5})).troubles == []
    shutil.rmtree(folder_of(safe, 3))
    (told,) = chain_of(safe.store, "lincoln", safe.signers, seen, frozenset({2, 5})).troubles
    assert told.startswith("Before backup 4 ") and "missing" in told, "beside one that is settled another is missed"
    assert chain_of(safe.store, "lincoln", safe.signers, seen, frozenset({2, 3, 5})).troubles == []


def test_a_settled_one_may_carry_a_key_that_had_given_way(safe: Safe) -> None:
    """A portal restored from before a rotation signed one backup with the old key. Then the operator rotated again."""
    safe.take()
    old = safe.rotate()
    safe.take()
    new, safe.signing = safe.signing, old
    safe.take()
    safe.signing = new
    assert "replaced earlier" in chain_of(safe.store, "lincoln", safe.signers).troubles[0]
    assert chain_of(safe.store, "lincoln", safe.signers, None, frozenset({3})).troubles == []


def test_a_zone_that_there_is_not_is_one_sentence(safe: Safe) -> None:
    """Months are counted by it."""
    safe.take(time_zone="Mars/Olympus")
    (told,) = safe.chain().troubles
    assert "names a time zone that there is not: 'Mars/Olympus'" in told


def test_a_backup_signed_with_another_key_is_not_accepted(safe: Safe) -> None:
    taken = safe.take()
    with pytest.raises(manifests.ManifestBroken, match="not signed by this portal's key"):
        manifests.read(taken.content, [b"\0" * 32], "manifest")


def test_another_backups_key_opens_nothing(safe: Safe) -> None:
    taken = safe.take()
    with pytest.raises(RestoreFailed, match="does not open"):
        list(restore.plain(taken.manifest, safe.store, new_data_key(), taken.manifest.segment("table")))


@given(st.binary(max_size=300))
def test_any_bytes_in_a_manifests_place_are_one_sentence(content: bytes) -> None:
    with pytest.raises(manifests.ManifestBroken):
        manifests.read(content, [b"\0" * 32], "manifest")


def test_a_portal_that_was_restored_goes_on_from_the_backup_it_came_from(safe: Safe) -> None:
    """The newest backup was lost with the host, but another tier still has it. This is no gap. Removing a backup afterwards is one."""
    for _ in range(3):
        safe.take()
    second = safe.chain().links[1]
    to = Recipients(safe.restore.public, safe.erasure.public, MONTH, safe.drill.public)
    take(safe.source(), safe.store, to, ChainPlace(103, 4, second.digest), safe.signing)
    assert safe.chain().troubles == [] and [link.manifest.number for link in safe.chain().links] == [1, 2, 3, 103]
    shutil.rmtree(folder_of(safe, 2))
    assert [told.partition(" another")[0] for told in safe.chain().troubles] == ["Before backup 3", "Before backup 103"]


def test_a_key_that_gave_way_vouches_for_what_it_signed_and_for_nothing_later(safe: Safe) -> None:
    """A thief of the old key can't add a backup after one that the new key signed, and can't change one before it."""
    safe.take()
    stolen = safe.rotate()
    safe.take()
    assert [link.manifest.number for link in safe.chain().links] == [1, 2] and safe.chain().troubles == []
    thief = replace(safe, signing=stolen, before=[])
    thief.take()
    chain = safe.chain()
    assert [link.manifest.number for link in chain.links] == [1, 2]
    assert len(chain.troubles) == 1 and "00000003/manifest" in chain.troubles[0] and "replaced earlier" in chain.troubles[0]


def test_a_manifest_of_an_earlier_release_has_no_head_and_is_a_link_like_any_other(safe: Safe) -> None:
    old = safe.take()
    content = safe.as_before(old)
    assert manifests.read(content, safe.signers, "it") == replace(old.manifest, ledger_head="")
    safe.take()
    chain = safe.chain()
    assert chain.troubles == [] and [bool(link.manifest.ledger_head) for link in chain.links] == [False, True]
    with safe.restored(replace(old, manifest=chain.links[0].manifest)) as again, again.connect("owner") as owner:
        assert owner.execute("SELECT count(*) > 0 FROM person").fetchone() == (True,)


def test_a_manifest_of_a_later_release_gets_one_sentence(safe: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "VERSION", 3)
    safe.take()
    (told,) = safe.chain().troubles
    assert "newer Homeroom" in told
