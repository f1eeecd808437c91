"""The office's pages of support: current and past grants, the form that proposes one, and the button that ends one."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.membership.acts import DECIDE_OFFICE
from homeroom.portal.membership.forms import number_in, why_in, words_in
from homeroom.portal.support.actions import end_support, propose_support
from homeroom.portal.support.acts import PROPOSE_SUPPORT, SEE_GRANTS
from homeroom.portal.support.forms import HOURS, chosen_in, hours_in, query_of
from homeroom.portal.support.models import MOST_STUDENTS
from homeroom.portal.support.pages import page_of, said_of, wrong_with
from homeroom.portal.support.queries import grants, is_of_district, students_found, students_named, supporters

PLACE = "/office/support"


def asked_for_grants(request: HttpRequest) -> Asked:
    return None, "", number_in(request, "after")


@guard(SEE_GRANTS, list=asked_for_grants)
@require_GET
def support(request: Request) -> HttpResponse:
    found = grants(after=number_in(request, "after"))
    more = found[-1].place if found and found[-1].has_more else None
    page = {"page": page_of(found), "more": more, "supporters": supporters(), "is_of_district": is_of_district()}
    return render(request, "support/office.html", page | {"said": said_of(request.GET.get("then", ""))})


def asked_for(request: HttpRequest) -> Asked | None:
    """Students whose names begin with the typed words, and those that the form has chosen already."""
    words = " ".join([*map(str, chosen_in(request)), words_in(request)]).strip()
    return (None, words, None) if words else None


@guard(PROPOSE_SUPPORT, list=asked_for, fresh=True)
def new(request: Request, supporter: UUID) -> HttpResponse:
    whom = next((each for each in supporters() if each.uuid == supporter and each.registered_at), None)
    if whom is None:
        raise Http404
    chosen, words, why, wrong = chosen_in(request), words_in(request), why_in(request), {}
    if request.method == "POST" and "find" not in request.POST:
        then = propose_support(supporter, hours_in(request), chosen, why, by=request.actor) if why else Answer.WHY
        if then in (Answer.PROPOSED, Answer.TAKEN, Answer.AGAIN):
            return HttpResponseRedirect(f"/office/two-people?then={then}")
        wrong = wrong_with(then)
    students = students_named(chosen)
    ids = [student.uuid for student in students]
    page = {"whom": whom, "why": why, "wrong": wrong, "words": words, "hours": HOURS, "asked_hours": hours_in(request), "is_full": len(ids) >= MOST_STUDENTS}
    without = [(student, query_of([other for other in ids if other != student.uuid])) for student in students]
    found = [(student, query_of([*ids, student.uuid])) for student in students_found() if student.uuid not in ids]
    return render(request, "support/new.html", page | {"chosen": without, "found": found}, status=422 if wrong else 200)


@guard(DECIDE_OFFICE, fresh=True)
def end(request: Request, grant: UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(PLACE)
    why = why_in(request)
    then = end_support(grant, why, by=request.actor) if why else Answer.WHY
    if not then:
        raise Http404
    return HttpResponseRedirect(f"{PLACE}?then={then}")
