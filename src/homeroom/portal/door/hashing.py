"""How passwords are kept: Argon2id, m=19 MiB, t=2, p=1.

OWASP's floor; SP 800-63B-4 3.1.1.2 asks for a memory-hard function.
"""

import unicodedata

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    algorithm = "argon2"
    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1


def folded(sign_in_name: str) -> str:
    """One spelling for a sign-in name however it is typed."""
    return unicodedata.normalize("NFKC", sign_in_name).strip().casefold()


def composed(password: str) -> str:
    """One spelling for a password: keyboards write é as one letter or as two (SP 800-63B-4 3.1.1.2 asks for this)."""
    return unicodedata.normalize("NFC", password)
