"""The pages of aliases: the list, the form that gives one right away, and the button that proposes to end one."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.membership.acts import MASK_STUDENT, SEE_MASKED
from homeroom.portal.membership.forms import days_in, name_in, number_in, why_in, words_in
from homeroom.portal.membership.masking.actions import mask, propose_unmasking
from homeroom.portal.membership.masking.pages import bases, lines_of, said_of, wrong_with
from homeroom.portal.membership.masking.queries import maskings, student_named, students_found

PLACE = "/office/masked"


def asked_for(request: HttpRequest) -> Asked:
    """Asks for students with an alias, or for students by the beginnings of names."""
    return None, words_in(request), number_in(request, "after")


def asked_for_one(request: HttpRequest) -> Asked:
    """Returns the student in the address."""
    match = request.resolver_match
    return None, str(match.kwargs["student"]) if match else "", None


@guard(SEE_MASKED, list=asked_for)
def masked(request: Request) -> HttpResponse:
    words, said = words_in(request), said_of(request.GET.get("then", ""))
    listed = [] if words else maskings()
    last = listed[-1] if listed else None
    page = {"lines": lines_of(listed), "words": words, "found": students_found() if words else [], "said": said}
    return render(request, "membership/masked.html", page | {"more": last.number if last and last.has_more else None})


@guard(SEE_MASKED, list=asked_for_one, fresh=True)
def mask_new(request: Request, student: UUID) -> HttpResponse:
    named, days, wrong = student_named(student), days_in(request), {}
    if named is None:
        raise Http404
    if request.method == "POST":
        then = Answer.DAYS
        if days:
            then = mask(student, name_in(request, "given"), name_in(request, "family"), request.POST.get("basis", ""), days, by=request.actor)
        if then == Answer.MASKED:
            return HttpResponseRedirect(f"{PLACE}?then=masked")
        wrong = wrong_with(then)
    page = {"name": named[0], "school": named[1], "student": student, "bases": bases().items(), "form": request.POST, "wrong": wrong}
    return render(request, "membership/mask.html", page | {"today": timezone.localdate()}, status=422 if wrong else 200)


@guard(MASK_STUDENT, fresh=True)
def mask_end(request: Request, masking: UUID) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return HttpResponseRedirect(PLACE)
    why = why_in(request)
    then = propose_unmasking(masking, why, by=request.actor) if why else Answer.WHY
    if not then:
        raise Http404
    return HttpResponseRedirect(f"{'/office/two-people' if then == Answer.PROPOSED else PLACE}?then={then}")
