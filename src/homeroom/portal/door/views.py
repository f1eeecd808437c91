"""The door's pages: sign in and sign out."""

from collections.abc import Callable
from datetime import timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.guard import unguarded
from homeroom.portal.door.factors import FactorAsked, FactorMissing
from homeroom.portal.door.models import Account
from homeroom.portal.door.sessions import end_session, give_cookie, session_of
from homeroom.portal.door.signing_in import NotTogether, UsedUp, Wait, let_in, right_account
from homeroom.portal.door.steps import Kind, begin_step
from homeroom.portal.door.tries import Marks
from homeroom.portal.door.unconfirmed import told_while_unconfirmed, unconfirmed_since


@unguarded("the page where nobody is signed in yet")
@require_http_methods(["GET", "HEAD", "POST"])
@told_while_unconfirmed
def sign_in_page(request: HttpRequest) -> HttpResponse:
    onward = safe(request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        return render(request, "door/sign_in.html", {"next": onward, "is_first": True})
    name = request.POST.get("sign_in_name", "")
    again: dict[str, Any] = {"sign_in_name": name, "next": onward}
    try:
        tried = right_account(request, name, request.POST.get("password", ""), address_of(request))
    except NotTogether:
        if unconfirmed_since():  # the page says so itself, and it reads the same for everyone, also for people who may sign in and mistyped
            return render(request, "door/sign_in.html", again, status=403)
        error = _("The username and password don’t match. Check both and try again.")
        return render(request, "door/sign_in.html", {"error": error, **again}, status=403)
    except Wait as wait:
        again["waits"] = True  # a flood gets this page, and the frame's notice would cost it a statement
        return wait_first(wait, lambda error, status: render(request, "door/sign_in.html", {"error": error, **again}, status=status))
    return after_password(request, tried.account, onward, marks=tried.marks)


def after_password(request: HttpRequest, whose: Account, onward: str, *, by_code: bool = False, marks: Marks | None = None) -> HttpResponse:
    """Goes to the second step if the account has one. An account that must have one and doesn't adds it now, if a printed code led here."""
    is_own_device = "own_device" in request.POST
    method = "code" if by_code else "password"
    state = {"next": onward, "is_own_device": is_own_device, "method": method}
    try:
        entry = let_in(request, whose, method=method, is_own_device=is_own_device, marks=marks)
    except FactorAsked:
        return at_step("/sign-in/second", "second factor", whose, state)
    except FactorMissing:
        return at_step("/sign-in/enrol", "enrol", whose, state) if by_code else code_needed(request, whose, onward)
    offer = "/account/factors/add?" + urlencode({"next": onward or "/"})
    answer = HttpResponseRedirect(offer if entry.offers and not by_code else onward or "/")
    give_cookie(answer, entry)
    return answer


def at_step(page: str, kind: Kind, whose: Account, state: dict[str, Any]) -> HttpResponse:
    answer = HttpResponseRedirect(page)
    begin_step(answer, kind, whose, state)
    return answer


def code_needed(request: HttpRequest, whose: Account, onward: str) -> HttpResponse:
    """Asks for a printed code. A stolen password must not be enough to choose the second factor. The office sees the person and gives a code first."""
    error = _("This account needs a second step, and none is set up yet. Ask the school office for a printed code, then choose “I have a letter with a code”.")
    return render(request, "door/sign_in.html", {"error": error, "sign_in_name": whose.sign_in_name, "next": onward}, status=403)


def wait_first(wait: Wait, shown: Callable[[str, int], HttpResponse]) -> HttpResponse:
    """Shows the page as `shown(error, status)` has it, and says when to come back, or that a new password is needed."""
    if isinstance(wait, UsedUp):
        return shown(_("This account had too many wrong passwords. Choose “Forgot your password?” or ask the school office for a printed code."), 429)
    answer = shown(_("Too many tries. Wait %(time)s, then try again.") % {"time": said(wait.pause)}, 429)
    answer.headers["Retry-After"] = str(ceil(wait.pause.total_seconds()))
    return answer


def said(pause: timedelta) -> str:
    """Returns for example "20 seconds" or "6 minutes". It is rounded up, so that the time is enough."""
    seconds = ceil(pause.total_seconds())
    if seconds < 60:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = ceil(seconds / 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def safe(onward: str) -> str:
    """Returns a page of this portal to go to after signing in, or "". It is never on another site and never a sign-in page."""
    is_here = url_has_allowed_host_and_scheme(onward, allowed_hosts=None)
    return onward if is_here and onward.startswith("/") and not onward.startswith("/sign-in") else ""


def address_of(request: HttpRequest) -> str:
    """Returns the address that the front gives, which drops what the outside claims. Without a front it is the connection's."""
    return request.headers.get("X-Forwarded-For") or request.META.get("REMOTE_ADDR", "")


@unguarded("ends the session that the request itself carries; nobody else's")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Each menu leads here. Only the form on this page signs out, because a link can be opened by another site or ahead of time."""
    if request.method != "POST":
        session = session_of(request)
        return render(request, "door/sign_out.html", {"session": session}) if session else HttpResponseRedirect("/sign-in")
    end_session(request)
    answer = render(request, "door/signed_out.html")
    answer.delete_cookie(settings.SESSION_COOKIE, path="/", samesite="Lax")
    # Not "cookies": that would also sign out of the district's other sites under the same domain, and delete the language and the browser's
    # name (decision 0020).
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
