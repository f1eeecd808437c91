"""Sessions as the door makes and ends them. The cookie holds a random token, and the table holds SHA-256 of its SHA-256."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any, cast

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import urlencode

from homeroom.portal.access.answers import not_by_card
from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.addresses import keyed
from homeroom.portal.door.browsers import MOST, Names, give_name
from homeroom.portal.door.factors import FactorAsked, FactorMissing
from homeroom.portal.door.models import Account
from homeroom.portal.door.reading import session_by
from homeroom.portal.door.unconfirmed import Unconfirmed

OWNERS_METHODS = ("password", "passkey", "code")
REFUSED: dict[str, type[Exception]] = {"unconfirmed": Unconfirmed, "closed": Http404, "factor asked": FactorAsked, "factor missing": FactorMissing}


def key_of(token: str) -> bytes:
    return sha256(sha256(token.encode()).digest()).digest()


@dataclass(frozen=True, slots=True)
class Entry:
    """The values for the browser. `lasts` is how long it keeps the token. None means until it closes. `browser` is its own name, if it gets one.
    `offers` means that a second factor is offered now."""

    token: str
    lasts: timedelta | None = None
    browser: str = ""
    offers: bool = False


def new_token() -> str:
    return secrets.token_urlsafe(32)


BEGIN = """SELECT ended, is_own, offers FROM begin_session(%(account)s, %(new_key)s, %(old_key)s, %(method)s, %(is_strong)s, %(device)s, %(is_own_device)s,
    %(idle)s, %(longest)s, %(own)s, %(own_browser)s, %(new_browser)s, %(most)s,
    %(of_name)s, %(of_address)s, %(of_wrong)s, %(from_address)s)"""


def begin_session(account: Account, names: Names, asked: Mapping[str, Any]) -> Entry:
    """Returns the new session's token, 32 random bytes. It is written only into the cookie.

    `asked` is what let_in() says about it. The rules are in acts.sql. Raises FactorAsked, FactorMissing and Unconfirmed, and Http404 if the account
    has been closed.
    """
    token = new_token()
    values = {
        "account": account.uuid,
        "new_key": key_of(token),
        "idle": settings.IDLE[account.side],
        "longest": settings.LONGEST[account.side],
        "own": settings.OWN_DEVICE,
        "own_browser": names.own_key,
        "new_browser": names.new_key,
        "most": MOST,
        **asked,
    }
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, values)
        ended, is_own, offers = cast(tuple[str, bool, bool], cursor.fetchone())
    if refused := REFUSED.get(ended):
        raise refused
    return Entry(token, settings.OWN_DEVICE if is_own else None, names.sent if ended == "known" else names.fresh, offers)


def end_session(request: HttpRequest) -> None:
    """Ends the session of this browser, if it has one."""
    if token := request.COOKIES.get(settings.SESSION_COOKIE):
        server_bound("SELECT end_session(%s, %s)", (key_of(token), keyed(request.headers)))


def session_of(request: HttpRequest) -> Session | None:
    """Returns the session, by the same rule as asking() in access/asking."""
    token = request.COOKIES.get(settings.SESSION_COOKIE)
    return session_by(key_of(token)) if token else None


def is_by_card(session: Session) -> bool:
    """Tells whether the session began with something that isn't only the account's owner's. It is the rule of is_owners_method() in access/asking."""
    return session.method not in OWNERS_METHODS


def sign_in_first(onward: str) -> HttpResponse:
    """Answers a person whom session_of() does not know. They go on to a page that answers GET."""
    return HttpResponseRedirect("/sign-in?" + urlencode({"next": onward}))


def signed_in(then: str = "", *, by_card: bool = False) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Gives the view function the session that asks. Without one, the person signs in and goes on to `then`, or back to the page itself. `by_card`: a
    sign-in card is enough for the page."""

    def mark(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def asked(request: HttpRequest, **names: object) -> HttpResponse:
            session = session_of(request)
            if session is None:
                return sign_in_first(then or request.path)
            return view(request, session, **names) if by_card or not is_by_card(session) else not_by_card(request)

        return asked

    return mark


def kept(session: Session, token: str) -> Entry:
    """Returns the same session with another token, in a cookie that lasts as long as the one before."""
    return Entry(token, session.expires_at - timezone.now() if session.is_own_device else None)


def give_cookie(answer: HttpResponse, entry: Entry) -> None:
    """Sets the cookie until the browser closes, or for the days of a person's own device. The database ends the session earlier."""
    answer.set_cookie(
        settings.SESSION_COOKIE, entry.token, max_age=entry.lasts, path="/", secure=settings.PLACE.is_secure, httponly=True, samesite="Lax"
    )
    if entry.browser:
        give_name(answer, entry.browser)
