"""The page that changes a username. Only an account with a verified email can, because the page tells which usernames are taken."""

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.fresh import is_fresh, prove_first
from homeroom.portal.access.guard import unguarded
from homeroom.portal.access.models import Session
from homeroom.portal.door.accounts import AccountRefused
from homeroom.portal.door.recovering import address_of_account
from homeroom.portal.door.sessions import signed_in
from homeroom.portal.door.signing_in import Wait
from homeroom.portal.door.usernames import rename
from homeroom.portal.door.views import address_of, wait_first


@unguarded("asks the door's own sessions who it is, and for a fresh proof; changes that account's username alone")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def username(request: HttpRequest, session: Session) -> HttpResponse:
    if request.method != "POST":
        return _asked(request, session)
    if not is_fresh(session.proven_at):
        return prove_first(request)
    try:
        became = rename(session, request.POST.get("sign_in_name", ""), address_of(request))
    except AccountRefused:
        return _asked(request, session, _("Type a username with 3 to 254 characters and no spaces."), 422)
    except Wait as wait:
        return wait_first(wait, partial(_asked, request, session))
    if became == Answer.TAKEN:
        return _asked(request, session, _("This username is taken. Choose another."), 409)
    return HttpResponseRedirect("/account?then=username" if became else "/account/username")


def _asked(request: HttpRequest, session: Session, error: str = "", status: int = 200) -> HttpResponse:
    proven, _waiting = address_of_account(session)
    shown = {"session": session, "proven": proven, "typed": request.POST.get("sign_in_name", ""), "error": error}
    return render(request, "door/username.html", shown, status=status)
