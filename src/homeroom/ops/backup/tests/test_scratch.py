"""Unencrypted files of a drill are overwritten before they are removed."""

import os
from pathlib import Path

import pytest

from homeroom.ops.backup.scratch import PIECE, overwrite, wipe


def test_a_wiped_file_holds_zeros_under_every_other_name(tmp_path: Path) -> None:
    plain, kept = tmp_path / "drill" / "database" / "base" / "1", tmp_path / "kept"
    plain.parent.mkdir(parents=True)
    plain.write_bytes(b"Nina Canary" * 300_000)
    os.link(plain, kept)
    wipe(tmp_path / "drill")
    assert not (tmp_path / "drill").exists()
    assert kept.read_bytes() == bytes(len(b"Nina Canary") * 300_000)


def test_wiping_follows_no_link_out_of_its_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"not the drill's")
    (tmp_path / "drill").mkdir()
    (tmp_path / "drill" / "link").symlink_to(outside / "file")
    (tmp_path / "drill" / "folder").symlink_to(outside)
    wipe(tmp_path / "drill")
    assert (outside / "file").read_bytes() == b"not the drill's" and not (tmp_path / "drill").exists()


def test_a_missing_folder_counts_as_wiped(tmp_path: Path) -> None:
    told: list[str] = []
    wipe(tmp_path / "drill", told.append)
    assert told == []


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1])
def test_a_file_of_any_size_is_written_over_to_its_end(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    overwrite(path)
    assert path.read_bytes() == bytes(size)
