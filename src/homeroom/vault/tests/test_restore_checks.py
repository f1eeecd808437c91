"""A restore compares the result with what the portal signed for, and keeps nothing of a table that broke off."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from homeroom.seal.wrapping import sealed
from homeroom.vault import restore
from homeroom.vault.manifest import Manifest, Segment, context_of
from homeroom.vault.restore import LARGEST_NOTE, RestoreFailed, restored
from homeroom.vault.tests.safe import Safe
from homeroom.vault.tests.test_chain import flip, path_of
from tests.disk import disk, needs_mount


def segment_of(manifest: Manifest, table: str) -> Segment:
    return next(each for each in manifest.tables if each.table == table)


def changed(manifest: Manifest, segment: Segment, **values: object) -> Manifest:
    """Returns the manifest as if the portal had signed for something else."""
    return replace(manifest, segments=[replace(each, **values) if each == segment else each for each in manifest.segments])  # type: ignore[arg-type]


def put(safe: Safe, manifest: Manifest, segment: Segment, content: bytes) -> None:
    path = manifest.path(segment)
    safe.store.remove([path])
    safe.store.add(path, [content])


def test_a_segment_that_opens_but_is_not_the_signed_one_is_refused(safe: Safe) -> None:
    """Anyone with the data key can seal other content in its place, but the portal signed the sealed bytes."""
    taken = safe.take()
    key, person = safe.key(taken), segment_of(taken.manifest, "public.person")
    empty = b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00"  # zstd of nothing
    put(safe, taken.manifest, person, b"".join(sealed(key, [empty], context_of("lincoln", 1, person.name))))
    with pytest.raises(RestoreFailed, match="is not what the portal signed for"):
        list(restore.plain(taken.manifest, safe.store, key, person))


@pytest.mark.parametrize("values", [{"sum": "row " + "0" * 32}, {"rows": 7_000_000}])
def test_a_table_with_another_sum_than_the_manifests_is_refused(safe: Safe, values: dict[str, object]) -> None:
    taken = safe.take()
    manifest = changed(taken.manifest, segment_of(taken.manifest, "public.person"), **values)
    with safe.empty() as name, pytest.raises(RestoreFailed, match=r"^public\.person came back with"):
        restored(manifest, safe.store, safe.key(taken), safe.target(name))


def test_a_table_that_broke_off_holds_nothing(safe: Safe) -> None:
    taken = safe.take()
    person = segment_of(taken.manifest, "public.person")
    manifest = changed(taken.manifest, person, sum="row " + "0" * 32)
    with safe.empty() as name:
        with pytest.raises(RestoreFailed):
            restored(manifest, safe.store, safe.key(taken), safe.target(name))
        with safe.school.server.connect("postgres", name) as admin:
            assert admin.execute("SELECT count(*) FROM person").fetchone() == (0,)


@needs_mount
def test_a_disk_that_fills_up_is_reported_as_full(safe: Safe) -> None:
    """The database's own disk fills up after the first tables."""
    taken = safe.take()
    with (
        disk(safe.school.server.folder / "small", "9m") as small,
        safe.school.server.connect("postgres", "postgres", autocommit=True) as admin,
    ):
        shutil.chown(small, safe.school.server.cluster.user)
        admin.execute(f"CREATE TABLESPACE small LOCATION '{small}'".encode())
        admin.execute("CREATE DATABASE small OWNER owner TEMPLATE template0 TABLESPACE small")
        with pytest.raises(OSError, match="No space left on device"):
            restored(taken.manifest, safe.store, safe.key(taken), safe.target("small"))
        admin.execute("DROP DATABASE small WITH (FORCE)")
        admin.execute("DROP TABLESPACE small")


@pytest.mark.parametrize("kind", ["files", "keys"])
def test_a_drill_reads_what_is_in_no_table_too(safe: Safe, kind: str) -> None:
    taken = safe.take()
    assert {"portal.toml", "inbox/ab.pgp"} <= set(restore.read_through(taken.manifest, safe.store, safe.key(taken)))
    flip(path_of(safe, taken, kind), 40)
    with pytest.raises(RestoreFailed, match=f"Segment {kind} of backup 1"):
        restore.read_through(taken.manifest, safe.store, safe.key(taken))


def test_a_note_too_large_to_be_one_is_not_even_fetched(safe: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anyone who may add to a store could fill the memory of the host that restores."""
    safe.store.add("lincoln/notes/ab12", [bytes(LARGEST_NOTE), b"1"])
    monkeypatch.setattr(safe.store, "read", lambda name: pytest.fail(f"{name} was fetched"))
    found = restore.notes(safe.store, "lincoln", safe.restore, datetime.now(UTC))
    assert (found.opened, found.broken, found.left_out) == ([], 1, [])
