"""Odd notes in a store at a restore. Anyone who may add to a store can put anything there, and no restore may fail because of it."""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.owner import owner
from homeroom.ops.removing_all import remove_installation
from homeroom.ops.restore.narrowing_again import LEFT_OUT
from homeroom.portal.membership.restore.noting import context_of, name_of
from homeroom.seal.shares import split
from homeroom.seal.wrapping import seal_for
from tests.disk import disk, needs_mount
from tests.ops.portal import answered, homeroom
from tests.ops.test_backup_kills import Lincoln, lincoln, run_again  # noqa: F401  a fixture

UNREAD = "SELECT count(*) FROM unread_column WHERE column_name = 'middleName'"


def note(number: int, **other: Any) -> bytes:
    """Returns a note that the column of middle names is no longer read."""
    words = {"version": 1, "portal": "lincoln", "number": number, "uuid": str(uuid4()), "at": datetime.now(UTC).isoformat()}
    return json.dumps(words | {"kind": "column", "said": {"file": "users.csv", "column_name": "middleName"}} | other).encode()


FORGED = {
    "no JSON": b"x",
    "no note": b"[1]",
    "no number": json.dumps({"kind": "column"}).encode(),
    "a number that is no portal's": note(3_000_000),
    "the last number that there is": note(2**63 - 1, said={"file": "users.csv", "column_name": "familyName"}),
    "no uuid": note(2, uuid="Nina"),
    "no moment": note(3, at="yesterday"),
    "a moment of no zone": note(4, at="2026-11-27T03:00:00"),
    "a zero byte": note(5, said={"file": "\0"}),
    "half a letter": note(6).replace(b"users.csv", rb"\ud800"),
    "no number at all": note(7).replace(b'"users.csv"', b"NaN"),
    "as deep as a well": note(8).replace(b'"users.csv"', b"[" * 100_000 + b"]" * 100_000),
}
STRANGE = {
    "a kind of a later release": note(9, kind="nobody knows"),
    "words of another shape": note(10, kind="tie", said={"tie": 7, "person": [{}], "student": {"uuid": 3}}),
    "an erasure of nobody": note(11, kind="erasure", said={"uuid": "Nina"}),
}


def put(lincoln: Lincoln, content: bytes, *, is_sealed: bool = True) -> Path:
    """Writes a note as someone with the portal's credentials could. Returns its path."""
    name = name_of(os.urandom(32), 1)
    sealed = seal_for(lincoln.restore.public, content, context_of("lincoln", name)) if is_sealed else content
    lincoln.store.add_once(f"lincoln/notes/{name}", sealed)
    return lincoln.tiers / "store" / "lincoln" / "notes" / name


@contextmanager
def restored(lincoln: Lincoln, tmp_path: Path, *words: str) -> Iterator[tuple[dict[str, Any], Path]]:
    """Restores by the command, with two sheets. Yields its answer and the portal's folder."""
    folder = Path(tempfile.mkdtemp(prefix="hr-noted-"))
    answered("new", str(folder), "--sftp-port", "23998")
    try:
        yield answered(*restore(lincoln, tmp_path), *words, "--folder", str(folder)), folder / "portals" / "lincoln"
    finally:
        remove_installation(Installation.at(folder))


def restore(lincoln: Lincoln, tmp_path: Path) -> list[str]:
    """Writes the two sheets, and returns the command's words without the folder."""
    given = ["--from", str(lincoln.tiers / "store"), "--erasure", str(lincoln.installation.folder / "vault" / "lincoln" / "lincoln.json")]
    for each in split(lincoln.restore.secret)[:2]:
        (tmp_path / f"share-{each.number}").write_text(" ".join(each.words))
        given += ["--share", str(tmp_path / f"share-{each.number}")]
    return ["restore", "lincoln", *given, "--signer", lincoln.signer]


def unread(portal: Path) -> object:
    with owner(portal) as asked:
        return asked.execute(UNREAD).fetchone()


@pytest.fixture
def backed_up(lincoln: Lincoln) -> Iterator[Lincoln]:
    run_again(lincoln)
    yield lincoln
    lincoln.store.remove(each.name for each in lincoln.store.names("lincoln/notes/"))


def test_no_odd_or_forged_note_keeps_a_restore_from_its_end(backed_up: Lincoln, tmp_path: Path) -> None:
    put(backed_up, note(1))
    for content in (*FORGED.values(), *STRANGE.values()):
        put(backed_up, content)
    put(backed_up, b"not sealed at all", is_sealed=False)
    put(backed_up, bytes(2 << 20), is_sealed=False)
    with restored(backed_up, tmp_path) as (answer, portal):
        gap = 7  # numbers 2 to 8, which no valid note has
        unreadable = len(FORGED) + 2
        assert str(backed_up.portal) in answer["store"], "the portal that is still there goes on writing into its store"
        assert answer["missing_notes"] == gap + unreadable and (answer["notes"], answer["erased_students"]) == (1, 0)
        assert unread(portal) == (1,)
        with owner(portal) as asked:
            assert asked.execute("SELECT max(number) FROM narrowing").fetchone() == (11,), "the next note's number follows"
        secret = (backed_up.portal / "secrets" / "notes").read_text()
        assert (portal / "secrets" / "notes").read_text() not in ("", secret), "what is noted from now on has a name that no store knows"


def test_notes_that_came_too_late_are_left_out_and_reported_as_missing(backed_up: Lincoln, tmp_path: Path) -> None:
    """Someone controlled the portal's host from a moment on, and could seal notes that close or erase."""
    before, after = put(backed_up, note(1)), put(backed_up, note(2, said={"file": "users.csv", "column_name": "phone"}))
    hour = datetime.now(UTC) - timedelta(hours=1)
    for path, at in ((before, hour - timedelta(minutes=2)), (after, hour + timedelta(minutes=2))):
        os.utime(path, (at.timestamp(),) * 2)
    with restored(backed_up, tmp_path, "--notes-until", f"{hour:%Y-%m-%dT%H:%M}") as (answer, portal):
        assert (answer["notes"], answer["left_out_notes"], answer["missing_notes"]) == (1, 1, 1)
        assert unread(portal) == (1,)
        left_out = (portal / LEFT_OUT).read_text()
        assert left_out == f"{after.name}\n"
    (backed_up.portal / LEFT_OUT).write_text(left_out)  # as in the restored portal, whose next backup has it
    run_again(backed_up)
    with restored(backed_up, tmp_path) as (answer, portal):
        assert (answer["notes"], answer["left_out_notes"], answer["missing_notes"]) == (1, 0, 0), "it is not done the next time either"
    (backed_up.portal / LEFT_OUT).unlink()


def test_notes_sealed_for_an_older_key_before_the_backup_are_not_missing(backed_up: Lincoln, tmp_path: Path) -> None:
    """The restore key was changed last year. Notes for the old key stay there for good, and the backup has what they did."""
    for content, ago in ((b"for another key", timedelta(days=300)), (b"for another key, or spoiled", timedelta())):
        path, at = put(backed_up, content, is_sealed=False), datetime.now(UTC) - ago
        os.utime(path, (at.timestamp(),) * 2)
    with restored(backed_up, tmp_path) as (answer, _):
        assert answer["missing_notes"] == 1


@needs_mount
def test_a_restore_onto_a_small_disk_is_refused_before_anything_is_made(backed_up: Lincoln, tmp_path: Path) -> None:
    with disk(tmp_path / "small", "100m") as folder:
        answered("new", str(folder / "host"), "--sftp-port", "23998")
        ended = homeroom(*restore(backed_up, tmp_path), "--folder", str(folder / "host"))
        assert re.search(r"^A portal needs 1\d\d MB to begin with, and .*/host has 99 MB\. Free some space, then run this again\.$", ended.stderr, re.MULTILINE)
        assert ended.returncode == 1 and not list((folder / "host" / "portals").iterdir())
        remove_installation(Installation.at(folder / "host"))
