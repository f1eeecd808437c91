"""Removes ASCII armor as a stream (RFC 9580, 6). Nothing may come before or after it, because that would be unsealed. The checksum line is read and not
compared. RFC 9580, 6.1 forbids refusing because of it, and the seal itself shows changes.
"""

import binascii
import re
from typing import BinaryIO

from homeroom.seal.broken import NotSealed, Outside
from homeroom.seal.packets import READ

LINE = 200  # longest header line. A comment is unsealed, so it gets little room
HEADERS = 6
FOOT = 4096
HEADER = re.compile(rb"(Version|Comment|Charset|MessageID|Hash): [\x20-\x7e]*")
END = b"-----END PGP MESSAGE-----"
HEADS = {
    b"-----BEGIN PGP MESSAGE-----": None,
    b"-----BEGIN PGP SIGNED MESSAGE-----": Outside.SIGNED_ONLY,
    b"-----BEGIN PGP SIGNATURE-----": Outside.SIGNED_ONLY,
    b"-----BEGIN PGP PUBLIC KEY BLOCK-----": Outside.KEY,
    b"-----BEGIN PGP PRIVATE KEY BLOCK-----": Outside.PRIVATE_KEY,
}


class Armour:
    """A source of packets in armor. Raises NotSealed."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._file = file
        self._text = b""  # armor that is not decoded yet, without white space
        self._bytes = bytearray()
        self._is_over = False
        _read_head(file)

    def read(self, size: int) -> bytes:
        while len(self._bytes) < size and not self._is_over:
            self._decode(self._file.read(READ))
        piece = bytes(self._bytes[:size])
        del self._bytes[:size]
        return piece

    def skip(self, size: int) -> int:
        passed = 0
        while passed < size and (piece := self.read(min(READ, size - passed))):
            passed += len(piece)
        return passed

    def _decode(self, block: bytes) -> None:
        if not block:
            raise NotSealed(Outside.TRUNCATED)
        ends = [at for mark in (b"=", b"-") if (at := block.find(mark)) >= 0]
        if ends:
            self._decode_last(block)
        else:
            self._decode_text(self._text + block.translate(None, b"\r\n\t "))

    def _decode_text(self, text: bytes) -> None:
        whole = len(text) - len(text) % 4
        self._text = text[whole:]
        self._bytes += _decoded(text[:whole])

    def _decode_last(self, block: bytes) -> None:
        """Decodes the last block. From the first '=' or '-' on, only the short foot may follow."""
        foot, end, after = (block + self._file.read(FOOT)).partition(END)
        if not end:
            raise NotSealed(_fault_without_end(foot))
        if after.strip() or self._file.read(1):
            raise NotSealed(_fault_after_end(after))
        words = foot.split()
        if words and len(words[-1]) == 5 and words[-1].startswith(b"="):
            words.pop()
        self._bytes += _decoded(self._text + b"".join(words))
        self._is_over = True


def _read_head(file: BinaryIO) -> None:
    line = file.readline(LINE).strip()
    if not line.startswith(b"-----BEGIN PGP"):
        raise NotSealed(Outside.PLAIN)
    fault = HEADS.get(line, Outside.MALFORMED)
    if fault is not None:
        raise NotSealed(fault)
    for _ in range(HEADERS):
        line = file.readline(LINE)
        if not line.endswith(b"\n"):
            raise NotSealed(Outside.TRUNCATED if len(line) < LINE else Outside.PLAIN_WITHIN)
        if not line.strip():
            return
        if not HEADER.fullmatch(line.rstrip(b"\r\n")):
            raise NotSealed(Outside.PLAIN_WITHIN)
    raise NotSealed(Outside.PLAIN_WITHIN)


def _fault_without_end(foot: bytes) -> Outside:
    last = foot[foot.rfind(b"\n") + 1 :]
    is_cut = END.startswith(last) or (last.startswith(b"=") and len(last) < 6) or last.endswith((b"=", b"=="))
    return Outside.TRUNCATED if is_cut else Outside.MALFORMED


def _fault_after_end(after: bytes) -> Outside:
    return Outside.TWO_MESSAGES if after.strip().startswith(b"-----BEGIN PGP MESSAGE-----") else Outside.PLAIN_AFTER


def _decoded(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True) if text else b""
    except binascii.Error as odd:
        raise NotSealed(Outside.MALFORMED) from odd
