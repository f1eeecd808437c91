"""Makes a filter of breached passwords (door.breached) from lists: one password a line, or one SHA-1 a line as Have I Been Pwned publishes them."""

import re
from collections.abc import Iterator
from itertools import batched
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from homeroom.ops.answers import NotDone
from homeroom.ops.host.owner import Tell
from homeroom.portal.door.breached import BITS_EACH, HASHES, SHORTEST, digest_of
from homeroom.seal.whole import write_whole

SHA1 = re.compile(rb"([0-9A-Fa-f]{40})(?::\d+)?\r?\n?")
TOGETHER = 200_000  # entries
SAMPLE = 100  # lines that decide which kind of list it is


def digests_of(path: Path) -> Iterator[bytes]:
    """Yields the first 16 bytes of each entry's SHA-1: of each line, and of each line in lower case. Leaves out passwords that are too short for any
    account. Raises NotDone."""
    with path.open("rb") as lines:
        first = [line for _, line in zip(range(SAMPLE), lines, strict=False)]
        if not first:
            raise NotDone(f"{path} is empty. Nothing was changed.")
        is_hashed = all(SHA1.fullmatch(line) for line in first)
        lines.seek(0)
        for number, line in enumerate(lines, 1):
            if is_hashed:
                if not (found := SHA1.fullmatch(line)):
                    raise NotDone(f"Line {number:,} of {path} is no SHA-1, and the lines before it are. Nothing was changed.")
                yield bytes.fromhex(found[1].decode())[:16]
                continue
            word = line.rstrip(b"\r\n").decode(errors="replace")
            if len(word) >= SHORTEST:
                yield from (digest_of(each)[:16] for each in dict.fromkeys((word, word.casefold())))


def count(lists: list[Path], tell: Tell) -> int:
    """Returns how many entries the lists have, with forms in lower case and repeated ones. Raises NotDone."""
    found = 0
    for path in lists:
        for some in batched(digests_of(path), TOGETHER):
            tell("counting passwords", found := found + len(some), 0)
    if not found:
        raise NotDone(f"No line has {SHORTEST} characters or more. Nothing was changed.")
    return found


def build(lists: list[Path], out: Path, tell: Tell) -> int:
    """Writes the filter, and returns the number of entries that set new bits. The same lists make the same file. Raises NotDone."""
    most = count(lists, tell)
    bits = most * BITS_EACH
    try:
        kept = np.zeros(-(-bits // 8), np.uint8)
    except MemoryError:
        raise NotDone(f"The filter needs {bits / 8e9:.1f} GB of memory, which this computer doesn't have. Nothing was changed.") from None
    done = entries = 0
    for path in lists:
        for some in batched(digests_of(path), TOGETHER):
            entries += _set(kept, bits, b"".join(some))
            tell("passwords", done := done + len(some), most)
    write_whole(out, b"".join((f"homeroom breached passwords 1: {entries} in {bits} bits\n".encode(), kept.data)), 0o644)
    return entries


def _set(kept: NDArray[np.uint8], bits: int, digests: bytes) -> int:
    """Sets the bits of these entries. Returns how many of them were not in the filter before."""
    halves = np.unique(np.frombuffer(digests, ">u8").reshape(-1, 2), axis=0).astype(np.uint64)
    first, step = halves[:, 0], halves[:, 1] | np.uint64(1)
    is_new = np.zeros(len(first), bool)
    for number in range(HASHES):
        place = (first + np.uint64(number) * step) % np.uint64(bits)
        byte, mask = place >> np.uint64(3), np.uint8(1) << (place & np.uint64(7)).astype(np.uint8)
        is_new |= kept[byte] & mask == 0
        np.bitwise_or.at(kept, byte, mask)
    return int(is_new.sum())
