"""A quick check of a small file: whether it has exactly the rows of the last file, in any order."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from homeroom.judging.cells import NOT_BLANK, hashes
from homeroom.judging.chunks import Chunk

# Agents depend on who is a student, and a contact may have become a user. So these files count as unchanged together, or not at all.
TOGETHER = ("users", "roles", "contacts")


@dataclass
class Fingerprint:
    """The sum, the exclusive or and the number of the lines' hashes. They are equal for equal rows, and for other rows with a chance of 2^-64."""

    total: int = 0
    mixed: int = 0
    count: int = 0
    is_whole: bool = True  # every row could be read

    def add(self, lines: pl.Series) -> None:
        numbers = lines.to_numpy()
        self.total = (self.total + int(np.add.reduce(numbers, dtype=np.uint64))) % 2**64
        self.mixed ^= int(np.bitwise_xor.reduce(numbers))
        self.count += len(numbers)

    def written(self) -> bytes:
        return np.array([self.total, self.mixed, self.count], "<u8").tobytes()


def fingerprint_of(all_of_it: Iterable[Chunk], seed: int) -> Fingerprint:
    found = Fingerprint()
    for chunk in all_of_it:
        of_lines, of_rows = hashes(chunk, seed)
        found.add(of_lines.filter(chunk.lines.str.contains(NOT_BLANK)))
        found.add(of_rows)
        found.is_whole &= not chunk.bad
    return found
