"""Proving again who the person is, in a running session: the ways to do it, and the form that waits for it in the browser."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse, QueryDict

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.door.factors import factors_of
from homeroom.portal.door.hashing import composed
from homeroom.portal.door.keeping import SessionOver, keep
from homeroom.portal.door.models import Account
from homeroom.portal.door.passkeys import PasskeyRefused, used_passkey
from homeroom.portal.door.sessions import Entry
from homeroom.portal.door.signing_in import LONGEST_PASSWORD, NotTogether, checked, try_password
from homeroom.portal.door.steps import end_step, step_of
from homeroom.portal.door.tries import forget

SEALED = "form that waits for a proof"
FORM_WAITS = timedelta(minutes=30)  # enough to find a password or a passkey


@dataclass(frozen=True, slots=True)
class Way:
    """One way to prove it. `proves` raises NotTogether and Wait. `template` has the fields it reads, within the page's form."""

    name: str
    template: str
    is_open: Callable[[Account], bool]
    proves: Callable[[HttpRequest, Account, str], None]


class FormOver(Exception):
    """The form waited too long, or belongs to another session."""


def has_password(account: Account) -> bool:
    return bool(server_bound("SELECT has_password(%s)", (account.uuid,)))


def by_password(request: HttpRequest, account: Account, address: str) -> None:
    """Counts with the tries to sign in, so that an open session doesn't let anyone guess without limit."""
    tried = try_password(request, account.sign_in_name, address)
    password = composed(request.POST.get("password", "")[: LONGEST_PASSWORD + 1])
    is_right, _is_old = checked(password, tried)
    if not tried.kept or not is_right or len(password) > LONGEST_PASSWORD:
        raise NotTogether
    forget(tried.marks)


def has_passkey(account: Account) -> bool:
    return any(factor.kind == "passkey" for factor in factors_of(account))


def by_passkey(request: HttpRequest, account: Account, _address: str) -> None:
    """Accepts a challenge once. Nothing is counted, because nothing can be guessed."""
    step = step_of(request, "again")
    if step is None or step.account != account or not end_step(HttpResponse(), step):
        raise NotTogether
    try:
        used_passkey(request, step.state, request.POST.get("credential", ""), account)
    except PasskeyRefused as refused:
        raise NotTogether from refused


WAYS = (
    Way("passkey", "door/again_passkey.html", has_passkey, by_passkey),
    Way("password", "door/again_password.html", has_password, by_password),
)


def ways_of(account: Account) -> list[Way]:
    return [way for way in WAYS if way.is_open(account)]


def renew(request: HttpRequest, session: Session) -> Entry | None:
    """Gives the session a new token. It counts as proven now, and a copy of the old cookie stops working. None: the session has ended."""
    try:
        return keep(request, session, is_strong=session.is_strong)
    except SessionOver:
        return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A form that waits in the browser. The seal binds it to the session, the page and the time when it arrived. No table has the form."""

    form: str
    seal: str


def waiting(session: Session, onward: str, form: str) -> Waiting:
    return Waiting(form, TimestampSigner(salt=SEALED).sign(_mark(session, onward, form)))


def still_waiting(request: HttpRequest, session: Session, onward: str) -> Waiting | None:
    """Returns the form that came back with the proof. None if it came without one. Raises FormOver."""
    form, seal = request.POST.get("form"), request.POST.get("seal", "")
    if form is None:
        return None
    try:
        mark = TimestampSigner(salt=SEALED).unsign(seal, max_age=FORM_WAITS)
    except BadSignature as bad:
        raise FormOver from bad
    if mark != _mark(session, onward, form):
        raise FormOver
    return Waiting(form, seal)


def _mark(session: Session, onward: str, form: str) -> str:
    """The session's token changes with each proof, also in another tab. Its account and its end don't."""
    whose = [str(session.account.uuid), session.expires_at.isoformat(), onward, form]
    return sha256(json.dumps(whose).encode()).hexdigest()


def fields_of(form: str) -> list[tuple[str, str]]:
    """Returns the fields of a form that kept_form() wrote."""
    kept = QueryDict(form, encoding="utf-8")
    return [(name, value) for name, values in kept.lists() for value in values]
