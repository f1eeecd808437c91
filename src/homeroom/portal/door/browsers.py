"""Browsers from which an account has signed in. A cookie names the browser. The table has a hash of it, a different one for each account.

So a browser that is new to an account is noticed, and tries of strangers don't count against the owner's browsers.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from homeroom.portal.access.asking import server_bound
from homeroom.portal.door.models import Account

LASTS = timedelta(days=400)  # the longest that browsers keep a cookie
MOST = 20  # per account, because each browser has its own tries


def named(request: HttpRequest, sign_in_name: str) -> bytes:
    """Returns the table's key for this browser and this account. It depends on the username, so that the query is the same for a username that no one
    has.
    Two accounts that share a browser have two keys, and the table doesn't reveal that the browser is the same."""
    return key_of(sign_in_name, request.COOKIES.get(settings.BROWSER_COOKIE, ""))


def key_of(sign_in_name: str, token: str) -> bytes:
    return sha256(f"{sign_in_name}\n{token}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Names:
    """`sent` is the token that this browser came with, and `own_key` is its key in the table. `fresh` is the token that it gets if it isn't known."""

    sent: str
    own_key: bytes | None
    fresh: str
    new_key: bytes


def names_of(request: HttpRequest, account: Account) -> Names:
    sent = request.COOKIES.get(settings.BROWSER_COOKIE, "")
    fresh = sent if len(sent) == LENGTH else secrets.token_urlsafe(32)
    return Names(sent, named(request, account.sign_in_name) if sent else None, fresh, key_of(account.sign_in_name, fresh))


def known(request: HttpRequest, sign_in_name: str) -> bytes:
    """Returns its key if this account has signed in from it. Otherwise it is empty."""
    key = named(request, sign_in_name)
    return key if server_bound("SELECT is_known_browser(%s, %s)", (key, timezone.now() - LASTS)) else b""


LENGTH = len(secrets.token_urlsafe(32))


def give_name(answer: HttpResponse, token: str) -> None:
    """Sets the cookie for the sign-in pages only. No other page or process gets it."""
    answer.set_cookie(settings.BROWSER_COOKIE, token, max_age=LASTS, path="/sign-in", secure=settings.PLACE.is_secure, httponly=True, samesite="Strict")
