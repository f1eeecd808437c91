"""The page of second approvals: the list with its forms, and the answer to a proposal."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.acts import ANSWER_PROPOSAL, SEE_PROPOSALS
from homeroom.portal.membership.forms import why_in
from homeroom.portal.membership.two_people.actions import second, stop
from homeroom.portal.membership.two_people.pages import page_of, said_of
from homeroom.portal.membership.two_people.queries import proposals

PLACE = "/office/two-people"


@guard(SEE_PROPOSALS)
@require_GET
def two_people(request: Request) -> HttpResponse:
    page = page_of(proposals(), timezone.now())
    return render(request, "membership/two_people.html", {"page": page, "said": said_of(request.GET.get("then", ""))})


@guard(ANSWER_PROPOSAL, fresh=True)
def answer(request: Request, proposal: UUID) -> HttpResponse:
    """Answers a proposal. A GET is a redirect after signing in, and shows the list."""
    if request.method != "POST":
        return HttpResponseRedirect(PLACE)
    why = why_in(request)
    if request.POST.get("answer") == "second":
        then = second(proposal, request.POST.get("seen", ""), why, by=request.actor)
    else:
        then = stop(proposal, why, by=request.actor) if why else Answer.WHY
    if not then:
        raise Http404
    return HttpResponseRedirect(f"{PLACE}?then={then.value.replace(' ', '+')}")
