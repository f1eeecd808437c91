"""The door's pages for the operator's support. A code makes the passkey, and the passkey signs in while a grant is active."""

from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from homeroom.portal.access.guard import unguarded
from homeroom.portal.door.failures import note
from homeroom.portal.door.models import Step
from homeroom.portal.door.passkeys import PasskeyRefused, request_for
from homeroom.portal.door.signing_in import Wait
from homeroom.portal.door.steps import begin_step, end_step, step_of
from homeroom.portal.door.supporting import (
    PLACE,
    counted,
    give_cookie,
    offered,
    register,
    sign_in,
    sign_out,
    supporter_of,
)
from homeroom.portal.door.tries import forget
from homeroom.portal.door.views import address_of, wait_first
from homeroom.portal.letters import code

CODE, MAKE, SIGN_IN = (f"door/support_{page}.html" for page in ("code", "passkey", "sign_in"))


@unguarded("where the operator's support types a code before there is a passkey")
@require_http_methods(["GET", "HEAD", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, CODE)
    text = request.POST.get("code", "")

    def shown(error: str, status: int) -> HttpResponse:
        return render(request, CODE, {"typed": text[:100], "error": error}, status=status)

    plain = code.typed(text)
    if plain is None:
        return shown(_("This code isn’t complete. A character is missing or wrong. Check each one."), 422)
    try:
        marks = counted(address_of(request))
    except Wait as wait:
        note(request, "support", "waits")
        return wait_first(wait, shown)
    digest = code.digest(plain)
    if supporter_of(digest) is None:
        note(request, "support", what="code")
        return used_up(request)
    forget(marks)
    answer = HttpResponseRedirect("/support/register/passkey")
    begin_step(answer, "support code", None, {"code": digest.hex()})
    return answer


def used_up(request: HttpRequest) -> HttpResponse:
    return render(request, CODE, {"error": _("This code doesn’t work. A code works once, within three weeks.")}, status=403)


@unguarded("rests on the step that a right code began, in this browser, ten minutes ago at most")
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_page(request: HttpRequest) -> HttpResponse:
    step = step_of(request, "support code")
    if step is None:
        return HttpResponseRedirect("/support/register")
    digest = bytes.fromhex(step.state["code"])
    if request.method != "POST" or "challenge" not in step.state:
        return making(request, step, digest)
    try:
        if not (end_step(HttpResponse(), step) and register(request, digest, step.state["challenge"], request.POST.get("credential", ""))):
            return used_up(request)
    except PasskeyRefused:
        error = _("This passkey couldn’t be added. It must ask for your fingerprint, face or PIN.")
        return making(request, step, digest, error=error, status=403)
    return HttpResponseRedirect("/support/sign-in?then=registered")


def making(request: HttpRequest, step: Step, digest: bytes, *, error: str = "", status: int = 200) -> HttpResponse:
    who = supporter_of(digest)
    if who is None:
        return used_up(request)
    options, state = offered(request, *who)
    answer = render(request, MAKE, {"options": options, "error": error, "name": who[1]}, status=status)
    end_step(HttpResponse(), step)
    begin_step(answer, "support code", None, {"code": digest.hex(), "challenge": state})
    return answer


@unguarded("a passkey says itself who of the support signs in; a grant of two administrators lets it in")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return challenged(request)
    step = step_of(request, "support sign-in")
    if step is None or not end_step(HttpResponse(), step):
        return challenged(request)
    try:
        marks = counted(address_of(request))
        token = sign_in(request, step.state, request.POST.get("credential", ""))
    except Wait as wait:
        note(request, "support", "waits")
        return wait_first(wait, partial(challenged, request))
    except PasskeyRefused:
        note(request, "support", what="passkey")
        return challenged(request, _("This passkey doesn’t work now. It works while a grant of two administrators is active."), 403)
    forget(marks)
    answer = HttpResponseRedirect(PLACE)
    give_cookie(answer, token)
    return answer


def challenged(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    options, state = request_for(request, None)
    is_new = request.GET.get("then") == "registered"
    answer = render(request, SIGN_IN, {"options": options, "error": error, "is_new": is_new}, status=status)
    begin_step(answer, "support sign-in", None, state)
    return answer


@unguarded("ends the support session that the request itself carries; nobody else's")
@require_POST
def sign_out_page(request: HttpRequest) -> HttpResponse:
    sign_out(request)
    answer = HttpResponseRedirect("/support/sign-in")
    answer.delete_cookie(settings.SUPPORT_COOKIE, path=PLACE, samesite="Strict")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
