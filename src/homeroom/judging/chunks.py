"""Splits a file's bytes into millions of lines, fast. Some lines have an open quotation mark at their end, or a byte that is not part of a character. Only
these go to the strict reader, which decides what they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from homeroom.formats.header import Layout
from homeroom.formats.lines import LARGEST_ROW
from homeroom.formats.table import BadRow, Row, strict_rows
from homeroom.judging.ahead import ahead

SIZE = 4 << 20
LARGEST = 32 << 20  # a chunk that waits for a closing quotation mark, or for a line to end, waits only up to this size
TOGETHER = 20_000  # lines
NEWLINE, RETURN, MARK = 10, 13, 34

type Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chunk:
    """`lines` are rows by themselves, at `numbers`. `rows` and `bad` come from lines that belong together. `broken` has the first line of each bad one,
    because its key may still be readable there."""

    lines: pl.Series
    numbers: Numbers
    rows: tuple[Row, ...] = ()
    bad: tuple[BadRow, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def all_numbers(self) -> Numbers:
        """Returns the line numbers of the lines, then of the rows."""
        return np.concatenate([self.numbers, np.array([row.line for row in self.rows], np.int64)])

    def only(self, wanted: npt.NDArray[np.bool_]) -> "Chunk":
        """Returns the wanted lines and rows, in the order of all_numbers, and everything bad. Lines are copied one by one, because a filtered series would
        keep the whole chunk's text in memory."""
        of_lines, of_rows = wanted[: len(self.numbers)], wanted[len(self.numbers) :]
        lines = pl.Series("line", self.lines.filter(pl.Series(of_lines)).to_list(), pl.String)
        rows = tuple(row for row, is_wanted in zip(self.rows, of_rows, strict=True) if is_wanted)
        return Chunk(lines, self.numbers[of_lines], rows, self.bad, self.broken)


def chunks(blocks: Iterable[bytes], layout: Layout) -> Iterator[Chunk]:
    """Yields chunks from UTF-8 blocks of the whole file. The header row is skipped."""
    number, rest = 1, b""
    for piece, is_last in _with_end(ahead(_pieces(blocks))):
        chunk, used, lines = _read(rest + piece, number, layout, is_last or len(rest) > LARGEST)
        rest = (rest + piece)[used:]
        number += lines
        yield chunk


def together(few: Iterable[Chunk]) -> Iterator[Chunk]:
    """Joins many small chunks into some larger ones, because a few lines take as long to read as many."""
    waiting: list[Chunk] = []
    for chunk in few:
        waiting.append(chunk)
        if sum(len(each.lines) for each in waiting) > TOGETHER:
            yield joined(waiting)
            waiting = []
    if waiting:
        yield joined(waiting)


def joined(several: Sequence[Chunk]) -> Chunk:
    return Chunk(
        pl.concat([chunk.lines for chunk in several]),
        np.concatenate([chunk.numbers for chunk in several]),
        tuple(row for chunk in several for row in chunk.rows),
        tuple(row for chunk in several for row in chunk.bad),
        tuple(text for chunk in several for text in chunk.broken),
    )


def _pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields pieces of about SIZE bytes that end with a line's end. Only the beginning of a line beyond every limit is kept."""
    waiting: list[bytes] = []
    size, enough = 0, SIZE
    for block in blocks:
        waiting.append(block)
        size += len(block)
        if size >= enough:
            whole = b"".join(waiting)
            cut = whole.rfind(b"\n") + 1 or whole[:-1].rfind(b"\r") + 1
            if cut:
                yield whole[:cut]
            elif size > LARGEST:
                whole = whole[: 2 * LARGEST_ROW] + whole[-1:]
            waiting = [whole[cut:]]
            size = len(waiting[0])
            enough = max(SIZE, 2 * size)  # a line without an end is not searched again at every block
    yield b"".join(waiting)


def _with_end(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    piece = next(pieces)
    for following in pieces:
        yield piece, False
        piece = following
    yield piece, True


def _read(piece: bytes, number: int, layout: Layout, is_last: bool) -> tuple[Chunk, int, int]:
    """Returns the chunk, how many bytes of the piece it took, and how many lines."""
    if b'"' not in piece and piece.isascii() and number > 1:
        lines = _lines_of(piece)
        if not lines.str.contains("\r", literal=True).any():  # a lone CR ends a line, too
            return Chunk(lines, np.arange(number, number + len(lines))), len(piece), len(lines)
    content = np.frombuffer(piece, np.uint8)
    returns = _lone_returns(content) if b"\r" in piece else None
    is_end = content == NEWLINE
    ends = np.flatnonzero(is_end if returns is None else is_end | returns) + 1
    if len(piece) and (not len(ends) or ends[-1] < len(piece)):
        ends = np.append(ends, len(piece))
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    knots = _Knots(piece, starts, ends, number, layout, is_last)
    if len(ends):
        if b'"' in piece:
            knots.untie(np.flatnonzero(np.add.reduceat(content == MARK, starts, dtype=np.uint8) % 2))
        knots.set_aside_broken()
    return knots.chunk()


def _lone_returns(content: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_] | None:
    """Returns where a CR without an LF after it ends a line. None means that no CR does."""
    returns: npt.NDArray[np.bool_] = content == RETURN
    followed = returns[:-1] & (content[1:] == NEWLINE)
    if np.count_nonzero(returns) == np.count_nonzero(followed):
        return None
    returns[:-1] &= ~followed
    return returns


class _Knots:
    """The lines of one piece, and those among them that are not rows by themselves."""

    def __init__(
        self, piece: bytes, starts: Numbers, ends: Numbers, number: int, layout: Layout, is_last: bool
    ) -> None:
        self.piece, self.starts, self.ends, self.number, self.layout = piece, starts, ends, number, layout
        self.is_last, self.was_end_seen = is_last, False
        self.count = len(ends)  # number of lines taken. The rest waits for the next piece
        self.stands = np.ones(len(ends), bool)  # whether each line is a row by itself
        self.aside: list[tuple[int, int]] = []  # from, to: lines that are not
        if number == 1:
            self._set_aside(0, 1)
        self.rows: list[Row] = []
        self.bad: list[BadRow] = []
        self.broken: list[str] = []

    def untie(self, odd: Numbers) -> None:
        """Sets aside each line with an odd number of quotation marks, and what belongs to it, up to the beginning of the next record."""
        done = 1 if self.number == 1 else 0
        for first in map(int, odd):
            if done <= first < self.count:
                done = self._untie_one(first)

    def _untie_one(self, first: int) -> int:
        reading = strict_rows(self._lines_from(first), self.layout, self.number + first)
        record, following = next(reading, None), next(reading, None)
        if self.was_end_seen and not self.is_last:  # the next piece may change what this is
            self.count = first
            return first
        until = len(self.ends) if following is None else following.line - self.number
        self._keep(record, first, until)
        return until

    def _keep(self, record: Row | BadRow | None, first: int, until: int) -> None:
        self._set_aside(first, until)
        if isinstance(record, Row):
            self.rows.append(record)
        elif record is not None:
            self.bad.append(record)
            self.broken.append(self.piece[self.starts[first] : self.ends[first]].decode(errors="replace").rstrip("\r\n"))

    def _set_aside(self, first: int, until: int) -> None:
        self.aside.append((first, until))
        self.stands[first:until] = False

    def set_aside_broken(self) -> None:
        """Sets aside lines with bytes that are not UTF-8."""
        at = 0
        while not self.piece.isascii():
            try:
                self.piece[at:].decode()
                return
            except UnicodeDecodeError as error:
                line = int(np.searchsorted(self.ends, at + error.start, side="right"))
                at = int(self.ends[line])
                if line < self.count and self.stands[line]:
                    content = self.piece[self.starts[line] : at]
                    self._keep(next(strict_rows([content], self.layout, self.number + line), None), line, line + 1)

    def chunk(self) -> tuple[Chunk, int, int]:
        kept, at = [], 0
        for first, until in sorted(self.aside):
            if first < self.count:
                kept.append(self.piece[at : self.starts[first]])
                at = int(self.ends[min(until, self.count) - 1])
        used = int(self.ends[self.count - 1]) if self.count else 0
        kept.append(self.piece[at:used])
        numbers = np.flatnonzero(self.stands[: self.count]) + self.number
        # Each part separately, because a CR at the end of one and an LF at the start of the next are two line ends.
        lines = _lines_of(b"".join(part.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for part in kept))
        if len(lines) != len(numbers):
            raise AssertionError("The fast and the strict reader count lines differently.")
        return Chunk(lines, numbers, tuple(self.rows), tuple(self.bad), tuple(self.broken)), used, self.count

    def _lines_from(self, first: int) -> Iterator[bytes]:
        self.was_end_seen = False
        for at in range(first, len(self.ends)):
            yield self.piece[self.starts[at] : self.ends[at]]
        self.was_end_seen = True


def _lines_of(content: bytes) -> pl.Series:
    """Returns the lines without their ends, so that a line's hash is the same after CRLF and LF."""
    return pl.read_lines(content)["line"] if content else pl.Series("line", [], pl.String)
