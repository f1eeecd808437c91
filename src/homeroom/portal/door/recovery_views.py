"""Help for people who can't sign in, and the page of the account's email, where that help arrives."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.fresh import is_fresh, prove_first
from homeroom.portal.access.guard import unguarded
from homeroom.portal.access.models import Session
from homeroom.portal.door.recovering import (
    NoAddress,
    OfStudents,
    TooOften,
    address_of_account,
    ask_for_reset,
    is_proven,
    name_address,
    remove_address,
)
from homeroom.portal.door.sessions import signed_in
from homeroom.portal.door.signing_in import Wait
from homeroom.portal.door.views import address_of, wait_first

HELP, EMAIL = "door/help.html", "door/email.html"


@unguarded("where somebody who cannot sign in asks for a mail; it says the same to everybody")
@require_http_methods(["GET", "HEAD", "POST"])
def help_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, HELP)
    try:
        ask_for_reset(request.POST.get("sign_in_name", ""), address_of(request))
    except Wait as wait:
        return wait_first(wait, lambda error, status: render(request, HELP, {"error": error}, status=status))
    return render(request, HELP, {"is_asked": True})


@unguarded("asks the door's own sessions who it is, and for a fresh proof; changes that account's address alone")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def email_page(request: HttpRequest, session: Session) -> HttpResponse:
    if request.method != "POST":
        return _email(request, session, request.GET.get("then", ""))
    if not is_fresh(session.proven_at):
        return prove_first(request)
    do = request.POST.get("do", "")
    if do == "remove":
        remove_address(session)
    elif do == "prove" and not is_proven(session, request.POST.get("code", "")):
        return _email(request, session, "", _("This code doesn’t work. Check each character, or ask for another email."), 403)
    elif do == "name":
        try:
            name_address(session.account, request.POST.get("address", ""), session.key)
        except NoAddress:
            return _email(request, session, "", _("This isn’t an email address. Use a form like name@example.org."), 422)
        except OfStudents:
            return _email(request, session, "", _("This address is in the students’ domain. Use your own address."), 422)
        except TooOften:
            return _email(request, session, "", _("You can enter five addresses an hour. Try again later."), 429)
    return HttpResponseRedirect(f"/account/email?then={do if do in ('name', 'prove', 'remove') else ''}")


def _email(request: HttpRequest, session: Session, then: str, error: str = "", status: int = 200) -> HttpResponse:
    proven, waiting = address_of_account(session)
    return render(request, EMAIL, {"session": session, "proven": proven, "waiting": waiting, "then": then, "error": error}, status=status)
