"""The pages of duties and substitutes: the lists, the forms that give them, and the buttons that end them."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from homeroom.portal.access import policy
from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.acts import DECIDE_OFFICE, SEE_OFFICE
from homeroom.portal.membership.duties.actions import end_duty, end_substitution, give_duty, give_substitution
from homeroom.portal.membership.duties.pages import DutyLine, lines_of, said_of, wrong_with
from homeroom.portal.membership.duties.queries import classes_found, duties_given, substitutions
from homeroom.portal.membership.forms import classes_in, days_in, school_in, why_in, words_in
from homeroom.portal.membership.two_people.administrator_queries import schools, staff_found, staff_name

PLACE = "/office/duties"


def duty_words() -> dict[str, str]:
    return {name: str(duty.words) for name, duty in policy.duties().items()}


@guard(SEE_OFFICE)
def duties(request: Request) -> HttpResponse:
    words = words_in(request)
    page: dict[str, object] = {"words": words, "found": staff_found(words), "said": said_of(request.GET.get("then", ""))}
    given: dict[str, list[DutyLine]] = {"duties": lines_of(duties_given(), duty_words()), "substitutes": lines_of(substitutions(), {})}
    return render(request, "membership/duties.html", page | given)


@guard(DECIDE_OFFICE, fresh=True)
def new(request: Request, person: UUID) -> HttpResponse:
    name, form = _named(person), request.POST
    days, why, wrong = days_in(request), why_in(request), {}
    if request.method == "POST":
        wrong = wrong_with(days, why)
        if days and not wrong:
            then = give_duty(person, school_in(request), form.get("duty", ""), days, why, by=request.actor)
            if then in (Answer.GIVEN, Answer.PROPOSED, Answer.AGAIN):
                return HttpResponseRedirect(f"{'/office/two-people' if then == Answer.PROPOSED else PLACE}?then={then}")
            wrong = wrong_with(days, why, then or "duty")
    page = {"name": name, "person": person, "schools": schools(), "duties": duty_words(), "form": form, "today": timezone.localdate(), "wrong": wrong}
    return render(request, "membership/duty_new.html", page, status=422 if wrong else 200)


@guard(DECIDE_OFFICE, fresh=True)
def substitute(request: Request, person: UUID) -> HttpResponse:
    name, form = _named(person), request.POST
    school, chosen = school_in(request), classes_in(request)
    days, why, wrong = days_in(request), why_in(request), {}
    if request.method == "POST" and "find" not in form:
        wrong = wrong_with(days, why, "" if chosen else "classes")
        if days and not wrong:
            then = give_substitution(person, chosen, days, why, by=request.actor)
            if then in (Answer.GIVEN, Answer.AGAIN):
                return HttpResponseRedirect(f"{PLACE}?then={then}")
            wrong = wrong_with(days, why, then or "classes")
    found = classes_found(school, form.get("words", "").replace("\x00", "")[:200]) if school else []
    page = {"name": name, "person": person, "schools": schools(), "form": form, "classes": found, "chosen": chosen, "wrong": wrong}
    return render(request, "membership/substitute_new.html", page | {"today": timezone.localdate()}, status=422 if wrong else 200)


@guard(DECIDE_OFFICE, fresh=True)
def end(request: Request, duty: UUID) -> HttpResponse:
    return _ended(request, lambda why: end_duty(duty, why, by=request.actor))


@guard(DECIDE_OFFICE, fresh=True)
def substitute_end(request: Request, substitution: UUID) -> HttpResponse:
    return _ended(request, lambda why: end_substitution(substitution, why, by=request.actor))


def _ended(request: Request, act: Callable[[str], Answer]) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(PLACE)
    why = why_in(request)
    then = act(why) if why else Answer.WHY
    if not then:
        raise Http404
    return HttpResponseRedirect(f"{PLACE}?then={then}")


def _named(person: UUID) -> str:
    name = staff_name(person)
    if name is None:
        raise Http404
    return name
