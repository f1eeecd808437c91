"""The six digits that a made-up person's authenticator app would show (TOTP, RFC 6238)."""

import json
import time
from pathlib import Path

import pyotp

from homeroom.ops.answers import NotDone


def digits(key: str) -> str:
    return pyotp.TOTP(key).now()


def next_digits(key: str) -> str:
    """Waits for the next half minute and returns its digits, because the current digits may already be used."""
    totp = pyotp.TOTP(key)
    time.sleep(totp.interval - time.time() % totp.interval)
    return totp.now()


def digits_of(sign_ins: Path, name: str) -> str:
    """Returns the digits of a person in a demonstration's list. Raises NotDone."""
    entries = json.loads(sign_ins.read_text()) if sign_ins.exists() else []
    key = next((entry["authenticator"] for entry in entries if entry["sign_in_name"] == name and entry["authenticator"]), "")
    if not key:
        raise NotDone(f"No one who signs in as {name!r} here has an authenticator key. `homeroom demo` prints who has.")
    return digits(key)
