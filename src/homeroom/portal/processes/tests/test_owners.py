"""The owners of the files of a portal's folder. Nothing that a process could put there leads elsewhere."""

import os
import stat
from pathlib import Path

import pytest

from homeroom.portal.processes.owners import give, wrongs


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    """One user owns everything."""
    folder = tmp_path / "lincoln"
    folder.mkdir()
    (folder / "portal.toml").write_text('users = ""')
    give(folder)
    return folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("folder", ["inbox", "outbox", "notes"])
def test_files_that_processes_share_are_open_to_their_group(portal: Path, folder: str) -> None:
    file = portal / folder / "file"
    file.touch(0o600)
    [told] = wrongs(portal)
    assert told.startswith(f"{file} ") and "(mode 600, not 640)" in told
    give(portal)
    assert mode(file) == 0o640 and list(wrongs(portal)) == []


def test_many_files_of_a_folder_are_one_sentence(portal: Path) -> None:
    for number in range(12):
        (portal / "inbox" / f"{number:02}").touch(0o600)
    (told,) = wrongs(portal)
    assert f"{portal}/inbox/00 is shut" in told and " 11 more files" in told


def test_a_link_or_a_second_name_in_a_shared_folder_changes_nothing_elsewhere(portal: Path, tmp_path: Path) -> None:
    """An attacker in the inbox process could wait for the next start as root."""
    shadow, other = tmp_path / "shadow", tmp_path / "other"
    for path in (shadow, other):
        path.touch(0o600)
    (portal / "inbox" / "a.pgp").symlink_to(shadow)
    (portal / "inbox" / "b.pgp").hardlink_to(other)
    os.mkfifo(portal / "inbox" / "c.pgp", 0o600)
    give(portal)
    assert mode(shadow) == mode(other) == 0o600
    assert f"{portal}/inbox/a.pgp is a link; a file itself belongs there." in next(told for told in wrongs(portal) if "inbox" in told)
