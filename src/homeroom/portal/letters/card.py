"""Sign-in cards as they are printed and typed: five words and three digits, 62 bits, kept only as a slow hash. Pure."""

import re
import secrets
import unicodedata
from functools import cache
from hashlib import sha256
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw

WORDS, DIGITS = 5, 3
LISTS = {WORDS: "words.txt", 4: "earlier_words.txt"}  # by the number of words on a card. Cards with four are no longer printed, and keep working
MEMORY, PASSES, LENGTH = 19 * 1024, 2, 32  # KiB, as for a password (door.hashing)


@cache
def words(count: int = WORDS) -> tuple[str, ...]:
    """Returns the words of cards that have `count` of them. words.README names the sources."""
    return tuple(Path(__file__).with_name(LISTS[count]).read_text().split())


@cache
def _known(count: int) -> frozenset[str]:
    return frozenset(words(count))


def new_card() -> str:
    """otter-maple-drum-cloud-piano-417"""
    number = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    return "-".join([*(secrets.choice(words()) for _ in range(WORDS)), number])


def typed(text: str) -> str | None:
    """Returns the card that a person typed, with capitals, spaces or commas. None if a word is on no card."""
    *found, number = re.findall(r"[a-z]+|[0-9]+", unicodedata.normalize("NFKC", text[:200]).casefold()) or [""]
    if len(found) not in LISTS or len(number) != DIGITS or not number.isdecimal():
        return None
    return "-".join([*found, number]) if _known(len(found)).issuperset(found) else None


def digest(card: str, portal: str) -> bytes:
    """Returns the hash that a table keeps. It is slow, because a card works for a year and a stolen table would have thousands of them to search
    together.
    Its salt is the portal's and not the card's, so that a card is found by its hash."""
    salt = sha256(b"homeroom card " + portal.encode()).digest()
    return hash_secret_raw(card.encode(), salt, PASSES, MEMORY, 1, LENGTH, Type.ID)
