"""The page that changes a password."""

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.guard import unguarded
from homeroom.portal.access.models import Session
from homeroom.portal.door.changing import change_password, shortest_for
from homeroom.portal.door.keeping import SessionOver
from homeroom.portal.door.passwords import PasswordRefused
from homeroom.portal.door.sessions import give_cookie, sign_in_first, signed_in
from homeroom.portal.door.signing_in import NotTogether, Wait
from homeroom.portal.door.views import address_of, wait_first

PAGE = "/account/password"


@unguarded("asks the door's own sessions who it is, and for the present password; changes that account's alone")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def password(request: HttpRequest, session: Session) -> HttpResponse:
    if request.method != "POST":
        return asked(request, session)
    try:
        entry = change_password(request, session, address_of(request))
    except NotTogether:
        return asked(request, session, _("This isn’t your current password. Nothing has changed. Check it and try again."), 403)
    except PasswordRefused as why:
        return asked(request, session, str(why), 422)
    except Wait as wait:
        return wait_first(wait, partial(asked, request, session))
    except SessionOver:
        return sign_in_first(PAGE)
    answer = HttpResponseRedirect("/account?then=password")
    give_cookie(answer, entry)
    return answer


def asked(request: HttpRequest, session: Session, error: str = "", status: int = 200) -> HttpResponse:
    words = {"session": session, "shortest": shortest_for(session.account), "error": error}
    return render(request, "door/password.html", words, status=status)
