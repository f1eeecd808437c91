"""The portal's folder is lost, and `homeroom restore` brings it back. It then takes a file, writes its receipt and makes a backup without any repair."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.gateway.spool import Spool
from homeroom.ops.backup.plan import AHEAD
from homeroom.ops.demo.feeding import deliver, introduce
from homeroom.ops.demo.madeup.district import write_district
from homeroom.ops.demo.madeup.shape import HARBOR
from homeroom.ops.restore.restoring import next_steps
from homeroom.portal.processes.owners import wrongs
from homeroom.portal.processes.users import USERS, prefix_of, remove_users, user_of, users_that_name
from homeroom.seal.shares import split
from tests.ops.portal import answered, homeroom, running
from tests.ops.test_backup_kills import Lincoln, lincoln  # noqa: F401  a fixture

IS_ROOT = os.getuid() == 0


def restore(lincoln: Lincoln, place: Path, folder: Path) -> dict[str, Any]:
    for each in split(lincoln.restore.secret)[:2]:
        (place / f"share-{each.number}").write_text(" ".join(each.words))
    given = ["--from", lincoln.store.url, "--erasure", str(lincoln.installation.folder / "vault" / "lincoln" / "lincoln.json"), "--signer", lincoln.signer]
    given += [word for number in (1, 2) for word in ("--share", str(place / f"share-{number}"))]
    answer: dict[str, Any] = answered("restore", "lincoln", *given, "--folder", str(folder))
    return answer


@pytest.fixture
def lost(lincoln: Lincoln, tmp_path: Path) -> Iterator[Lincoln]:
    """Yields a portal whose folder is lost. It had a file whose receipt no one fetched, and a note that no one took away."""
    portal = lincoln.portal
    for name, owner in (("inbox/waits.pgp", "inbox"), ("inbox/waits.json", "inbox"), ("outbox/1.json", "intake"), ("notes/1-x", "jobs")):
        (portal / name).touch()
        if IS_ROOT:
            shutil.chown(portal / name, user_of(portal, owner))
        (portal / name).chmod(0o640)
    answered("backup", "run", "lincoln", "--no-drill", "--folder", str(lincoln.installation.folder))
    for name in ("inbox/waits.pgp", "inbox/waits.json"):
        (portal / name).unlink()
    shutil.move(portal, tmp_path / "lost")
    Spool(lincoln.installation.gateway).note_receipt("lincoln", 7)  # from after the backup
    yield lincoln


def test_a_portal_that_came_back_takes_a_file_and_makes_a_backup(lost: Lincoln, tmp_path: Path) -> None:
    folder, place = lost.installation.folder, lost.installation.folder / "portals" / "lincoln"
    before = users_that_name(place)
    answer = restore(lost, tmp_path, folder)
    assert answer["store"] == ""
    number, erasure = answer["number"], tmp_path / "lincoln.json"
    first, *rest = next_steps(lost.portal, erasure)
    assert f" number {number + AHEAD + 1}: {AHEAD} numbers " in first and len(rest) == 1
    (folder / "vault" / "lincoln" / "vault.toml").rename(tmp_path / "vault.toml")
    told = next_steps(lost.portal, erasure)[1]
    assert "no vault of lincoln." in told and "install -D -m 600" in told
    assert f" --signer {lost.signer} --store {lost.store.url} --archive" in told
    (tmp_path / "vault.toml").rename(folder / "vault" / "lincoln" / "vault.toml")
    assert list(wrongs(lost.portal)) == []
    assert before and users_that_name(place) == before, "the lost portal's users are this one's"
    for waiting in (lost.portal / "inbox").iterdir():
        waiting.unlink()
    export = tmp_path / "export.zip"
    write_district(export, HARBOR, 7, datetime.now(UTC).date())
    with running(lost.installation):
        computer = introduce(lost.installation, "lincoln")
        try:
            assert deliver(lost.installation, computer, "lincoln", export, 90)["state"] == "imported"
        finally:
            computer.close()
    made = answered("backup", "run", "lincoln", "--no-drill", "--folder", str(folder))
    chain = lost.chain()
    assert chain.newest is not None and chain.newest.number == made["number"] and chain.troubles == []


def test_users_that_do_not_say_whose_they_are_stay_and_the_store_is_the_new_ones(lost: Lincoln, tmp_path: Path) -> None:
    """An earlier release made them this way, and someone else may use them. An upgrade repairs what that release restored."""
    before = prefix_of(tmp_path / "lost")
    assert before
    for process in USERS:
        subprocess.run(["usermod", "--comment", "Homeroom", f"{before}-{process}"], check=True)
    restore(lost, tmp_path, lost.installation.folder)
    prefix = prefix_of(lost.portal)
    assert prefix not in (None, before)
    backup = ("backup", "run", "lincoln", "--no-drill", "--folder", str(lost.installation.folder))
    assert answered(*backup)["number"] > 1
    store = lost.tiers / "store"
    for path in (store, *store.rglob("*")):
        shutil.chown(path, f"{before}-dump")
    for process in USERS:
        subprocess.run(["usermod", "--comment", "Homeroom", f"{prefix}-{process}"], check=True)
    assert "not allow that" in homeroom(*backup).stderr
    (lost.portal / "notes" / "2-x").touch(0o600)
    (told,) = wrongs(lost.portal)
    assert told.startswith(f"{lost.portal}/notes/2-x belongs to root,") and f" {prefix}-jobs." in told
    answered("portal", "upgrade", "lincoln", "--folder", str(lost.installation.folder))
    assert list(wrongs(lost.portal)) == [] and answered(*backup)["number"] > 1
    assert {pwd.getpwnam(f"{prefix}-{process}").pw_gecos for process in USERS} == {f"Homeroom {lost.portal}"}
    remove_users(before)
