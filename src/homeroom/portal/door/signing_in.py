"""Signing in: one answer for a wrong name and a wrong password, after the same statements and the same hash."""

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import verify_password
from django.db import transaction
from django.http import HttpRequest

from homeroom.portal.door.browsers import known, meet
from homeroom.portal.door.devices import device_of
from homeroom.portal.door.factors import must_be_strong
from homeroom.portal.door.hashing import Argon2id, composed, folded
from homeroom.portal.door.models import Account, Credential
from homeroom.portal.door.sessions import Entry, begin_session, end_session, key_of
from homeroom.portal.door.telling import tell
from homeroom.portal.door.tries import Marks, count, forget
from homeroom.portal.letters import card

LONGEST_NAME, LONGEST_PASSWORD = 254, 1024
# 19 MiB each: more at once would let strangers fill the memory, and 4 on 2 cores would each take twice as long.
_hashes = threading.BoundedSemaphore(2)


class NotTogether(Exception):
    """No such account, a closed one, or another password: nobody learns which."""


@dataclass(frozen=True)
class Wait(Exception):
    """Too many tries. The password was not looked at."""

    pause: timedelta


def right_account(request: HttpRequest, name: str, password: str, address: str) -> Account:
    """Whose name and password these are; nobody is signed in yet. Raises NotTogether and Wait."""
    name, password = folded(name[:LONGEST_NAME]), composed(password[: LONGEST_PASSWORD + 1])
    marks = Marks.of(name, address, known(request, name))
    if pause := count(marks):
        raise Wait(pause)
    credential = Credential.objects.select_related("account").filter(account__sign_in_name=name).first()
    is_right, is_old = checked(password, credential.password if credential else nobodys())
    if credential is None or not is_right or not credential.account.is_active or len(password) > LONGEST_PASSWORD:
        raise NotTogether
    forget(marks)
    if is_old:  # ends the account's sessions too (a trigger): before a new one begins
        Credential.objects.filter(account=credential.account).update(password=renewed(password))
    return credential.account


def checked(password: str, kept: str) -> tuple[bool, bool]:
    """Whether it is the password, and whether it was kept under older parameters."""
    with _hashes:
        return verify_password(password, kept)


def renewed(password: str) -> str:
    with _hashes:
        return Argon2id().encode(password, Argon2id().salt())


def card_digest(words: str) -> bytes:
    """As slow as a password's."""
    with _hashes:
        return card.digest(words, settings.PLACE.slug)


@cache
def nobodys() -> str:
    """What the password of an account that is not there is compared with, for the same work."""
    return renewed("nobody has this password, and nobody ever will")


@transaction.atomic
def let_in(
    request: HttpRequest, account: Account, *, method: str = "password", is_strong: bool = False, is_own_device: bool = False
) -> Entry:
    """Where every way in ends: this browser's old session ends, a new one begins, and the account hears of a browser new to it.

    is_own_device: what was ticked. It counts for families and students, and not where a second factor is asked of them. Raises FactorMissing.
    """
    end_session(request)  # the token this browser came with may be one that somebody planted
    lasts = is_own_device and account.side != "staff" and not must_be_strong(account)
    device = device_of(request.headers.get("User-Agent", ""))
    entry = begin_session(account, method=method, is_strong=is_strong, device=device, is_own_device=lasts)
    browser, is_new = meet(request, account)
    if is_new:
        tell(account, "new device", key_of(entry.token))
    return replace(entry, browser=browser)
