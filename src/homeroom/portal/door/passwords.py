"""Rules for passwords (SP 800-63B-4 3.1.1.2): long enough, on no list of breached ones or made of one of them, not made of sequences, repeats, or the
person's or the school's names.

There is no rule about capitals, digits or age. Every character is allowed, and the whole string is checked.
"""

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import django.contrib.auth
import psycopg
from django.conf import settings
from django.utils.translation import gettext as _

from homeroom.portal.door.breached import is_breached

ALONE, BESIDE, LONGEST = 15, 8, 1024  # in characters: shortest as the only factor, shortest with a second one, longest
FEWEST = 5  # different characters, sequences left out
RUN = 4  # characters in a row of these that count as a sequence
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "!@#$%^&*()",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p",
)  # fmt: skip
RUNS = "\n".join([*ROWS, *(row[::-1] for row in ROWS)])
LONGEST_RUN = max(map(len, ROWS))
SAME, ENDS, REPEATED = re.compile(r"(.)\1\1+"), re.compile(r"^[\W\d_]+|[\W\d_]+$"), re.compile(r"(.+?)\1+")
READ_AS = str.maketrans("4@013$57!", "aaoiessti")
# Guessing programs try these phrases, although they are long.
FAMOUS = frozenset((
    "correcthorsebatterystaple", "fourscoreandsevenyearsago", "inthebeginningwastheword", "itwasthebestoftimes",
    "loremipsumdolorsitamet", "maytheforcebewithyou", "onceuponatime", "thequickbrownfox", "thequickbrownfoxjumpsoverthelazydog", "tobeornottobe",
    "tobeornottobethatisthequestion", "wethepeopleoftheunitedstates",
))  # fmt: skip
MADE_OF_NAMES = "SELECT is_made_of_names(%s, %s, %s)"


class PasswordRefused(Exception):
    """The password was not accepted. The message says what to do."""


def check_password(password: str, name: str, shortest: int) -> None:
    """Checks the rules that need no database. Raises PasswordRefused."""
    if len(password) < shortest:
        raise PasswordRefused(_("A password has at least %(n)s characters. Four or five unrelated words work well.") % {"n": shortest})
    if len(password) > LONGEST:
        raise PasswordRefused(_("A password has at most 1,024 characters."))
    low = password.casefold()
    if low.replace(name, "") == "" or is_guessed(low):
        raise PasswordRefused(easy())
    if is_breached({password, *words_in(low)}, settings.PLACE.folder):
        raise PasswordRefused(_("This password is in a list of stolen passwords. Choose another, such as five unrelated words."))


def is_guessed(low: str) -> bool:
    """Returns whether this is a common password, or guessing programs have a rule that makes it: sequences, repeats, or one common word with digits and
    marks at its ends. `low` is in lower case."""
    words, left = words_in(low), without_sequences(low)
    is_word = not words.isdisjoint(common_passwords()) or not words.isdisjoint(FAMOUS)
    return is_word or len(set(left)) < FEWEST or any(map(REPEATED.fullmatch, (low, ENDS.sub("", left))))


def words_in(low: str) -> set[str]:
    """Returns the password, and the word that it is if digits, marks and sequences at its ends are left out."""
    core = ENDS.sub("", without_sequences(low))
    return {low, core, core.translate(READ_AS), "".join(filter(str.isalpha, low))}


def without_sequences(low: str) -> str:
    """Returns the password without parts such as 12345, qwerty, zyxw or !!!."""
    rest, left = SAME.sub("", low), ""
    while rest:
        length = next((size for size in range(min(len(rest), LONGEST_RUN), RUN - 1, -1) if rest[:size] in RUNS), 0)
        left += "" if length else rest[0]
        rest = rest[length or 1 :]
    return left


def check_names(on: psycopg.Connection[Any], account: UUID, password: str) -> None:
    """Asks the database, which has the names and answers yes or no. The server binds the password, so that no other connection of the login sees it
    in pg_stat_activity. Raises PasswordRefused."""
    ours = f"homeroom {settings.PLACE.name}".casefold().split()
    with psycopg.Cursor(on) as cursor:
        row = cursor.execute(MADE_OF_NAMES, [account, password.casefold(), ours]).fetchone()
    if row and row[0]:
        raise PasswordRefused(easy())


def easy() -> str:
    return _("This password is easy to guess. Choose another, such as five unrelated words.")


@cache
def common_passwords() -> frozenset[str]:
    """The 20,000 that Django ships (SP 800-63B-4 3.1.1.2 asks for such a list)."""
    path = Path(django.contrib.auth.__file__).with_name("common-passwords.txt.gz")
    return frozenset(gzip.decompress(path.read_bytes()).decode().split())
