"""Breached passwords: a filter file that says yes for each password of its list, and by chance for one in thirty million others.

It is a Bloom filter. Each password sets HASHES bits, which its SHA-1 chooses: the list that Have I Been Pwned publishes has SHA-1, so it can be used as it
is. No password can be read from the file. The package has a filter of its own (docs/dependencies.md), and `homeroom portal passwords` gives a portal a
larger one.
"""

import mmap
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path

OURS = Path(__file__).with_name("breached.filter")
OF_A_PORTAL = "breached.filter"  # in the portal's folder
SHORTEST = 8  # characters. No account can have a shorter password
HASHES = 25  # with 36 bits for each password, one in thirty million others matches by chance
BITS_EACH = 36
HEADER = re.compile(rb"homeroom breached passwords 1: (\d{1,12}) in (\d{1,14}) bits\n")
MASK = (1 << 64) - 1


class FilterOdd(Exception):
    """The file is no filter of breached passwords, or a part of it is missing."""


@dataclass(frozen=True, slots=True)
class Filter:
    path: Path
    entries: int
    bits: int
    begins: int  # the byte after the header

    @classmethod
    def read(cls, path: Path) -> "Filter":
        """Raises FilterOdd, OSError."""
        with path.open("rb") as file:
            found = HEADER.match(file.readline(100))
        if not found or path.stat().st_size != found.end() + -(-int(found[2]) // 8):
            raise FilterOdd(f"{path} is no filter of breached passwords, or a part of it is missing.")
        return cls(path, int(found[1]), int(found[2]), found.end())

    def has_any(self, passwords: Iterable[str]) -> bool:
        with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as kept:
            return any(all(kept[self.begins + (place >> 3)] >> (place & 7) & 1 for place in places(digest_of(each), self.bits)) for each in passwords)


def digest_of(password: str) -> bytes:
    return sha1(password.encode(), usedforsecurity=False).digest()


def places(digest: bytes, bits: int) -> list[int]:
    """Returns the bits of one entry. The first 16 bytes of its SHA-1 choose them."""
    first, step = int.from_bytes(digest[:8]), int.from_bytes(digest[8:16]) | 1
    return [((first + number * step) & MASK) % bits for number in range(HASHES)]


def is_breached(passwords: set[str], portal: Path) -> bool:
    """Returns whether a filter of the package or of the portal has one of them. Raises FilterOdd."""
    long_enough = {each for each in passwords if len(each) >= SHORTEST}
    paths = [OURS, *(path for path in (portal / OF_A_PORTAL,) if path.exists())]
    return any(Filter.read(path).has_any(long_enough) for path in paths)
