"""Splits a restore key's secret into three lists of words (SLIP-39), and reads a list as a person types it. Any two of them make the secret again.

opening/shares.py joins them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from shamir_mnemonic import MnemonicError, Share, generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

from homeroom.seal.wrapping import SECRET

NEEDED, OF = 2, 3
WORDS = 33  # in a share of 32 bytes
PREFIX = 4  # letters that distinguish each word of the list from all others
NUMBERING = re.compile(r"\d+[.):]?")


class ShareOdd(Exception):
    """The words are not a usable share. The message says what to do, and repeats none of them."""


@dataclass(frozen=True, slots=True)
class ReadShare:
    """`set_number` is the same on shares that were made together. `number` counts from 1."""

    set_number: int
    number: int
    words: tuple[str, ...] = field(repr=False)


def split(secret: bytes) -> tuple[ReadShare, ...]:
    """Returns three shares of a new set. Raises ValueError if the secret has another size than a key's."""
    if len(secret) != SECRET:
        raise ValueError(f"A secret has {SECRET} bytes.")
    (lists,) = generate_mnemonics(1, [(NEEDED, OF)], secret)
    return tuple(read_share(words) for words in lists)


def whole_words(typed: str, first: int = 1) -> list[str]:
    """Returns the list's words for words or their first four letters. Numbers before them, as on the sheet, are skipped.

    `first` is the number that the first one has on the sheet. Raises ShareOdd.
    """
    tokens = [token for token in typed.lower().replace(",", " ").split() if not NUMBERING.fullmatch(token)]
    return [_whole(token, number) for number, token in enumerate(tokens, first)]


def read_share(typed: str) -> ReadShare:
    """Raises ShareOdd."""
    words = whole_words(typed)
    if len(words) != WORDS:
        raise ShareOdd(f"A share has {WORDS} words, and this one has {len(words)}. Type all of them, in the order of their numbers.")
    try:
        share = Share.from_mnemonic(" ".join(words))
    except MnemonicError as odd:
        raise ShareOdd(
            "These are words of the list, but together they are no share: one is another than on the sheet, or two changed places. "
            "Compare each with the sheet."
        ) from odd
    if (share.group_threshold, share.group_count, share.member_threshold, len(share.value)) != (1, 1, NEEDED, SECRET):
        raise ShareOdd("This is a share of something else, not of a restore key. Take the sheet that `homeroom keys make` made.")
    return ReadShare(share.identifier, share.index + 1, tuple(words))


def check_together(shares: Sequence[ReadShare]) -> None:
    """Checks that there are enough shares, all of one set and all different. Raises ShareOdd."""
    if len(shares) < NEEDED:
        raise ShareOdd(f"It takes {NEEDED} shares, and there is {len(shares) or 'none'}. Ask another holder for the second sheet.")
    if len({share.set_number for share in shares}) != 1:
        raise ShareOdd("These shares are of different sets. Take two sheets that show the same number of their set.")
    if len({share.number for share in shares}) != len(shares):
        raise ShareOdd(f"This is share {shares[0].number} twice. Take the sheet of another holder.")


def _whole(token: str, number: int) -> str:
    found = [word for word in WORDLIST if word == token or (len(token) == PREFIX and word.startswith(token))]
    if len(found) != 1:
        raise ShareOdd(f"Word {number} is not in the list of words. Look at number {number} on the sheet.")
    return str(found[0])
