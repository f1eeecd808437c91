"""The student's own page about rights transfer at 18: which adults keep access."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.acts import TURN_18
from homeroom.portal.membership.eighteen.actions import agree, end_agreement
from homeroom.portal.membership.eighteen.pages import adults_of, lead_of, said_of
from homeroom.portal.membership.eighteen.queries import my_majority
from homeroom.portal.membership.forms import uuid_in

PLACE = "/turning-18"


@guard(TURN_18)
@require_GET
def turning_18(request: Request) -> HttpResponse:
    return _page(request, request.GET.get("then", ""))


def _page(request: Request, then: Answer | str, status: int = 200) -> HttpResponse:
    mine = my_majority()
    if mine is None:
        raise Http404
    shown = {"mine": mine, "lead": lead_of(mine), "adults": adults_of(mine), "said": said_of(then)}
    return render(request, "membership/turning_18.html", shown, status=status)


@guard(TURN_18, fresh=True)
def agreed_at_18(request: Request) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return _page(request, "")
    agreeing, ending = uuid_in(request.POST.get("agree", "")), uuid_in(request.POST.get("end", ""))
    if agreeing:
        then = agree(agreeing, by=request.actor)
    else:
        then = end_agreement(ending, by=request.actor) if ending else Answer.NOTHING
    if not then:
        raise Http404
    return HttpResponseRedirect(f"{PLACE}?then={then}") if then in (Answer.AGREED, Answer.ENDED) else _page(request, then, 422)
