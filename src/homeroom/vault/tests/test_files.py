"""Stored files as one stream: files that change during the reading, and streams that someone tampered with."""

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from homeroom.vault.files import FilesOdd, archive, below, names_in, unpacked


def stream(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Iterator[bytes]:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as made:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname, entry.size = kind, link, 4 if kind == tarfile.REGTYPE else 0
        made.addfile(entry, io.BytesIO(b"evil"))
    yield held.getvalue()


@pytest.mark.parametrize("name", ["../outside", "inbox/../../outside", "/hr-outside", "inbox/../../again2/x"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "again"
    with pytest.raises(FilesOdd, match="outside of the portal's folder"):
        unpacked(stream(name), folder)
    assert not (tmp_path / "outside").exists() and not Path("/hr-outside").exists() and not (tmp_path / "again2").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_an_archive_entry_that_is_not_a_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(FilesOdd):
        unpacked(stream("inbox/x", kind, "/etc/passwd"), tmp_path / "again")


def test_a_link_in_the_folder_is_not_written_through(tmp_path: Path) -> None:
    folder = tmp_path / "again"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    (folder / "inbox").symlink_to(tmp_path / "outside")
    with pytest.raises(FilesOdd):
        unpacked(stream("inbox/x"), folder)
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, (1 << 20) + 1])
def test_files_of_any_size_come_back_as_they_were(tmp_path: Path, size: int) -> None:
    (tmp_path / "a").write_bytes(b"x" * size)
    (tmp_path / "b").write_bytes(b"after it")
    names = unpacked(archive([("in/a", tmp_path / "a"), ("b", tmp_path / "b")], str), tmp_path / "again")
    assert names == ["in/a", "b"]
    assert (tmp_path / "again" / "in" / "a").read_bytes() == b"x" * size and (tmp_path / "again" / "b").read_bytes() == b"after it"


@pytest.mark.parametrize("then", [b"", b"x" * 10, b"x" * 3_000_000])
def test_one_that_shrinks_or_grows_meanwhile_spoils_nothing_after_it(tmp_path: Path, then: bytes) -> None:
    (tmp_path / "a").write_bytes(b"x" * 2_500_000)
    (tmp_path / "b").write_bytes(b"after it")
    pieces = archive([("a", tmp_path / "a"), ("b", tmp_path / "b")], str)
    first = [next(pieces), next(pieces)]
    (tmp_path / "a").write_bytes(then)
    unpacked(iter([*first, *pieces]), tmp_path / "again")
    assert (tmp_path / "again" / "a").stat().st_size == 2_500_000 and (tmp_path / "again" / "b").read_bytes() == b"after it"


@pytest.mark.parametrize("read", [names_in, lambda pieces: unpacked(pieces, Path("/nonexistent"))])
def test_a_stream_is_read_to_its_end_where_its_maker_says_whether_it_was_whole(read: Callable[[Iterator[bytes]], object]) -> None:
    def changed() -> Iterator[bytes]:
        yield bytes(10 << 10)  # no file, and the mark that ends an archive
        yield bytes(20 << 10)
        raise KeyError("a bit was changed")

    with pytest.raises(KeyError, match="a bit was changed"):
        read(changed())


def test_names_are_read_without_a_file_being_written(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3000)
    assert names_in(archive([("in/a", tmp_path / "a"), ("b", tmp_path / "a")], str)) == ["in/a", "b"]
    with pytest.raises(FilesOdd):
        names_in(stream("../outside"))


def test_links_and_hidden_files_are_not_stored(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert [name for name, _ in below(tmp_path, ["*"])] == ["file"]
