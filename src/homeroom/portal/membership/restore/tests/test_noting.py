"""Notes on their way to the vault: sealed to the restore key, once each even if the process is killed, with no one's name on disk."""

import base64
import hmac
import json
import logging
import zlib
from pathlib import Path

import psycopg
import pytest

from homeroom.portal.membership.restore import noting
from homeroom.portal.membership.restore.noting import context_of, name_of
from homeroom.portal.membership.restore.tests.narrowing import ACTS, BAR, Vault, prepare
from homeroom.seal.opening.wrapped import WrapBroken, open_with
from homeroom.seal.wrapping import make_pair
from tests.cast import CANARY, NAMES
from tests.school import School

SWEEP = "SELECT notes_swept()"


class Died(Exception):
    """The process was killed."""


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.made(tmp_path)


@pytest.fixture
def quiet(own_school: School) -> School:
    """Without the notes that making the cast left."""
    own_school.change("DELETE FROM narrowing")
    return own_school


def test_a_note_is_sealed_under_a_name_that_tells_nothing(quiet: School, vault: Vault) -> None:
    quiet.change(BAR)
    assert vault.drain(quiet) == 1
    (path,) = vault.files()
    assert path.name == hmac.new(bytes.fromhex("7d" * 32), b"note 1", "sha256").hexdigest(), "keyed: of a number alone anybody could try them all"
    (note,) = vault.notes()
    assert set(note) == {"version", "portal", "number", "uuid", "at", "kind", "said"}
    assert (note["version"], note["portal"], note["number"], note["kind"]) == (1, "lincoln", 1, "restriction")
    assert vault.drain(quiet) == 0, "once"


def test_another_key_another_name_or_another_portal_opens_no_note(quiet: School, vault: Vault) -> None:
    quiet.change(BAR)
    vault.drain(quiet)
    (path,) = vault.files()
    for pair, context in (
        (make_pair(), context_of("lincoln", path.name)),
        (vault.pair, context_of("lincoln", name_of(b"another", 1))),
        (vault.pair, context_of("washington", path.name)),
    ):
        with pytest.raises(WrapBroken):
            open_with(pair, path.read_bytes(), context)


def test_the_sealed_notes_in_the_folder_reveal_no_one(quiet: School, vault: Vault) -> None:
    """Does every kind of act, and searches for names, IDs and kinds: plain, as Base64 and compressed."""
    with quiet.connect("owner") as owner:
        prepare(owner)
        for acts in ACTS.values():
            for act in acts:
                owner.execute(act.encode())
    assert vault.drain(quiet) > len(ACTS)
    words = {CANARY, *NAMES, *(word for name in NAMES.values() for word in name.split()), *ACTS, *(str(quiet.uuid(name)) for name in NAMES)}
    shapes = [word.encode() for word in words if len(word) > 3]
    shapes += [base64.b64encode(word.ljust(len(word) + -len(word) % 3).encode()).rstrip(b"=") for word in words if len(word) > 5]
    shapes += [zlib.compress(word.encode())[2:-4] for word in words if len(word) > 5]
    for path in vault.files():
        text = path.read_bytes() + path.name.encode()
        assert not [shape for shape in shapes if shape in text]
        with pytest.raises(zlib.error):
            zlib.decompress(text)


@pytest.mark.parametrize("step", ["fsync", "rename", "after the rename", "mark"])
def test_the_next_run_after_a_kill_at_any_step_writes_the_note_again(quiet: School, vault: Vault, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the same name."""
    quiet.change(BAR)

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patched:
        if step == "fsync":
            patched.setattr(noting.os, "fsync", die)
        elif step == "rename":
            patched.setattr(noting.Path, "rename", die)
        elif step == "after the rename":
            patched.setattr(noting, "_sync", die)
        else:
            patched.setattr(noting, "SEALED", "SELECT no_such_function(%s)")
        with pytest.raises((Died, psycopg.errors.UndefinedFunction)):
            vault.drain(quiet)
    before = [path.name for path in vault.files() if path.suffix != noting.HALF_WRITTEN]
    assert bool(before) == (step in ("after the rename", "mark")), "whole, or not there"
    assert vault.drain(quiet) == 1
    assert [note["number"] for note in vault.notes()] == [1]
    assert before in ([], [path.name for path in vault.files()])
    assert vault.drain(quiet) == 0


def test_a_note_counts_as_handed_over_only_when_its_file_is_there(quiet: School, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet.change(BAR)
    seen = []
    put = noting.put

    def watched(*said: object) -> Path:
        with quiet.connect("owner") as owner:
            seen.append(owner.execute("SELECT sealed_at IS NULL, number FROM narrowing").fetchone())
        return put(*said)  # type: ignore[arg-type]

    monkeypatch.setattr(noting, "put", watched)
    vault.drain(quiet)
    assert seen == [(True, 1)], "numbered before, marked after"


def test_numbers_have_no_gap_and_are_used_once(quiet: School, vault: Vault) -> None:
    """Rollbacks in between and the cleanup after 100 days don't matter."""
    quiet.change(BAR)
    with quiet.connect("owner") as owner:
        for _ in range(3):
            owner.execute(BAR.encode())
            owner.rollback()
    quiet.change(BAR)
    vault.drain(quiet)
    quiet.change("UPDATE narrowing SET sealed_at = sealed_at - interval '101 days'")
    with quiet.connect("jobs") as jobs:
        assert jobs.execute(SWEEP).fetchone() == (1,)
    quiet.change(BAR)
    vault.drain(quiet)
    assert sorted(note["number"] for note in vault.notes()) == [1, 2, 3]


def test_a_note_that_was_not_delivered_is_never_swept(quiet: School) -> None:
    quiet.change(BAR)
    quiet.change("UPDATE narrowing SET at = at - interval '200 days'")
    with quiet.connect("jobs") as jobs:
        assert jobs.execute(SWEEP).fetchone() == (0,)


@pytest.mark.parametrize("key", [None, b"", b"!!", b"AAAA"])
def test_without_a_restore_key_notes_wait_in_the_database(quiet: School, vault: Vault, key: bytes | None, caplog: pytest.LogCaptureFixture) -> None:
    quiet.change(BAR)
    path = vault.place.folder / "cert" / "restore.pub"
    right = path.read_bytes()
    path.unlink() if key is None else path.write_bytes(key)
    with caplog.at_level(logging.ERROR, "jobs"):
        assert vault.drain(quiet) == 0
    assert vault.files() == []
    assert bool(caplog.records) == (key is not None), "an odd key is said; none is not an error"
    path.write_bytes(right)
    assert vault.drain(quiet) == 1


def test_jobs_reads_a_note_by_its_function_and_by_nothing_else(quiet: School) -> None:
    quiet.change(BAR)
    for login in ("app", "door", "intake", "sealer"):
        with quiet.connect(login) as other, pytest.raises(Exception, match="permission denied"):
            other.execute("SELECT * FROM notes_due()")
    with quiet.connect("jobs") as jobs:
        with pytest.raises(Exception, match="permission denied"), jobs.transaction():
            jobs.execute("SELECT said FROM narrowing")
        (row,) = jobs.execute("SELECT said FROM notes_due()").fetchall()
    assert json.dumps(row[0]).count("Ana") == 1


def test_a_note_that_is_written_while_others_are_numbered_waits_for_its_own_number(quiet: School) -> None:
    """Simulates another transaction that writes between the two statements."""
    quiet.change("""CREATE FUNCTION another() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO narrowing (kind, said) VALUES ('tie', '{}'); RETURN NULL; END $$""")
    quiet.change("CREATE TRIGGER another AFTER UPDATE OF number ON narrowing FOR EACH STATEMENT EXECUTE FUNCTION another()")
    quiet.change("GRANT INSERT ON narrowing TO PUBLIC")
    quiet.change(BAR)
    with quiet.connect("owner") as owner:
        assert [number for (number,) in owner.execute("SELECT number FROM notes_due()").fetchall()] == [1]
