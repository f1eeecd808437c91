"""One-use codes as they are printed and typed: made, checked for typing errors, and kept as a hash alone. Pure."""

import secrets
import unicodedata
from hashlib import sha256

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # 31, a prime: without 0 O 1 I L, which look alike on paper
RANDOM = 14  # characters of chance: 69 bits, so that no list of hashes is worth a search while a code lives
LENGTH = RANDOM + 1  # and one that tells a typing error from a wrong code
GROUP = 5


def new_code() -> str:
    """Without spaces; as it is kept in no table."""
    chosen = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return chosen + check_of(chosen)


def check_of(chosen: str) -> str:
    """Weighted by place: of two neighbours changed over, and of one wrong character, every case is noticed (31 is prime)."""
    return ALPHABET[sum(place * ALPHABET.index(letter) for place, letter in enumerate(chosen, 1)) % len(ALPHABET)]


def grouped(code: str) -> str:
    """7KQFM 3WT9R XDH2B"""
    return " ".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def typed(text: str) -> str | None:
    """The code that somebody typed, in small letters, with spaces or dashes; None where it was mistyped."""
    plain = unicodedata.normalize("NFKC", text[:100]).upper()
    code = "".join(letter for letter in plain if not letter.isspace() and unicodedata.category(letter) != "Pd")
    if len(code) != LENGTH or any(letter not in ALPHABET for letter in code):
        return None
    return code if check_of(code[:RANDOM]) == code[RANDOM] else None


def digest(code: str) -> bytes:
    """What a table keeps of it. One fast hash: 69 bits of chance in three weeks need no slow one."""
    return sha256(b"homeroom code " + code.encode()).digest()


def digest_typed(text: str) -> str | None:
    """The digest of a code that somebody may have typed, as hex: "" where nothing was; None where it was mistyped."""
    if not text.strip():
        return ""
    plain = typed(text)
    return digest(plain).hex() if plain else None
