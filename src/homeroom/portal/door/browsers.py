"""Browsers that an account has signed in from. A cookie names the browser; the table has a hash of it, another one for each account.

So a browser that is new to an account is noticed, and strangers' tries do not count against the browsers of its owner.
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

COOKIE = f"{settings.SESSION_COOKIE}-browser"
LASTS = timedelta(days=400)  # the longest that browsers keep a cookie
MOST = 20  # of one account; more would each bring tries of their own


def named(request: HttpRequest, sign_in_name: str) -> bytes:
    """What the table calls this browser for this account. By the sign-in name, so that the same is asked for a name that nobody has;
    two accounts that share a browser have two keys, and the table does not say that it is one."""
    return key_of(sign_in_name, request.COOKIES.get(COOKIE, ""))


def key_of(sign_in_name: str, token: str) -> bytes:
    return sha256(f"{sign_in_name}\n{token}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Names:
    """sent: the token this browser came with, and own_key what the table calls it by that; fresh: the one it gets if it is not known."""

    sent: str
    own_key: bytes | None
    fresh: str
    new_key: bytes


def names_of(request: HttpRequest, account: Account) -> Names:
    sent = request.COOKIES.get(COOKIE, "")
    fresh = sent if len(sent) == LENGTH else secrets.token_urlsafe(32)
    return Names(sent, named(request, account.sign_in_name) if sent else None, fresh, key_of(account.sign_in_name, fresh))


def known(request: HttpRequest, sign_in_name: str) -> bytes:
    """Its key, where this account has signed in from it; else nothing."""
    key = named(request, sign_in_name)
    return key if server_bound("SELECT is_known_browser(%s, %s)", (key, timezone.now() - LASTS)) else b""


LENGTH = len(secrets.token_urlsafe(32))


def give_name(answer: HttpResponse, token: str) -> None:
    """To the sign-in pages alone: no other page, and no other process, is sent it."""
    answer.set_cookie(COOKIE, token, max_age=LASTS, path="/sign-in", secure=settings.PLACE.is_secure, httponly=True, samesite="Strict")
