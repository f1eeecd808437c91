"""Password hashes: Argon2id, m=19 MiB, t=2, p=1.

These are OWASP's minimum. SP 800-63B-4 3.1.1.2 asks for a memory-hard function.
"""

import unicodedata

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    algorithm = "argon2"
    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1


def folded(sign_in_name: str) -> str:
    """Returns one spelling of a username, however it is typed. PostgreSQL's text can't contain NUL."""
    return unicodedata.normalize("NFKC", sign_in_name.replace("\x00", "")).strip().casefold()


def composed(password: str) -> str:
    """Returns one spelling of a password. Keyboards write é as one character or as two (SP 800-63B-4 3.1.1.2 asks for this)."""
    return unicodedata.normalize("NFC", password)
