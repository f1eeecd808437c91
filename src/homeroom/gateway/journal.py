"""Records how far each file got. Lines are only added, each with its checksum, and each is on the disk before work goes on."""

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from homeroom.gateway.durable import make_folder, write_whole

type Line = Mapping[str, Any]


def written(line: Line) -> bytes:
    text = json.dumps(line, separators=(",", ":")).encode()
    return f"{zlib.crc32(text):08x} ".encode() + text + b"\n"


def read_journal(path: Path) -> tuple[list[Line], int]:
    """Returns the valid lines and the number of invalid ones. A power failure can tear the last one."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    pieces = [_line(piece) for piece in content.split(b"\n") if piece]
    lines = [piece for piece in pieces if piece is not None]
    return lines, len(pieces) - len(lines)


def _line(piece: bytes) -> Line | None:
    checksum, _, text = piece.partition(b" ")
    if checksum != f"{zlib.crc32(text):08x}".encode():
        return None
    line: Line = json.loads(text)
    return line


class Journal:
    """Not thread-safe. Its owner holds a lock."""

    def __init__(self, path: Path, lines: Iterable[Line]) -> None:
        """Rewrites the whole journal with these lines, so that nothing is added after a torn end."""
        self._path = path
        self._file = -1
        make_folder(path.parent)
        self.start_over(lines)

    def start_over(self, lines: Iterable[Line]) -> None:
        write_whole(self._path, b"".join(written(line) for line in lines))
        self.close()
        self._file = os.open(self._path, os.O_WRONLY)
        self._end = os.fstat(self._file).st_size

    def add(self, line: Line) -> None:
        """Adds a line, which is on the disk when this returns. Raises OSError, and then the line does not count."""
        content = written(line)
        os.ftruncate(self._file, self._end)  # removes a line that an earlier full disk left half written
        at = self._end
        while at < self._end + len(content):
            at += os.pwrite(self._file, content[at - self._end :], at)
        os.fsync(self._file)
        self._end = at

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
