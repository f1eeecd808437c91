"""An administrator's pages about one student: who has access, and forms to give and change it. Each page is recorded in the student's access log first."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.membership.acts import KEEP_TIES, SEE_TIES
from homeroom.portal.membership.forms import asked_by_words, number_in, tie_in, uuid_in, words_in
from homeroom.portal.membership.ties import pages
from homeroom.portal.membership.ties.actions import change_tie, end_tie, keep_tie_confidential, set_tie
from homeroom.portal.membership.ties.queries import (
    Kept,
    child_kept,
    contacts_of,
    people_found,
    restrictions,
    students_found,
    ties_of,
)

PLACE = "/office/ties"


@guard(SEE_TIES, list=asked_by_words)
def ties(request: Request) -> HttpResponse:
    """Searches names with a POST form, because a name in an address would stay in the browser's history."""
    words = words_in(request)
    return render(request, "membership/ties.html", {"words": words, "found": pages.students_of(students_found() if words else [])})


def asked_for_restrictions(request: HttpRequest) -> Asked | None:
    return (None, "", number_in(request, "after")) if request.method == "GET" else None


@guard(SEE_TIES, list=asked_for_restrictions)
def restriction_list(request: Request) -> HttpResponse:
    if request.method != "GET":
        return HttpResponseRedirect("/office/restrictions")
    found, today = restrictions(), timezone.localdate()
    last = max(found, key=lambda each: each.number, default=None)
    more = last.number if last and last.has_more else None
    shown = {"lead": pages.lead_of(found, today), "lines": pages.restrictions_of(found, today, of_all=True), "more": more}
    return render(request, "membership/restrictions.html", shown)


@guard(KEEP_TIES, look="student")
def child_ties(request: Request, student: UUID) -> HttpResponse:
    return child_page(request, student, request.GET.get("then", ""))


def child_page(request: Request, student: UUID, then: Answer | str, status: int = 200) -> HttpResponse:
    child, ties = kept(student), ties_of(student)
    shown: dict[str, Any] = {
        "child": child,
        "path": f"{PLACE}/{student}",
        "ties": pages.ties_of(ties, student),
        "adults": pages.adults_of(ties),
        "restrictions": pages.restrictions_of(restrictions(student), timezone.localdate(), of_all=False),
        "contacts": contacts_of(student),
        "bases": pages.closing_bases().items(),
        "form": request.POST,
        "said": pages.said_of(then),
    }
    return render(request, "membership/child_ties.html", shown, status=status)


def kept(student: UUID) -> Kept:
    child = child_kept(student)
    if child is None:
        raise Http404
    return child


@guard(KEEP_TIES, look="student", words=words_in, fresh=True)
def tie_new(request: Request, student: UUID) -> HttpResponse:
    child, form = kept(student), request.POST
    if request.method != "POST" or "find" in form:
        return _tie_form(request, student, child, {"found": found_in(to_bar=False)})
    said, whom = tie_in(request), uuid_in(form.get("whom", ""))
    then = Answer.DAYS if said is None else set_tie(student, whom, form.get("kind", ""), said, by=request.actor)
    if not then:
        raise Http404
    if then in (Answer.SET, Answer.OF_AGE):
        return HttpResponseRedirect(f"{PLACE}/{student}?then={then}")
    wrong = pages.said_of("restricted" if then == Answer.BARRED else then)
    return _tie_form(request, student, child, {"said": wrong, "found": found_in(to_bar=False)}, 422)


def found_in(*, to_bar: bool) -> list[tuple[UUID, str, str]]:
    """Returns the people that the form found. A choice is shown again after an error."""
    return pages.people_of(people_found(to_bar=to_bar))


def _tie_form(request: Request, student: UUID, child: Kept, more: dict[str, Any], status: int = 200) -> HttpResponse:
    form = request.POST
    shown = choices() | {"child": child, "path": f"{PLACE}/{student}", "form": form, "words": words_in(request), "today": timezone.localdate().isoformat()}
    ticked = {"views": form.getlist("view") if form else ["grades", "attendance"], "rights": form.getlist("right")}
    return render(request, "membership/tie_new.html", shown | {"ticked": ticked} | more, status=status)


def choices() -> dict[str, Any]:
    return {name: tuple(words().items()) for name, words in (
        ("kinds", pages.kinds), ("bases", pages.bases), ("views", pages.views), ("rights", pages.rights), ("proofs", pages.proofs))}  # fmt: skip


@guard(KEEP_TIES, look="student", fresh=True)
def tie_changed(request: Request, student: UUID, tie: UUID) -> HttpResponse:
    found = next((each for each in ties_of(student) if each.uuid == tie and each.may_change), None)
    if found is None:
        raise Http404
    then = Answer.NOTHING
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "end":
            then = end_tie(student, tie, by=request.actor)
        elif act in ("hidden", "named"):
            then = keep_tie_confidential(student, tie, is_kept=act == "hidden", by=request.actor)
        else:
            said = tie_in(request)
            then = Answer.DAYS if said is None else change_tie(student, tie, said, by=request.actor)
        if not then:
            raise Http404
        if then in (Answer.ENDED, Answer.HIDDEN, Answer.PROPOSED, Answer.TAKEN, Answer.CHANGED):
            return HttpResponseRedirect(f"{PLACE}/{student}?then={then}")
    shown = choices() | {"child": kept(student), "path": f"{PLACE}/{student}", "of": found, "form": pages.form_of(found, request.POST), "today": ""}
    shown |= {"line": pages.ties_of([found], student)[0], "said": pages.said_of(then)}
    return render(request, "membership/tie.html", shown, status=422 if then else 200)
