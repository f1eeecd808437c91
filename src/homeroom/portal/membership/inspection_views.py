"""Asking to inspect the record of a student who left; the office's page, where it answers."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.guard import Request, guard
from homeroom.portal.access.policy import Act
from homeroom.portal.membership.forms import uuid_in
from homeroom.portal.membership.inspection_actions import answer, ask
from homeroom.portal.membership.inspection_pages import asked_rows, former_rows, told_family, told_office
from homeroom.portal.membership.inspection_queries import inspections_asked, my_former_students

MINE, OFFICE = "/inspection", "/office/inspections"


@guard(Act.INSPECT)
@require_http_methods(["GET", "HEAD", "POST"])
def my_inspections(request: Request) -> HttpResponse:
    then = request.GET.get("then", "")
    if request.method == "POST":
        child = uuid_in(request.POST.get("student", ""))
        then = ask(child, by=request.actor) if child else ""
        if not then:
            raise Http404
        if then == "asked":
            return HttpResponseRedirect(f"{MINE}?then=asked")
    shown = {"rows": former_rows(my_former_students()), "said": told_family(then)}
    return render(request, "membership/inspection.html", shown, status=409 if request.method == "POST" else 200)


@guard(Act.ANSWER_INSPECTION)
@require_GET
def inspections(request: Request) -> HttpResponse:
    return _office(request, request.GET.get("then", ""))


def _office(request: Request, then: str, status: int = 200) -> HttpResponse:
    return render(request, "membership/inspections.html", {"rows": asked_rows(inspections_asked()), "said": told_office(then)}, status=status)


@guard(Act.ANSWER_INSPECTION, fresh=True)
def inspection_answered(request: Request) -> HttpResponse:
    if request.method != "POST":  # who proved it anew on the way
        return HttpResponseRedirect(OFFICE)
    which, days = uuid_in(request.POST.get("which", "")), request.POST.get("days", "")
    number = int(days) if days.isascii() and days.isdecimal() and len(days) < 4 else None
    then = answer(which, request.POST.get("verdict", ""), number, by=request.actor) if which else ""
    if not then:
        raise Http404
    if then in ("opened", "on paper"):
        return HttpResponseRedirect(f"{OFFICE}?{urlencode({'then': then})}")
    return _office(request, then, 409 if then == "taken" else 422)
