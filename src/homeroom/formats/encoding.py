"""Reads a file's bytes as UTF-8, in one pass.

Old systems write Windows-1252, and an export may have cells of both kinds. So each cell is read separately. A UTF-8 cell stays, and any other is read as
Windows-1252. If a cell has UTF-8 characters next to bytes that are not UTF-8, its encoding is unknown, and its row is refused.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator

from homeroom.formats.reasons import Note, PackageRefused, Reason
from homeroom.formats.records import LARGEST_CELL

CELL = re.compile(rb"[^,\r\n]+")
# These sequences are rare in Windows-1252. They are one of Â to Å before a sign, and two pairs of Æ to ß and a sign. Others are one of à to ï before two
# signs, and one of ð to ô before three.
UTF_8 = re.compile(rb"[\xc2-\xc5][\x80-\xbf]|(?:[\xc6-\xdf][\x80-\xbf]){2}|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


class Utf8:
    """Yields the blocks without a byte-order mark, once. Afterwards, `note` says whether Windows-1252 was read.

    Bytes that fit neither encoding stay as they are, so that only the row with them is refused. Raises PackageRefused for UTF-16, with `file` as its name.
    """

    def __init__(self, blocks: Iterable[bytes], file: str) -> None:
        self._blocks = blocks
        self._file = file
        self._has_letters = False  # other than ASCII, in UTF-8
        self._is_legacy = False

    @property
    def note(self) -> Note | None:
        if self._is_legacy:
            return Note(Reason.MIXED_ENCODING if self._has_letters else Reason.LEGACY_ENCODING, self._file)
        return None

    def __iter__(self) -> Iterator[bytes]:
        rest = b""
        for block in self._from_start():
            if not rest and block.isascii():
                yield block
                continue
            whole = rest + block
            end = _end_of_cells(whole)
            yield self._read(whole[:end])
            rest = whole[end:]
        yield self._read(rest)

    def _from_start(self) -> Iterator[bytes]:
        start = b""
        blocks = iter(self._blocks)
        for block in blocks:
            start += block
            if len(start) >= len(BOM_UTF8):
                break
        yield self._without_mark(start)
        yield from blocks

    def _without_mark(self, start: bytes) -> bytes:
        if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or b"\0" in start[:2]:  # half of an ASCII character
            raise PackageRefused(Reason.UTF16, self._file)
        return start.removeprefix(BOM_UTF8)

    def _read(self, text: bytes) -> bytes:
        try:
            text.decode()
        except UnicodeDecodeError:
            lines = text.splitlines(keepends=True)
            return b"".join(line if line.isascii() else CELL.sub(self._read_cell, line) for line in lines)
        self._has_letters |= not text.isascii()
        return text

    def _read_cell(self, found: re.Match[bytes]) -> bytes:
        cell = found[0]
        try:
            cell.decode()
        except UnicodeDecodeError:
            return cell if UTF_8.search(cell) else self._from_legacy(cell)
        self._has_letters |= not cell.isascii()
        return cell

    def _from_legacy(self, cell: bytes) -> bytes:
        """Converts a cell from Windows-1252. It leaves five bytes undefined, and surrogateescape keeps them unchanged."""
        self._is_legacy = True
        return cell.decode("cp1252", "surrogateescape").encode("utf-8", "surrogateescape")


def _end_of_cells(text: bytes) -> int:
    """Returns the end of the last whole cell. In a cell beyond every limit, it is the end of the last whole character."""
    end = max(text.rfind(mark) for mark in (b",", b"\n", b"\r")) + 1
    if end or len(text) <= LARGEST_CELL:
        return end
    end = len(text) - 1
    while end > len(text) - 4 and text[end] & 0xC0 == 0x80:
        end -= 1
    return end
