"""The family's page of requests for children, with the form for another, and withdrawing a request, also for a student."""

from dataclasses import replace
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.letters import code
from homeroom.portal.membership.acts import SEE_REQUESTS, WITHDRAW_REQUEST
from homeroom.portal.membership.challenges.queries import my_checks
from homeroom.portal.membership.requests.actions import ask_for_child, withdraw
from homeroom.portal.membership.requests.queries import my_requests
from homeroom.portal.membership.two_people.administrator_queries import schools
from homeroom.portal.wording.claims import FIELDS, claim_in, mistyped, no_such_letter, relations

PLACE = "/requests"


@guard(SEE_REQUESTS)
@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _requests(request, {})
    wrong = dict[str, str]()
    claim = claim_in(request.POST, [UUID(school) for school, _name in schools()], timezone.localdate(), wrong)
    letter = code.digest_typed(request.POST.get("code", ""))
    if letter is None:
        wrong["code"] = mistyped()
    if claim is None or letter is None:
        return _requests(request, wrong)
    then = ask_for_child(replace(claim, code=letter), by=request.actor)
    if then == Answer.CODE:
        return _requests(request, {"code": no_such_letter()})
    if then == Answer.ASKED:
        return HttpResponseRedirect(f"{PLACE}?then=asked")
    said = {Answer.MANY: _("You already have ten open requests. Withdraw one, or wait for an answer."), Answer.ODD: _("Check the names and the birth date.")}
    return _requests(request, {"child_given_name": said.get(then, _("In this district the school office makes each account. Call the office."))})


def _requests(request: Request, wrong: dict[str, str]) -> HttpResponse:
    shown = {
        "asked": (asked := my_requests()),
        "is_waiting": any(each.is_waiting for each in asked),
        "checks": my_checks(),
        "then": request.GET.get("then", ""),
        "typed": {field: request.POST.get(field, "") for field in FIELDS},
        "wrong": wrong,
        "schools": schools(),
        "relations": relations().items(),
    }
    return render(request, "membership/requests.html", shown, status=422 if wrong else 200)


@guard(WITHDRAW_REQUEST)
def withdrawn(request: Request, asked: UUID) -> HttpResponse:
    """Withdraws a request. A student's account is closed with it, so the student is shown a page without sign-in."""
    if asked not in [each.uuid for each in my_requests()]:
        raise Http404
    is_student = request.actor.side == "student"
    if request.method != "POST" or not withdraw(asked, by=request.actor):  # False if an office has answered in the meantime. The page says so
        return HttpResponseRedirect("/" if is_student else PLACE)
    if is_student:
        return render(request, "membership/taken_back.html", {"actor": None})
    return HttpResponseRedirect(f"{PLACE}?then=withdrawn")
