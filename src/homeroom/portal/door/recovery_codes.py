"""Recovery codes: ten for the day the phone is lost, each good once, shown once, kept as keyed hashes."""

import secrets

from homeroom.portal.access.asking import server_bound
from homeroom.portal.door.models import Account
from homeroom.portal.door.secrecy import hashed

HOW_MANY = 10
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike on a printed sheet
LENGTH = 12  # of 31 letters: 59 bits


def make_codes(account: Account) -> list[str]:
    """Ten new ones; the old ones are good no more."""
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(HOW_MANY)]
    server_bound("SELECT keep_recovery_codes(%s, %s)", (account.uuid, [hashed(code, account.id) for code in codes]))
    return ["-".join(code[at : at + 4] for at in range(0, LENGTH, 4)) for code in codes]


def is_used_up(account: Account, typed: str) -> bool:
    """Whether it was one of the account's, used up by asking. Small letters, spaces and dashes do not matter."""
    code = "".join(letter for letter in typed.upper() if letter.isalnum())
    return bool(server_bound("SELECT use_recovery_code(%s, %s)", (account.uuid, hashed(code, account.id))))


def codes_left(account: Account) -> int:
    return int(server_bound("SELECT recovery_codes_left(%s)", (account.uuid,)))
