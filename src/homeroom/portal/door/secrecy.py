"""Secrets that the door seals: the secrets of authenticator apps, and recovery codes as keyed hashes.

The key is secrets/factors, which no other process reads. The database, or a copy of it, can't open any of these.
"""

import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12


def sealed(secret: bytes, account_id: int) -> bytes:
    """Seals a secret for one account. It can't be opened from a row that was copied to another account."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key("seal")).encrypt(nonce, secret, _about(account_id))


def opened(kept: bytes, account_id: int) -> bytes:
    """Raises cryptography's InvalidTag if the key or the account differs."""
    return AESGCM(_key("seal")).decrypt(kept[:_NONCE], kept[_NONCE:], _about(account_id))


def hashed(code: str, account_id: int) -> bytes:
    return hmac.digest(_key("recovery code"), _about(account_id) + code.encode(), "sha256")


def _about(account_id: int) -> bytes:
    return f"account {account_id} ".encode()


def _key(purpose: str) -> bytes:
    return hmac.digest(settings.PLACE.factors_key(), purpose.encode(), "sha256")
