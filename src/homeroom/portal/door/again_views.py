"""The page that asks the person to prove again who they are, and the page that then sends the form that waits."""

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.answers import not_by_card
from homeroom.portal.access.fresh import kept_form
from homeroom.portal.access.guard import unguarded
from homeroom.portal.access.models import Session
from homeroom.portal.door.again import FormOver, Waiting, fields_of, has_passkey, renew, still_waiting, waiting, ways_of
from homeroom.portal.door.failures import note
from homeroom.portal.door.passkeys import request_for
from homeroom.portal.door.sessions import give_cookie, is_by_card, session_of, sign_in_first
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
    if is_by_card(session):
        return not_by_card(request)
    if request.method == "POST" and "next" in request.GET:  # a form that prove_first() sent on. A proof has the page among its fields
        return asked(request, session, onward, waiting(session, onward, kept_form(request)) if onward else None)
    try:
        held = still_waiting(request, session, onward)
    except FormOver:
        return asked(request, session, onward, error=_("You took more than 30 minutes, so your entries are gone. Confirm, then enter them again."), status=403)
    way = next((way for way in ways_of(session.account) if way.name == request.POST.get("way")), None)
    if way is None:
        return asked(request, session, onward, held)
    try:
        way.proves(request, session.account, address_of(request))
    except NotTogether:
        note(request, "confirmation", account=session.account.uuid, what=way.name)
        return asked(request, session, onward, held, _("This didn’t match. Nothing has changed. Try again."), 403)
    except Wait as wait:
        return wait_first(wait, partial(asked, request, session, onward, held))
    return proven(request, session, onward, held)


def asked(
    request: HttpRequest, session: Session, onward: str, held: Waiting | None = None, error: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    words = {"session": session, "ways": ways_of(session.account), "next": onward, "error": error, "held": held, "file": "file" in request.GET}
    options, challenge = request_for(request, session.account) if has_passkey(session.account) else ("", {})
    answer = render(request, "door/again.html", words | {"options": options}, status=status)
    if options:
        begin_step(answer, "again", session.account, challenge)
    return answer


def proven(request: HttpRequest, session: Session, onward: str, held: Waiting | None) -> HttpResponse:
    """Goes on to the page. A form that waited goes to it from the browser, by a script or by the person's button. The password isn't in it."""
    entry = renew(request, session)
    if entry is None:
        return sign_in_first(onward)
    answer: HttpResponse = HttpResponseRedirect(onward or "/")
    if held is not None:
        answer = render(request, "door/again_send.html", {"session": session, "path": onward, "fields": fields_of(held.form)})
    give_cookie(answer, entry)
    return answer
