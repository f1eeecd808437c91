"""Browsers that an account has signed in from. A cookie names the browser; the table has a hash of it, another one for each account.

So a browser that is new to an account is noticed, and strangers' tries do not count against the browsers of its owner.
"""

import secrets
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from homeroom.portal.door.models import Account, KnownBrowser

COOKIE = f"{settings.SESSION_COOKIE}-browser"
LASTS = timedelta(days=400)  # the longest that browsers keep a cookie
MOST = 20  # of one account; more would each bring tries of their own


def named(request: HttpRequest, sign_in_name: str) -> bytes:
    """What the table calls this browser for this account. By the sign-in name, so that the same is asked for a name that nobody has;
    two accounts that share a browser have two keys, and the table does not say that it is one."""
    return key_of(sign_in_name, request.COOKIES.get(COOKIE, ""))


def key_of(sign_in_name: str, token: str) -> bytes:
    return sha256(f"{sign_in_name}\n{token}".encode()).digest()


def known(request: HttpRequest, sign_in_name: str) -> bytes:
    """Its key, where this account has signed in from it; else nothing."""
    key = named(request, sign_in_name)
    return key if KnownBrowser.objects.filter(key=key, last_at__gt=timezone.now() - LASTS).exists() else b""


def meet(request: HttpRequest, account: Account) -> tuple[str, bool]:
    """The token for this browser's cookie, and whether it is new to the account. Not for the first browser of all: nobody is warned
    of himself."""
    token = request.COOKIES.get(COOKIE, "")
    own_key = named(request, account.sign_in_name) if token else None
    token = token if len(token) == LENGTH else secrets.token_urlsafe(32)
    new_key = key_of(account.sign_in_name, token)
    with connection.cursor() as cursor:
        cursor.execute("SELECT browser_met(%s, %s, %s, %s)", [account.id, own_key, new_key, MOST])
        (met,) = cursor.fetchone() or ("new",)
    return request.COOKIES.get(COOKIE, "") if met == "known" else token, met == "new"


LENGTH = len(secrets.token_urlsafe(32))


def give_name(answer: HttpResponse, token: str) -> None:
    """To the sign-in pages alone: no other page, and no other process, is sent it."""
    answer.set_cookie(COOKIE, token, max_age=LASTS, path="/sign-in", secure=settings.PLACE.is_secure, httponly=True, samesite="Strict")
