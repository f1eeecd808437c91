"""Physical lines of a file: numbered, ended by CRLF, CR or LF, and none longer than a row may be."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

LARGEST_ROW = 256 << 10


class Line(NamedTuple):
    """`content` includes its line end. `is_cut` means that the line was longer than a row may be, and the rest is gone."""

    number: int
    content: bytes
    is_cut: bool = False


def lines_of(blocks: Iterable[bytes], first: int = 1) -> Iterator[Line]:
    number, rest, is_cut = first, b"", False
    for block in blocks:
        pieces = (rest + block).splitlines(keepends=True)
        rest = b""
        if pieces and not pieces[-1].endswith(b"\n"):  # a lone CR may be half of a CRLF
            rest = pieces.pop()
        for piece in pieces:
            yield _line(number, piece, is_cut)
            number, is_cut = number + 1, False
        if len(rest) > LARGEST_ROW:
            rest, is_cut = rest[:LARGEST_ROW] + rest[-1:], True  # its last byte may be that CR
    if rest.endswith(b"\r") or rest:
        yield _line(number, rest, is_cut)


def _line(number: int, content: bytes, was_cut: bool) -> Line:
    if was_cut or len(content) > LARGEST_ROW:
        return Line(number, content[:LARGEST_ROW], True)
    return Line(number, content)
