"""The pages for a printed or emailed code: the code, for some a wait, then the choice of a password. The code appears in no address and on no later page."""

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.guard import unguarded
from homeroom.portal.door.accounts import AccountRefused
from homeroom.portal.door.coding import (
    Meaning,
    NameTaken,
    NoSuchCode,
    choose_password,
    meaning_of,
    shortest_of,
    take_factors_away,
    typed_in,
    wait_of,
)
from homeroom.portal.door.failures import note
from homeroom.portal.door.models import Step
from homeroom.portal.door.passwords import PasswordRefused
from homeroom.portal.door.signing_in import NotTogether, Wait
from homeroom.portal.door.steps import LASTS, begin_step, end_step, step_of
from homeroom.portal.door.unconfirmed import told_while_unconfirmed
from homeroom.portal.door.views import address_of, after_password, wait_first


@unguarded("where somebody types a printed code before there is a session")
@require_http_methods(["GET", "HEAD", "POST"])
def code_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "door/code.html")
    text = request.POST.get("code", "")
    try:
        right = typed_in(text, address_of(request))
    except (NoSuchCode, Wait) as no:
        note(request, "code", "waits" if isinstance(no, Wait) else "wrong")
        return _wrong(request, text, no)
    if right is None:
        return render(request, "door/code.html", {"typed": text[:100], "mistyped": True}, status=422)
    digest, meaning = right
    wait = wait_of(digest, request, meaning, is_typed=True)
    answer = HttpResponseRedirect("/sign-in/code/password")
    begin_step(answer, "code", None, {"code": digest.hex()}, lasts=LASTS + wait)
    return answer


def _wrong(request: HttpRequest, text: str, no: NoSuchCode | Wait) -> HttpResponse:
    def shown(wait: str, status: int) -> HttpResponse:
        return render(request, "door/code.html", {"typed": text[:100], "wrong": True, "wait": wait}, status=status)

    return wait_first(no, shown) if isinstance(no, Wait) else shown("", 403)


@unguarded("rests on the step that a right code began, in this browser, ten minutes ago at most")
@require_http_methods(["GET", "HEAD", "POST"])
@told_while_unconfirmed
def password_page(request: HttpRequest) -> HttpResponse:
    step = step_of(request, "code")
    if step is None:
        return HttpResponseRedirect("/sign-in/code")
    try:
        digest = bytes.fromhex(step.state["code"])
        meaning = meaning_of(digest)
        if wait := wait_of(digest, request, meaning):
            return render(request, "door/code_wait.html", {"until": timezone.now() + wait})
        if request.method != "POST":
            return _choose(request, meaning)
        return _chosen(request, step, meaning)
    except NoSuchCode as used:
        return _wrong(request, "", used)


def _chosen(request: HttpRequest, step: Step, meaning: Meaning) -> HttpResponse:
    """Raises NoSuchCode."""
    digest, password = bytes.fromhex(step.state["code"]), request.POST.get("password", "")
    try:
        if meaning.kind == "factors":
            account = take_factors_away(request, digest, meaning, password, address_of(request))
        else:
            account = choose_password(request, digest, meaning, request.POST.get("sign_in_name", ""), password)
    except NotTogether:
        return _choose(request, meaning, _("This isn’t your password. Check it and try again."))
    except Wait as wait:
        return wait_first(wait, partial(_choose, request, meaning))
    except (AccountRefused, PasswordRefused) as why:
        return _choose(request, meaning, str(why))
    except NameTaken:
        return _choose(request, meaning, _("This username is taken. Choose another."))
    answer = after_password(request, account, "", by_code=meaning.is_printed)
    end_step(answer, step)
    return answer


def _choose(request: HttpRequest, meaning: Meaning, error: str = "", status: int = 422) -> HttpResponse:
    has_focus = bool(error) or meaning.kind == "wake"  # the error, or the field above the new password
    shown = {"meaning": meaning, "error": error, "sign_in_name": request.POST.get("sign_in_name", ""), "shortest": shortest_of(meaning)}
    return render(request, "door/code_password.html", shown | {"has_focus": has_focus}, status=status if error else 200)
