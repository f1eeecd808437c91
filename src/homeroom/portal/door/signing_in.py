"""Signing in. A wrong username and a wrong password get the same answer, after the same statements and the same hash."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.hashers import verify_password
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from homeroom.portal.addresses import keyed
from homeroom.portal.door.browsers import LASTS, named, names_of
from homeroom.portal.door.devices import device_of
from homeroom.portal.door.failures import note
from homeroom.portal.door.hash_places import Busy, hashed
from homeroom.portal.door.hashing import Argon2id, composed, folded
from homeroom.portal.door.keeping import keep_password
from homeroom.portal.door.models import Account
from homeroom.portal.door.sessions import Entry, begin_session, key_of
from homeroom.portal.door.tries import SIGN_IN, Marks, password_marks, take_back
from homeroom.portal.door.waiting import line
from homeroom.portal.letters import card

LONGEST_NAME, LONGEST_PASSWORD = 254, 1024


class NotTogether(Exception):
    """No such account, a closed one, another password, or one that waits for a restoration to be confirmed. No one learns which."""


@dataclass(frozen=True)
class Wait(Exception):
    """Too many tries. The password was not checked."""

    pause: timedelta


class UsedUp(Wait):
    """The account had too many wrong passwords in a row. Waiting doesn't help: it needs a new password."""

    def __init__(self) -> None:
        super().__init__(timedelta(0))


def right_account(request: HttpRequest, name: str, password: str, address: str) -> "Tried":
    """Returns the account with this username and password. The person is not signed in yet, and the try still counts. Raises NotTogether, Wait and
    Busy."""
    name, password = folded(name[:LONGEST_NAME]), composed(password[: LONGEST_PASSWORD + 1])
    tried = try_password(request, name, address)
    is_right, is_old = checked(password, tried)
    if not tried.kept or not is_right or not tried.account.is_active or not tried.may_enter or len(password) > LONGEST_PASSWORD:
        note(request, "sign in", account=tried.account.uuid, what="password")
        raise NotTogether
    if is_old:  # this also ends the account's sessions (a trigger), so it comes before a new one begins
        keep_password(tried.account, renewed(password), is_long=None)
    return tried


@dataclass(frozen=True, slots=True)
class Tried:
    """`marks` are what the try was counted under. `account` and `kept` are empty if no one has that username. `may_enter`: see unconfirmed.py."""

    marks: Marks
    account: Account
    kept: str | None
    may_enter: bool


def try_password(request: HttpRequest, name: str, address: str) -> Tried:
    """Counts the try in one statement, the same for everyone (acts_tries.sql). Raises Wait."""
    together = password_marks(name, address)
    if settings.BROWSER_COOKIE not in request.COOKIES and (pause := line.pause(together)):
        raise Wait(pause)
    browser, waited = named(request, name), line.waited(together)
    apart = Marks.of(SIGN_IN, name, address, browser)
    values: list[Any] = [name, browser, timezone.now() - LASTS, apart.name, together.name, waited, together.address, together.most, together.wrong]
    values += [keyed(request.headers), device_of(request.headers.get("User-Agent", ""))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM try_password(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", values)
        pause, is_full, is_used_up, is_known, number, uuid, side, is_active, kept, may_enter = cast(tuple[Any, ...], cursor.fetchone())
    if is_full:
        line.found_full(together, pause)
    if pause:
        raise Wait(pause)
    line.leave(together)
    if is_used_up:
        raise UsedUp
    account = Account(id=number, uuid=uuid, side=side, sign_in_name=name, is_active=is_active)
    return Tried(replace(apart, wrong=together.wrong) if is_known else together, account, kept, may_enter)


def checked(password: str, tried: Tried) -> tuple[bool, bool]:
    """Returns whether it is the password, and whether it was hashed with older parameters. Raises Busy, and then the account's count is as before."""
    kept = tried.kept or nobodys()
    try:
        return hashed(lambda: verify_password(password, kept))
    except Busy:
        take_back(tried.marks)
        raise


def renewed(password: str) -> str:
    return hashed(lambda: Argon2id().encode(password, Argon2id().salt()))


def card_digest(words: str) -> bytes:
    """Returns the card's digest. It is as slow as a password's."""
    return hashed(lambda: card.digest(words, settings.PLACE.slug))


@cache
def nobodys() -> str:
    """Returns a hash to compare with if the account doesn't exist, so that the work is the same."""
    return renewed("nobody has this password, and nobody ever will")


def let_in(
    request: HttpRequest,
    account: Account,
    *,
    method: str = "password",
    is_strong: bool = False,
    is_own_device: bool = False,
    marks: Marks | None = None,
) -> Entry:
    """Lets the account in, as the last step of every way to sign in. This browser's old session ends, a new one begins, and the account is notified
    of a new browser.

    `method` is password, passkey, card or code. `is_strong`: by a passkey or a second factor. `is_own_device` is the checkbox. `marks` are of the
    tries that are forgotten with it. Raises as begin_session() does."""
    asked = {
        "method": method,
        "is_strong": is_strong,
        "is_own_device": is_own_device,
        "device": device_of(request.headers.get("User-Agent", "")),
        "old_key": key_of(request.COOKIES.get(settings.SESSION_COOKIE, "")),  # someone may have planted it
        "of_name": marks and marks.name,
        "of_address": marks and marks.address,
        "of_wrong": marks and marks.wrong,
        "from_address": keyed(request.headers),
    }
    entry = begin_session(account, names_of(request, account), asked)
    if marks:
        line.made_room(marks)
    return entry
