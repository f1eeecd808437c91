"""The state of a sign-in between two pages: a row for ten minutes or as long as its code waits, found by its own cookie, which works once.

The cookie holds 32 random bytes, and the table holds their SHA-256. A step is no session: it only says which page comes next, for which account. Each
kind has its own cookie, so that beginning one doesn't lose another.
"""

import json
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any, Literal, get_args

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from homeroom.portal.access.asking import server_bound
from homeroom.portal.door.models import Account, Step
from homeroom.portal.door.reading import step_by

# second factor: the password was right. passkey: a challenge for anyone. enrol: must have a factor and doesn't.
# code: a printed code was right. again: a session proves again who it is. factor: a factor is being added.
# support code, support sign-in: the operator's support registers or signs in.
type Kind = Literal["second factor", "passkey", "enrol", "code", "again", "factor", "support code", "support sign-in"]
KINDS: tuple[Kind, ...] = get_args(Kind.__value__)
LASTS = timedelta(minutes=10)


def begin_step(answer: HttpResponse, kind: Kind, account: Account | None, state: dict[str, Any], *, lasts: timedelta = LASTS) -> None:
    """Gives the step to the browser that gets this response. The state is kept as it is, so a secret in it must be sealed."""
    token = secrets.token_urlsafe(32)
    values = (key_of(token), kind, account and account.uuid, json.dumps(state), lasts)
    server_bound("SELECT begin_step(%s, %s, %s, %s, %s)", values)
    answer.set_cookie(
        cookie_of(kind), token, max_age=lasts, path="/", secure=settings.PLACE.is_secure, httponly=True, samesite="Strict"
    )


def step_of(request: HttpRequest, kind: Kind) -> Step | None:
    """Returns the browser's step of this kind. None if its account has been closed."""
    token = request.COOKIES.get(cookie_of(kind))
    return step_by(key_of(token), kind) if token else None


def end_step(answer: HttpResponse, step: Step) -> bool:
    """Returns whether the step was still there. If two calls end one step together, only one gets true. End a step before doing what it allows."""
    answer.delete_cookie(cookie_of(step.kind), path="/", samesite="Strict")
    return bool(server_bound("SELECT end_step(%s)", (step.key,)))


def cookie_of(kind: str) -> str:
    return f"{settings.SESSION_COOKIE}-{kind.replace(' ', '-')}"


def key_of(token: str) -> bytes:
    return sha256(token.encode()).digest()
