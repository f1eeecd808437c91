"""Recovery codes: ten for a lost phone. Each works once, is shown once, and is kept as a keyed hash."""

import secrets

from homeroom.portal.access.asking import server_bound
from homeroom.portal.door.models import Account, Key
from homeroom.portal.door.secrecy import hashed

HOW_MANY = 10
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without characters that look alike on a printed sheet
LENGTH = 12  # of 31 characters: 59 bits


def new_codes(account: Account) -> tuple[list[str], list[bytes]]:
    """Returns ten codes as they are shown, and their hashes."""
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(HOW_MANY)]
    return ["-".join(code[at : at + 4] for at in range(0, LENGTH, 4)) for code in codes], [hashed(code, account.id) for code in codes]


def make_codes(account: Account, by_key: Key) -> list[str]:
    """Makes ten new ones. The old ones no longer work. Returns [] if the session of this key may not make any."""
    codes, hashes = new_codes(account)
    return codes if server_bound("SELECT keep_recovery_codes(%s, %s, %s)", (account.uuid, hashes, by_key)) else []


def is_used_up(account: Account, typed: str) -> bool:
    """Tells whether it was one of the account's, and uses it up. Lowercase, spaces and dashes don't matter."""
    code = "".join(letter for letter in typed.upper() if letter.isalnum())
    return bool(server_bound("SELECT use_recovery_code(%s, %s)", (account.uuid, hashed(code, account.id))))


def codes_left(account: Account) -> int:
    return int(server_bound("SELECT recovery_codes_left(%s)", (account.uuid,)))
