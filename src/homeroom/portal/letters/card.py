"""Sign-in cards as they are printed and typed: four words and three digits, 61 bits, kept only as a slow hash. Pure."""

import re
import secrets
import unicodedata
from functools import cache
from hashlib import sha256
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw

WORDS, DIGITS = 4, 3
MEMORY, PASSES, LENGTH = 19 * 1024, 2, 32  # KiB, as for a password (door.hashing)


@cache
def words() -> tuple[str, ...]:
    """words.README names the source."""
    return tuple(Path(__file__).with_name("words.txt").read_text().split())


@cache
def _known() -> frozenset[str]:
    return frozenset(words())


def new_card() -> str:
    """otter-maple-drum-cloud-417"""
    number = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    return "-".join([*(secrets.choice(words()) for _ in range(WORDS)), number])


def typed(text: str) -> str | None:
    """Returns the card that a person typed, with capitals, spaces or commas. None if a word is on no card."""
    parts = re.findall(r"[a-z]+|[0-9]+", unicodedata.normalize("NFKC", text[:200]).casefold())
    if len(parts) != WORDS + 1 or len(parts[-1]) != DIGITS or not parts[-1].isdecimal():
        return None
    return "-".join(parts) if all(part in _known() for part in parts[:WORDS]) else None


def digest(card: str, portal: str) -> bytes:
    """Returns the hash that a table keeps. It is slow, because a card works for a year and a stolen table would have thousands of them to search
    together.
    Its salt is the portal's and not the card's, so that a card is found by its hash."""
    salt = sha256(b"homeroom card " + portal.encode()).digest()
    return hash_secret_raw(card.encode(), salt, PASSES, MEMORY, 1, LENGTH, Type.ID)
