"""The page that asks the person to prove again who they are, and the page that then sends the waiting form."""

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.guard import unguarded
from homeroom.portal.access.models import Session
from homeroom.portal.door.again import fields_of, has_passkey, renew, ways_of
from homeroom.portal.door.passkeys import request_for
from homeroom.portal.door.sessions import give_cookie, session_of, sign_in_first
from homeroom.portal.door.signing_in import NotTogether, Wait
from homeroom.portal.door.steps import begin_step
from homeroom.portal.door.views import address_of, safe, wait_first


@unguarded("asks the door's own sessions who it is; nothing but this session's time of proof is changed")
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    onward = safe(request.POST.get("next") or request.GET.get("next", ""))
    session = session_of(request)
    if session is None:  # not by signed_in(): `onward` is the page that asked for the new proof, and not this page
        return sign_in_first(onward)
    way = next((way for way in ways_of(session.account) if way.name == request.POST.get("way")), None)
    if way is None:
        return asked(request, session, onward)
    try:
        way.proves(request, session.account, address_of(request))
    except NotTogether:
        return asked(request, session, onward, _("This didn’t match. Nothing has changed. Try again."), 403)
    except Wait as wait:
        return wait_first(wait, partial(asked, request, session, onward))
    return proven(request, session, onward)


def asked(request: HttpRequest, session: Session, onward: str, error: str = "", status: int = 200) -> HttpResponse:
    words = {"session": session, "ways": ways_of(session.account), "next": onward, "error": error, "form": request.POST.get("form")}
    options, challenge = request_for(request, session.account) if has_passkey(session.account) else ("", {})
    answer = render(request, "door/again.html", words | {"options": options}, status=status)
    if options:
        begin_step(answer, "again", session.account, challenge)
    return answer


def proven(request: HttpRequest, session: Session, onward: str) -> HttpResponse:
    """Goes on to the page. The person sends a kept form with their own button. It came here with the token that only our pages have, so no one else
    can have filled it in."""
    entry, form = renew(session), request.POST.get("form")
    if entry is None:
        return sign_in_first(onward)
    fields = fields_of(form) if form is not None and onward else None
    answer: HttpResponse = HttpResponseRedirect(onward or "/")
    if fields is not None:
        answer = render(request, "door/again_send.html", {"session": session, "path": onward, "fields": fields})
    give_cookie(answer, entry)
    return answer
