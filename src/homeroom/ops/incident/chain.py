"""Lines of JSON that only grow. Each has the hash of the line before it, so a changed or removed line shows. Pure functions: bytes in, lines out.

A command that was killed can leave a part of a line at the end. It stays there. The next command ends it and adds a line of the kind "torn" with its hash.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TORN = "torn"
START = "0" * 64  # what the first line has as the hash of the line before it


@dataclass(frozen=True, slots=True)
class DiaryHead:
    """Number and hash of the newest line."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"


EMPTY = DiaryHead(0, START)


@dataclass(frozen=True, slots=True)
class ChainLine:
    head: DiaryHead
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chain:
    """`lines` has every line that can be read, in the order of the file. `broken` is the first line of the file that doesn't follow the one before it, or 0.
    `torn` is what a killed command left at the end. `interrupted` counts earlier ones. `is_open`: the last line has no line break yet."""

    lines: tuple[ChainLine, ...] = ()
    broken: int = 0
    torn: bytes = b""
    interrupted: int = 0
    is_open: bool = False

    @property
    def head(self) -> DiaryHead:
        return self.lines[-1].head if self.lines else EMPTY


def read_chain(content: bytes) -> Chain:
    """Reads any bytes. Never raises."""
    *pieces, tail = content.split(b"\n")
    rows = [line_in(piece) for piece in pieces]
    lines: list[ChainLine] = []
    broken = interrupted = 0
    for at, row in enumerate(rows):
        if row is None and at + 1 < len(rows) and _is_named_torn(rows[at + 1], pieces[at]):
            interrupted += 1
        elif row is None or not follows(row, lines[-1].head if lines else EMPTY):
            broken = broken or at + 1
        if row is not None:
            lines.append(row)
    last = line_in(tail)
    if last is not None and follows(last, lines[-1].head if lines else EMPTY):
        return Chain((*lines, last), broken, b"", interrupted, is_open=True)
    return Chain(tuple(lines), broken, tail, interrupted)


def line_in(piece: bytes) -> ChainLine | None:
    """Returns None if it is no line of a chain."""
    try:
        values = json.loads(piece)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or type(values.get("n")) is not int:
        return None
    return ChainLine(DiaryHead(values["n"], digest_of(piece)), values)


def follows(line: ChainLine, before: DiaryHead) -> bool:
    return line.head.number == before.number + 1 and line.values.get("before") == before.digest


def next_lines(chain: Chain, values: Mapping[str, Any]) -> tuple[bytes, ChainLine]:
    """Returns the bytes to add at the end of the file, and the new line. Ends what a killed command left there."""
    start, before = (b"\n" if chain.torn or chain.is_open else b""), chain.head
    if chain.torn:
        note = written({"kind": TORN, "torn": digest_of(chain.torn), "at": values.get("at")}, before)
        start, before = start + note + b"\n", DiaryHead(before.number + 1, digest_of(note))
    made = written(values, before)
    line = line_in(made)
    assert line is not None
    return start + made + b"\n", line


def written(values: Mapping[str, Any], before: DiaryHead) -> bytes:
    whole = {"n": before.number + 1, **values, "before": before.digest}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def digest_of(piece: bytes) -> str:
    return hashlib.sha256(piece).hexdigest()


def _is_named_torn(line: ChainLine | None, piece: bytes) -> bool:
    return line is not None and line.values.get("kind") == TORN and line.values.get("torn") == digest_of(piece)
