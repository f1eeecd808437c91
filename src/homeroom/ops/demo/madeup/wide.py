"""Millions of CSV rows made with numpy: a column is a matrix of bytes padded with NUL, a file the columns side by side.

Every cell is a function of its row's number and a seed, so that rows can be written in any order.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

type Numbers = NDArray[np.int64]
type Cells = NDArray[np.uint8]
type Draw = NDArray[np.uint64]

ROWS_AT_ONCE = 100_000
HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint8).reshape(256, 2)
GROUPS = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 16))  # of the bytes of a UUID, with dashes between


def draw(numbers: Numbers, seed: int) -> Draw:
    """A 64-bit number for each row number that looks random (splitmix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        mixed = (numbers.astype(np.uint64) + np.uint64(seed % 2**32 << 32 | 1)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def uuids(numbers: Numbers, seed: int) -> Cells:
    """The version 4 UUID of each row number, as 36 letters."""
    raw = np.stack([draw(numbers, seed * 2 + 1), draw(numbers, seed * 2 + 2)], axis=1).view(np.uint8)
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    letters = HEX[raw].reshape(len(numbers), 32)
    dash = np.full((len(numbers), 1), ord("-"), np.uint8)
    parts = [letters[:, 2 * start : 2 * end] for start, end in GROUPS]
    return np.concatenate([parts[0], *(piece for part in parts[1:] for piece in (dash, part))], axis=1)


def words(texts: Sequence[str]) -> Cells:
    """A table to take cells from: `words(texts)[places]`."""
    coded = [text.encode() for text in texts]
    width = max(1, *(len(text) for text in coded))
    return np.frombuffer(b"".join(text.ljust(width, b"\0") for text in coded), np.uint8).reshape(len(coded), width)


def csv_blocks(
    names: Sequence[str], numbers: Numbers, columns: Callable[[Numbers], Mapping[str, Cells]]
) -> Iterator[bytes]:
    """The header, then the rows of these numbers in this order. `columns` makes the cells of some of them."""
    yield ",".join(names).encode() + b"\r\n"
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        some = numbers[start : start + ROWS_AT_ONCE]
        yield _rows(names, columns(some), len(some))


def _rows(names: Sequence[str], cells: Mapping[str, Cells], count: int) -> bytes:
    comma = np.full((count, 1), ord(","), np.uint8)
    end = np.broadcast_to(np.frombuffer(b"\r\n", np.uint8), (count, 2))
    pieces: list[Cells] = []
    for name in names:
        pieces += [cells[name], comma] if name in cells else [comma]
    pieces[-1] = end
    padded = np.concatenate(pieces, axis=1).ravel()
    return bytes(padded[padded != 0])
