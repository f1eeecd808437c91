"""A file's bytes as UTF-8, in one pass.

The first byte that is not UTF-8 decides for the whole file. If nothing but ASCII came before it, the file is
Windows-1252 from end to end; if UTF-8 letters came before, the file is UTF-8 and only that row is broken.
"""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator

from homeroom.formats.reasons import PackageRefused, Reason


class Utf8:
    """Iterate once for the blocks without a byte-order mark; `is_legacy` then tells whether Windows-1252 was read.

    Bytes that fit neither encoding stay as they are, so that the row that holds them is refused and no other.
    Raises PackageRefused for UTF-16, naming `file`.
    """

    def __init__(self, blocks: Iterable[bytes], file: str | None = None) -> None:
        self._blocks = blocks
        self._file = file
        self._has_letters = False  # beyond ASCII, in UTF-8
        self.is_legacy = False

    def __iter__(self) -> Iterator[bytes]:
        rest, is_start = b"", True
        for block in self._blocks:
            whole = rest + block
            if is_start and len(whole) < len(BOM_UTF8):
                rest = whole
                continue
            start = self._without_mark(whole) if is_start else whole
            is_start = False
            done, rest = self._step(start)
            yield done
        done, rest = self._step(self._without_mark(rest) if is_start else rest)
        yield done
        if rest:  # the beginning of a letter that never ends
            yield rest if self._has_letters else self._as_legacy(rest)

    def _step(self, block: bytes) -> tuple[bytes, bytes]:
        """What can be passed on, and the beginning of a letter that the next block ends."""
        if block.isascii():
            return block, b""
        if self.is_legacy:
            return self._as_legacy(block), b""
        try:
            block.decode()
        except UnicodeDecodeError as error:
            return self._broken(block, error)
        self._has_letters = True
        return block, b""

    def _broken(self, block: bytes, error: UnicodeDecodeError) -> tuple[bytes, bytes]:
        self._has_letters |= not block[: error.start].isascii()
        if error.end == len(block) and error.reason == "unexpected end of data":
            return block[: error.start], block[error.start :]
        if not self._has_letters:
            self.is_legacy = True
            return self._as_legacy(block), b""
        return block, b""

    def _as_legacy(self, block: bytes) -> bytes:
        """Windows-1252 leaves five bytes undefined; surrogateescape carries them through unchanged."""
        if not block.isascii():
            self.is_legacy = True
        return block.decode("cp1252", "surrogateescape").encode("utf-8", "surrogateescape")

    def _without_mark(self, start: bytes) -> bytes:
        if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            raise PackageRefused(Reason.UTF16, self._file)
        return start.removeprefix(BOM_UTF8)
