"""Sessions as the door makes and ends them. The cookie holds a random token; the table SHA-256 of its SHA-256."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import urlencode

from homeroom.portal.access.models import Session
from homeroom.portal.door.browsers import give_name
from homeroom.portal.door.factors import FactorMissing, must_be_strong
from homeroom.portal.door.models import Account


def key_of(token: str) -> bytes:
    return sha256(sha256(token.encode()).digest()).digest()


@dataclass(frozen=True, slots=True)
class Entry:
    """What the browser is given. lasts: for how long it keeps the token; None: until it closes. browser: its own name, if it is given one."""

    token: str
    lasts: timedelta | None = None
    browser: str = ""


def new_token() -> str:
    return secrets.token_urlsafe(32)


def begin_session(
    account: Account, *, method: str = "password", is_strong: bool = False, device: str = "", is_own_device: bool = False
) -> Entry:
    """The new session's token, 32 random bytes: the only place it is ever written is the cookie.

    method: password, passkey, card or code. is_strong: a passkey or a second factor stood behind it. is_own_device: 30 days, for
    families and students who said that nobody else uses it. Every way in ends here, a reset, a card and an invitation too: none of
    them is weaker than the account's rule. Raises FactorMissing.
    """
    if not is_strong and must_be_strong(account):
        raise FactorMissing
    token, now = new_token(), timezone.now()
    idle = longest = settings.OWN_DEVICE if is_own_device else None
    Session.objects.create(
        key=key_of(token),
        account=account,
        person_id=account.person_id,
        side=account.side,
        created_at=now,
        last_seen_at=now,
        idle_limit=idle or settings.IDLE[account.side],
        expires_at=now + (longest or settings.LONGEST[account.side]),
        method=method,
        is_strong=is_strong,
        device=device,
        is_own_device=is_own_device,
        **before(account),
    )
    return Entry(token, longest)


def before(account: Account) -> dict[str, Any]:
    """When the account was last here, and whether it has not read its news."""
    news = "EXISTS (SELECT FROM account_notice n WHERE n.account_id = %s AND n.shown_at IS NULL)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT (SELECT max(s.last_seen_at) FROM session s WHERE s.account_id = %s), {news}", [account.id, account.id])
        last, has_news = cursor.fetchone() or (None, False)
    return {"previous_visit_at": last, "has_news": has_news}


def end_session(request: HttpRequest) -> None:
    """The session of this browser, if it has one."""
    if token := request.COOKIES.get(settings.SESSION_COOKIE):
        Session.objects.filter(key=key_of(token), ended_at=None).update(ended_at=timezone.now())


def session_of(request: HttpRequest) -> Session | None:
    """By the same rule as asking() in access/asking.sql."""
    token = request.COOKIES.get(settings.SESSION_COOKIE)
    if not token:
        return None
    found = running().filter(key=key_of(token)).select_related("account").first()
    return None if found and found.side == "staff" and not found.is_strong and must_be_strong(found.account) else found


def sign_in_first(onward: str) -> HttpResponse:
    """The answer to somebody whom session_of() does not know, and who goes on there afterwards: a page that answers GET."""
    return HttpResponseRedirect("/sign-in?" + urlencode({"next": onward}))


def kept(session: Session, token: str) -> Entry:
    """The same session by another token, in a cookie that lasts as long as the one before."""
    return Entry(token, session.expires_at - timezone.now() if session.is_own_device else None)


def running() -> QuerySet[Session]:
    now = timezone.now()
    return Session.objects.filter(ended_at=None, expires_at__gt=now, last_seen_at__gt=now - F("idle_limit"))


def give_cookie(answer: HttpResponse, entry: Entry) -> None:
    """Until the browser closes, or for the days of one's own device; the database ends it earlier."""
    answer.set_cookie(
        settings.SESSION_COOKIE, entry.token, max_age=entry.lasts, path="/", secure=settings.PLACE.is_secure, httponly=True, samesite="Lax"
    )
    if entry.browser:
        give_name(answer, entry.browser)
