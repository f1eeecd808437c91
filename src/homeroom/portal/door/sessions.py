"""Sessions as the door makes and ends them. The cookie holds a random token; the table SHA-256 of its SHA-256."""

import secrets
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db.models import F, Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from homeroom.portal.access.models import Session
from homeroom.portal.door.models import Account, Notice


def key_of(token: str) -> bytes:
    return sha256(sha256(token.encode()).digest()).digest()


def new_token() -> str:
    return secrets.token_urlsafe(32)


def begin_session(account: Account, *, method: str = "password", is_strong: bool = False) -> str:
    """The new session's token, 32 random bytes: the only place it is ever written is the cookie.

    method: password, passkey, card or code. is_strong: a passkey or a second factor stood behind it.
    """
    token, now = new_token(), timezone.now()
    Session.objects.create(
        key=key_of(token),
        account=account,
        person_id=account.person_id,
        side=account.side,
        created_at=now,
        last_seen_at=now,
        idle_limit=settings.IDLE[account.side],
        expires_at=now + settings.LONGEST[account.side],
        previous_visit_at=last_visit(account),
        method=method,
        is_strong=is_strong,
        has_news=has_news(account),
    )
    return token


def has_news(account: Account) -> bool:
    return Notice.objects.filter(account=account, shown_at=None).exists()


def last_visit(account: Account) -> datetime | None:
    latest: datetime | None = Session.objects.filter(account=account).aggregate(latest=Max("last_seen_at"))["latest"]
    return latest


def end_session(request: HttpRequest) -> None:
    """The session of this browser, if it has one."""
    if token := request.COOKIES.get(settings.SESSION_COOKIE):
        Session.objects.filter(key=key_of(token), ended_at=None).update(ended_at=timezone.now())


def session_of(request: HttpRequest) -> Session | None:
    """By the same rule as asking() in access/asking.sql."""
    token = request.COOKIES.get(settings.SESSION_COOKIE)
    if not token:
        return None
    now = timezone.now()
    running = Session.objects.filter(ended_at=None, expires_at__gt=now, last_seen_at__gt=now - F("idle_limit"))
    return running.filter(key=key_of(token)).select_related("account").first()


def give_cookie(answer: HttpResponse, token: str) -> None:
    """Until the browser closes; the database ends it earlier."""
    answer.set_cookie(
        settings.SESSION_COOKIE, token, path="/", secure=settings.PLACE.is_secure, httponly=True, samesite="Lax"
    )
