"""The account's own page: how it signs in, its sessions, and the same person's account on the other side."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from homeroom.portal.access.guard import unguarded
from homeroom.portal.access.models import Session
from homeroom.portal.door.account_sessions import end_all_but, end_by_handle, other_account, sessions_of
from homeroom.portal.door.news import new_sign_ins
from homeroom.portal.door.sessions import signed_in

ACCOUNT = "/account"


@unguarded("asks the door's own sessions who it is; the door cannot read anything about a student")
@require_GET
@signed_in()
def account(request: HttpRequest, session: Session) -> HttpResponse:
    sides = {"family": _("Family"), "staff": _("Staff"), "student": _("Student")}
    other = other_account(session)
    sign_ins = new_sign_ins(session) if session.has_news else None
    words = {"session": session, "sign_ins": sign_ins, "side": sides[session.side], "places": sessions_of(session), "other": sides[other.side] if other else ""}
    return render(request, "door/account.html", words | {"then": request.GET.get("then", "")})


@unguarded("ends a session of the account that asks; of another one it finds none")
@require_POST
@signed_in(ACCOUNT)
def end_one(request: HttpRequest, session: Session) -> HttpResponse:
    is_ended = end_by_handle(request, session, request.POST.get("session", ""))
    return HttpResponseRedirect(f"{ACCOUNT}?then={'ended' if is_ended else 'gone'}")


@unguarded("ends the other sessions of the account that asks; nobody else's")
@require_POST
@signed_in(ACCOUNT)
def end_others(request: HttpRequest, session: Session) -> HttpResponse:
    end_all_but(request, session)
    return HttpResponseRedirect(f"{ACCOUNT}?then=ended")


@unguarded("the sign-in page, with the other name of the person who is signed in; it asks for that account's own proof")
@require_GET
@signed_in(ACCOUNT)
def other_side(request: HttpRequest, session: Session) -> HttpResponse:
    other = other_account(session)
    if other is None:
        return HttpResponseRedirect(ACCOUNT)
    return render(request, "door/sign_in.html", {"sign_in_name": other.sign_in_name, "is_other_side": True})
