"""Rules for passwords (SP 800-63B-4 3.1.1.2): long enough, on no list of common ones, not made of the person's or the school's names.

There is no rule about capitals, digits or age. Every character is allowed, and the whole string is checked.
"""

import gzip
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import django.contrib.auth
import psycopg
from django.conf import settings
from django.utils.translation import gettext as _

ALONE, BESIDE, LONGEST = 15, 8, 1024  # in characters: shortest as the only factor, shortest with a second one, longest
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
    if low in common_passwords() or len(set(low)) < 5 or low.replace(name, "") == "" or low[: len(low) // 2] * 2 == low:
        raise PasswordRefused(easy())


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
