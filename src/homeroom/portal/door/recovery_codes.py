"""Recovery codes: ten for the day the phone is lost, each good once, shown once, kept as keyed hashes."""

import secrets

from django.db import transaction
from django.db.models.functions import Now

from homeroom.portal.door.models import Account, RecoveryCode
from homeroom.portal.door.secrecy import hashed

HOW_MANY = 10
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike on a printed sheet
LENGTH = 12  # of 31 letters: 59 bits


@transaction.atomic
def make_codes(account: Account) -> list[str]:
    """Ten new ones; the old ones are good no more."""
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(HOW_MANY)]
    RecoveryCode.objects.filter(account=account).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(account=account, hash=hashed(code, account.id)) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, LENGTH, 4)) for code in codes]


def is_used_up(account: Account, typed: str) -> bool:
    """Whether it was one of the account's, used up by asking. Small letters, spaces and dashes do not matter."""
    code = "".join(letter for letter in typed.upper() if letter.isalnum())
    kept = RecoveryCode.objects.filter(account=account, hash=hashed(code, account.id), used_at=None)
    return kept.update(used_at=Now()) == 1


def codes_left(account: Account) -> int:
    return RecoveryCode.objects.filter(account=account, used_at=None).count()
