"""The pages of administrators: the list, the form that proposes one, and the button that ends one."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.acts import DECIDE_OFFICE, SEE_OFFICE
from homeroom.portal.membership.forms import school_in, why_in, words_in
from homeroom.portal.membership.two_people.administrator_actions import end_administrator, propose_administrator
from homeroom.portal.membership.two_people.administrator_queries import (
    board_second,
    offices,
    schools,
    staff_found,
    staff_name,
)
from homeroom.portal.membership.two_people.pages import said_of

PLACE = "/office/administrators"


@guard(SEE_OFFICE)
def administrators(request: Request) -> HttpResponse:
    words = words_in(request)
    page = {"offices": offices(), "board_second": board_second(), "words": words, "found": staff_found(words), "said": said_of(request.GET.get("then", ""))}
    return render(request, "membership/administrators.html", page)


@guard(DECIDE_OFFICE, fresh=True)
def new(request: Request, person: UUID) -> HttpResponse:
    name = staff_name(person)
    if name is None:
        raise Http404
    wrong = {}
    if request.method == "POST":
        why = why_in(request)
        if why:
            then = propose_administrator(person, school_in(request), why, by=request.actor)
            if then:
                return HttpResponseRedirect(f"/office/two-people?then={then}")
            wrong["school"] = _("You can’t propose this. Choose one of your schools where this person isn’t an administrator yet.")
        else:
            wrong["why"] = _("Write a reason. The other administrators can read it.")
    page = {"name": name, "person": person, "schools": schools(), "wrong": wrong, "chosen": request.POST.get("school", ""), "why": why_in(request)}
    return render(request, "membership/administrator_new.html", page, status=422 if wrong else 200)


@guard(DECIDE_OFFICE, fresh=True)
def end(request: Request, person: UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(PLACE)
    why = why_in(request)
    then = end_administrator(person, school_in(request), why, by=request.actor) if why else Answer.WHY
    if not then:
        raise Http404
    return HttpResponseRedirect(f"{PLACE}?then={then}")
