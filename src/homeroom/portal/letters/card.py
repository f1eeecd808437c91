"""Sign-in cards as they are printed and typed: four words and three digits, 61 bits, kept as a slow hash alone. Pure."""

import re
import secrets
import unicodedata
from functools import cache
from hashlib import sha256
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw

WORDS, DIGITS = 4, 3
MEMORY, PASSES, LENGTH = 19 * 1024, 2, 32  # KiB; as of a password (door.hashing)


@cache
def words() -> tuple[str, ...]:
    """words.README says where they are from."""
    return tuple(Path(__file__).with_name("words.txt").read_text().split())


@cache
def _known() -> frozenset[str]:
    return frozenset(words())


def new_card() -> str:
    """otter-maple-drum-cloud-417"""
    number = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    return "-".join([*(secrets.choice(words()) for _ in range(WORDS)), number])


def typed(text: str) -> str | None:
    """The card that somebody typed, with capitals, spaces or commas; None where a word is on no card."""
    parts = re.findall(r"[a-z]+|[0-9]+", unicodedata.normalize("NFKC", text[:200]).casefold())
    if len(parts) != WORDS + 1 or len(parts[-1]) != DIGITS or not parts[-1].isdecimal():
        return None
    return "-".join(parts) if all(part in _known() for part in parts[:WORDS]) else None


def digest(card: str, portal: str) -> bytes:
    """What a table keeps of it. Slow, since a card lives for a year and a stolen table would hold thousands of them to search at once;
    salted by the portal and not by the card, so that it is found by its hash."""
    salt = sha256(b"homeroom card " + portal.encode()).digest()
    return hash_secret_raw(card.encode(), salt, PASSES, MEMORY, 1, LENGTH, Type.ID)
