"""Turns stored files into one tar stream, in pieces, and unpacks it into a folder."""

import os
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

PIECE = 1 << 20  # bytes
BLOCK = 512


class FilesOdd(Exception):
    """The stream of stored files has a path outside the folder, or something that is not a file."""


def below(folder: Path, patterns: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Yields the regular files that match the patterns, with their paths below the folder. Skips links and hidden files."""
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                yield str(path.relative_to(folder)), path


def archive(files: Iterable[tuple[str, Path]], there: Callable[[str], object]) -> Iterator[bytes]:
    """Yields a tar of (name, path) and calls `there` with the name of each file that existed. Files that were removed after the listing are left out. A
    file's size is its size when it was opened, so a file that grows can't spoil what follows it."""
    for name, path in files:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue
        with file:
            entry = tarfile.TarInfo(name)
            found = os.fstat(file.fileno())
            entry.size, entry.mtime, entry.mode = found.st_size, found.st_mtime, 0o600
            yield entry.tobuf(tarfile.PAX_FORMAT)
            left = entry.size
            while left and (piece := file.read(min(PIECE, left))):
                left -= len(piece)
                yield piece
            yield bytes(left + (-entry.size % BLOCK))  # a file that was cut in the meantime is padded with zeros
        there(name)
    yield bytes(2 * BLOCK)


def names_in(stream: Iterator[bytes]) -> list[str]:
    """Returns the names. Reads to the end and writes nothing. Raises FilesOdd."""
    with tarfile.open(fileobj=_Reader(stream), mode="r|") as opened:  # type: ignore[call-overload]
        names = [str(_below(Path(), entry)) for entry in opened]
    _to_the_end(stream)
    return names


def _to_the_end(stream: Iterator[bytes]) -> None:
    """Reads past the last file's end. There the maker of the stream raises if the content was not what it should be."""
    for _ in stream:
        continue


def _below(folder: Path, entry: tarfile.TarInfo) -> Path:
    """Raises FilesOdd."""
    path = folder / entry.name
    if not entry.isreg() or not path.resolve().is_relative_to(folder.resolve()):
        raise FilesOdd(f"The backup names a stored file outside of the portal's folder: {entry.name!r}. Nothing of it was written.")
    return path


def unpacked(stream: Iterator[bytes], folder: Path) -> list[str]:
    """Writes every file below the folder, readable only by its owner. Returns the names. Raises FilesOdd."""
    names = []
    with tarfile.open(fileobj=_Reader(stream), mode="r|") as opened:  # type: ignore[call-overload]
        for entry in opened:
            path = _below(folder, entry)
            path.parent.mkdir(parents=True, exist_ok=True)
            content = opened.extractfile(entry)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
                while content and (piece := content.read(PIECE)):
                    file.write(piece)
            names.append(entry.name)
    _to_the_end(stream)
    return names


class _Reader:
    """Serves pieces of any size to tarfile, which reads sizes of its own."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.held = pieces, b""

    def read(self, size: int) -> bytes:
        parts, have = [self.held], len(self.held)
        while have < size and (piece := next(self.pieces, b"")):
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        self.held = whole[size:]
        return whole[:size]
