"""Proving again who the person is, in a running session: the ways to do it, and the form that waits for it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.fresh import LONGEST_FORM
from homeroom.portal.access.models import Session
from homeroom.portal.door.factors import factors_of
from homeroom.portal.door.hashing import composed
from homeroom.portal.door.keeping import SessionOver, keep
from homeroom.portal.door.models import Account
from homeroom.portal.door.passkeys import PasskeyRefused, used_passkey
from homeroom.portal.door.sessions import Entry
from homeroom.portal.door.signing_in import LONGEST_PASSWORD, NotTogether, Wait, checked, nobodys, try_password
from homeroom.portal.door.steps import end_step, step_of
from homeroom.portal.door.tries import forget


@dataclass(frozen=True, slots=True)
class Way:
    """One way to prove it. `proves` raises NotTogether and Wait. `template` has the fields it reads, within the page's form."""

    name: str
    template: str
    is_open: Callable[[Account], bool]
    proves: Callable[[HttpRequest, Account, str], None]


def has_password(account: Account) -> bool:
    return bool(server_bound("SELECT has_password(%s)", (account.uuid,)))


def by_password(request: HttpRequest, account: Account, address: str) -> None:
    """Counts with the tries to sign in, so that an open session doesn't let anyone guess without limit."""
    tried = try_password(request, account.sign_in_name, address)
    if tried.pause:
        raise Wait(tried.pause)
    password = composed(request.POST.get("password", "")[: LONGEST_PASSWORD + 1])
    is_right, _is_old = checked(password, tried.kept or nobodys())
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


def renew(session: Session) -> Entry | None:
    """Gives the session a new token. It counts as proven now, and a copy of the old cookie stops working. None: the session has ended."""
    try:
        return keep(session, is_strong=session.is_strong)
    except SessionOver:
        return None


def fields_of(form: str) -> list[tuple[str, str]] | None:
    """Returns the fields of a form that prove_first() kept. None if it isn't one."""
    if len(form) > LONGEST_FORM:
        return None
    try:
        kept = QueryDict(form, encoding="utf-8")
    except ValueError:  # more fields than any form here has
        return None
    return [(name, value) for name, values in kept.lists() for value in values if name != "csrfmiddlewaretoken"]
