"""A small file at a glance: whether it holds the very rows of last night, in whatever order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from homeroom.formats.encoding import Utf8
from homeroom.formats.manifest import Listed
from homeroom.formats.table import read_layout
from homeroom.portal.intake.cells import NOT_BLANK, hashes
from homeroom.portal.intake.chunks import Chunk, chunks
from homeroom.portal.intake.images import keep_file
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.sidecar import seed_of

WHOLE = -1  # where row_hashes keeps it, beside the buckets of large files
# Who is a student decides about agents, and a contact may have become a user: these are the same together, or not at all.
TOGETHER = ("users", "roles", "contacts")


@dataclass
class Fingerprint:
    """Of the lines' hashes: their sum, their exclusive or, how many. Equal for equal rows; else a chance of 2^-64."""

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


def unchanged(night: Night, files: Sequence[Listed], large: Sequence[str]) -> Mapping[str, int]:
    """Stem → rows, of the small files whose every row was accepted last night and is there again, and no other."""
    same = {
        listed.table.stem: count
        for listed in files
        if listed.table.stem not in large and not listed.table.is_delta and (count := _count_if_same(night, listed)) is not None
    }
    sent = {listed.table.stem for listed in files}
    if not all(stem in same for stem in TOGETHER if stem in sent):
        return {stem: count for stem, count in same.items() if stem not in TOGETHER}
    return same


def _count_if_same(night: Night, listed: Listed) -> int | None:
    row = night.run(
        "SELECT pairs FROM row_hashes WHERE file = %(file)s AND bucket = %(whole)s", file=listed.table.file, whole=WHOLE
    ).fetchone()
    if row is None:
        return None
    layout = read_layout(Utf8(listed.member.blocks(), listed.table.file), listed.table)
    seed = seed_of(night, layout)
    if seed is None:
        return None
    found = _of_chunks(chunks(Utf8(listed.member.blocks(), listed.table.file), layout), seed)
    return found.count if found.is_whole and found.written() == bytes(row[0]) else None


def _of_chunks(all_of_it: Iterable[Chunk], seed: int) -> Fingerprint:
    found = Fingerprint()
    for chunk in all_of_it:
        of_lines, of_rows = hashes(chunk, seed)
        found.add(of_lines.filter(chunk.lines.str.contains(NOT_BLANK)))
        found.add(of_rows)
        found.is_whole &= not chunk.bad
    return found


def write_fingerprint(night: Night, file: str, scheme: str, found: Fingerprint) -> None:
    """After the rows. A file with a refused row, or one left out, is read again every night."""
    keep_file(night, file)
    night.run("DELETE FROM row_hashes WHERE file = %(file)s AND bucket = %(whole)s", file=file, whole=WHOLE)
    if found.is_whole and not night.found.refused[file] and file not in night.left_out:
        night.connection.execute(
            "INSERT INTO row_hashes (file, bucket, scheme, pairs) VALUES (%s, %s, %s, %b)",
            [file, WHOLE, scheme, found.written()],
        )
