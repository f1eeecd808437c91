"""The pages to request an inspection of a record and to withdraw it, and the office's page to answer."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.acts import ANSWER_INSPECTION, INSPECT
from homeroom.portal.membership.forms import asked_for_in, uuid_in
from homeroom.portal.membership.leaving.actions import answer, ask, withdraw
from homeroom.portal.membership.leaving.pages import asked_rows, inspectable_rows, told_family, told_office
from homeroom.portal.membership.leaving.queries import inspections_asked, my_inspectable

MINE, QUEUE = "/inspection", "/office/requests"


@guard(INSPECT)
@require_http_methods(["GET", "HEAD", "POST"])
def my_inspections(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _mine(request, request.GET.get("then", ""))
    child = uuid_in(request.POST.get("student", ""))
    return _done(request, ask(child, asked_for_in(request), by=request.actor) if child else "")


@guard(INSPECT)
@require_http_methods(["GET", "HEAD", "POST"])
def inspection_withdrawn(request: Request) -> HttpResponse:
    if request.method != "POST":  # a redirect back from signing in
        return HttpResponseRedirect(MINE)
    child = uuid_in(request.POST.get("student", ""))
    return _done(request, withdraw(child, by=request.actor) if child else "")


def _done(request: Request, then: Answer | str) -> HttpResponse:
    """Raises Http404 if nothing is there."""
    if not then:
        raise Http404
    if then in (Answer.ASKED, Answer.WITHDRAWN):
        return HttpResponseRedirect(f"{MINE}?then={then}")
    return _mine(request, then, 422 if then == Answer.ODD else 409)


def _mine(request: Request, then: Answer | str, status: int = 200) -> HttpResponse:
    """Keeps what was typed."""
    rows = inspectable_rows(my_inspectable(), uuid_in(request.POST.get("student", "")), asked_for_in(request))
    return render(request, "membership/inspection.html", {"rows": rows, "said": told_family(then)}, status=status)


@guard(ANSWER_INSPECTION)
@require_GET
def inspection_asked(request: Request, inspection: UUID) -> HttpResponse:
    return _asked(request, inspection, "")


def _asked(request: Request, which: UUID, then: Answer | str, status: int = 200) -> HttpResponse:
    row = next(iter(asked_rows([each for each in inspections_asked() if each.uuid == which])), None)
    if row is None:
        raise Http404
    return render(request, "membership/inspection_asked.html", {"row": row, "said": told_office(then)}, status=status)


@guard(ANSWER_INSPECTION, fresh=True)
def inspection_answered(request: Request) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return HttpResponseRedirect(QUEUE)
    which, days = uuid_in(request.POST.get("which", "")), request.POST.get("days", "")
    number = int(days) if days.isascii() and days.isdecimal() and len(days) < 4 else None
    then = answer(which, request.POST.get("verdict", ""), number, by=request.actor) if which else Answer.NOTHING
    if not then or not which:
        raise Http404
    if then in (Answer.OPENED, Answer.ON_PAPER):
        return HttpResponseRedirect(f"{QUEUE}?{urlencode({'then': then.value})}")
    return _asked(request, which, then, 409 if then == Answer.TAKEN else 422)
