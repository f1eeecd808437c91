"""One-use codes as they are printed and typed: made, checked for typing errors, and kept only as a hash. Pure."""

import secrets
import unicodedata
from hashlib import sha256

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # 31 characters, a prime: without 0 O 1 I L, which look alike on paper
RANDOM = 14  # random characters: 69 bits, so that a list of hashes can't be searched while a code works
LENGTH = RANDOM + 1  # and one that distinguishes a typing error from a wrong code
GROUP = 5


def new_code() -> str:
    """Makes a code without spaces. No table keeps it."""
    chosen = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return chosen + check_of(chosen)


def check_of(chosen: str) -> str:
    """Returns the check character. It is weighted by position, so that one wrong character, or two swapped neighbors, are always noticed (31 is
    prime)."""
    return ALPHABET[sum(place * ALPHABET.index(letter) for place, letter in enumerate(chosen, 1)) % len(ALPHABET)]


def grouped(code: str) -> str:
    """7KQFM 3WT9R XDH2B"""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def typed(text: str) -> str | None:
    """Returns the code that a person typed, in lowercase, with spaces or dashes. None if it was mistyped."""
    plain = unicodedata.normalize("NFKC", text[:100]).upper()
    code = "".join(letter for letter in plain if not letter.isspace() and unicodedata.category(letter) != "Pd")
    if len(code) != LENGTH or any(letter not in ALPHABET for letter in code):
        return None
    return code if check_of(code[:RANDOM]) == code[RANDOM] else None


def digest(code: str) -> bytes:
    """Returns the hash that a table keeps. One fast hash is enough for 69 random bits in three weeks."""
    return sha256(b"homeroom code " + code.encode()).digest()


def digest_typed(text: str) -> str | None:
    """Returns the digest, as hex, of a code that a person may have typed. "" if nothing was typed. None if it was mistyped."""
    if not text.strip():
        return ""
    plain = typed(text)
    return digest(plain).hex() if plain else None
