"""The page of a restoration for administrators, and the proposal to open sign-in again."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.membership.acts import SEE_RESTORATION
from homeroom.portal.membership.forms import number_in, uuid_in, why_in
from homeroom.portal.membership.restore.actions import propose_opening
from homeroom.portal.membership.restore.pages import page_of, wrong_with
from homeroom.portal.membership.restore.queries import notes, restoration

PLACE = "/office/restoration"


def asked_for_notes(request: HttpRequest) -> Asked:
    """Lists the notes again, because the page shows them next to a form's error."""
    return None, "", number_in(request, "after")


@guard(SEE_RESTORATION, list=asked_for_notes)
@require_GET
def restored(request: Request) -> HttpResponse:
    return _restored(request)


def _restored(request: Request, wrong: str = "") -> HttpResponse:
    found = restoration()
    shown = {"page": page_of(found, notes(number_in(request, "after"))) if found else None, "wrong": wrong, "why": why_in(request)}
    return render(request, "membership/restoration.html", shown, status=422 if wrong else 200)


@guard(SEE_RESTORATION, list=asked_for_notes, fresh=True)
def opening_proposed(request: Request) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(PLACE)
    which, why = uuid_in(request.POST.get("restoration", "")), why_in(request)
    if which is None:
        raise Http404
    then = propose_opening(which, why, by=request.actor) if why else Answer.WHY
    if not then:
        raise Http404
    return HttpResponseRedirect(f"/office/two-people?then={then}") if then == Answer.PROPOSED else _restored(request, wrong_with(then))
