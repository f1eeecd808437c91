"""The second step of signing in, and signing in with only a passkey."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.guard import unguarded
from homeroom.portal.door.factors import factors_of
from homeroom.portal.door.failures import note
from homeroom.portal.door.models import Account, Step
from homeroom.portal.door.passkeys import PasskeyRefused, request_for, used_passkey
from homeroom.portal.door.recovery_codes import codes_left
from homeroom.portal.door.second_step import Proof, prove
from homeroom.portal.door.sessions import give_cookie
from homeroom.portal.door.signing_in import NotTogether, Wait, let_in
from homeroom.portal.door.steps import begin_step, end_step, step_of
from homeroom.portal.door.unconfirmed import Unconfirmed, told_while_unconfirmed, unconfirmed_since
from homeroom.portal.door.views import address_of, safe, wait_first

SECOND, PASSKEY = "door/second.html", "door/passkey.html"


@unguarded("reached with a step that the right password gave; nobody is signed in yet")
@require_http_methods(["GET", "HEAD", "POST"])
@told_while_unconfirmed
def second_page(request: HttpRequest) -> HttpResponse:
    step = step_of(request, "second factor")
    if step is None or step.account is None:
        return HttpResponseRedirect("/sign-in")
    if request.method != "POST":
        return asked(request, step.account)
    try:
        prove(request, step.account, proof_in(request), address_of(request))
    except NotTogether:
        return asked(request, step.account, error=_("This didn’t match. Check it and try again."), status=403)
    except Wait as wait:
        account = step.account
        return wait_first(wait, lambda error, status: render(request, SECOND, {**choices(account), "error": error}, status=status))
    return entered(request, step, step.account, step.state["method"])


def proof_in(request: HttpRequest) -> Proof:
    challenge = step_of(request, "passkey")
    is_ours = challenge is not None and end_step(HttpResponse(), challenge)  # a challenge is signed once
    return Proof(
        request.POST.get("code", ""),
        request.POST.get("recovery_code", ""),
        request.POST.get("credential", ""),
        challenge.state if challenge and is_ours else None,
    )


def asked(request: HttpRequest, account: Account, *, error: str = "", status: int = 200) -> HttpResponse:
    options, state = request_for(request, account)
    context = {**choices(account), "options": options, "error": error}
    answer = render(request, SECOND, context, status=status)
    if context["has_passkey"]:
        begin_step(answer, "passkey", account, state)
    return answer


def choices(account: Account) -> dict[str, Any]:
    kinds = {factor.kind for factor in factors_of(account)}
    return {"has_passkey": "passkey" in kinds, "has_app": "authenticator" in kinds, "has_codes": codes_left(account) > 0}


@unguarded("a passkey says itself who signs in")
@require_http_methods(["GET", "HEAD", "POST"])
@told_while_unconfirmed
def passkey_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return challenged(request, safe(request.GET.get("next", "")))
    step = step_of(request, "passkey")
    if step is None or step.account is not None:
        return HttpResponseRedirect("/sign-in")
    try:
        whose = used_passkey(request, step.state["challenge"], request.POST.get("credential", ""), None)
    except PasskeyRefused:
        note(request, "sign in", what="passkey")
        if unconfirmed_since():  # as for a passkey that is somebody's
            raise Unconfirmed from None
        return challenged(request, step.state["next"], error=_("This passkey isn’t registered here. Try another, or sign in with your password."), status=403)
    return entered(request, step, whose, "passkey")


def challenged(request: HttpRequest, onward: str, *, error: str = "", status: int = 200) -> HttpResponse:
    options, state = request_for(request, None)
    answer = render(request, PASSKEY, {"options": options, "error": error, "next": onward}, status=status)
    begin_step(answer, "passkey", None, {"challenge": state, "next": onward})
    return answer


def entered(request: HttpRequest, step: Step, account: Account, method: str) -> HttpResponse:
    """Ends the step and begins the session: both or neither, and only once."""
    answer = HttpResponseRedirect(step.state["next"] or "/")
    with transaction.atomic():
        if not end_step(answer, step):
            return HttpResponseRedirect("/sign-in")
        entry = let_in(request, account, method=method, is_strong=True, is_own_device=step.state.get("is_own_device", False))
    give_cookie(answer, entry)
    return answer
