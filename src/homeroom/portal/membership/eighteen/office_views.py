"""The office's pages about 18th birthdays: upcoming ones, suspended access, dependence for many students, and letters."""

from collections.abc import Mapping
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.acting import Answer, Reply
from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.membership.acts import LIST_PAPERS, LIST_UNDATED, READ_BIRTHDAYS, SEE_AGES
from homeroom.portal.membership.eighteen.actions import confirm, letters_printed, lift, record_dependence
from homeroom.portal.membership.eighteen.pages import (
    bases,
    birthdays,
    done_words,
    moved,
    odd_lines,
    reasons,
    said_of,
    suspended_rows,
)
from homeroom.portal.membership.eighteen.queries import counted, letters, soon, suspended, without_birth_date
from homeroom.portal.membership.forms import day_in, listed_in, number_in, numbers_in, uuid_in

PLACE = "/office/ages"


def asked_for_suspended(_request: HttpRequest) -> Asked:
    """Lists the suspended again, because the page shows the list next to an error."""
    return None, "", None


def asked_for_nobody(_request: HttpRequest) -> None:
    """Names no student, because the answer redirects to another page."""


@guard(SEE_AGES, list=asked_for_suspended)
@require_GET
def ages(request: Request) -> HttpResponse:
    done = number_in(request, "done")
    said = said_of(request.GET.get("then", ""))
    if done is not None:
        said = done_words(request.GET.get("act", ""), done, is_all=done > 0)
    return _ages(request, said)


def _ages(request: Request, said: Reply | None, odd: list[str] | None = None, status: int = 200) -> HttpResponse:
    shown = {
        "counted": counted(),
        "suspended": suspended_rows(suspended()),
        "reasons": reasons().items(),
        "bases": bases().items(),
        "said": said,
        "odd": odd or [],
        "form": request.POST,
    }
    return render(request, "membership/ages.html", shown, status=status)


@guard(SEE_AGES, list=asked_for_suspended, fresh=True)
def age_lifted(request: Request) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return HttpResponseRedirect(PLACE)
    tie, (because, _, how) = uuid_in(request.POST.get("tie", "")), request.POST.get("reason", "").partition("/")
    then = lift(tie, because, how, by=request.actor) if tie else Answer.ODD
    if not then:
        raise Http404
    return HttpResponseRedirect(f"{PLACE}?then=opened") if then == Answer.OPENED else _ages(request, said_of(then), status=422)


@guard(SEE_AGES, list=asked_for_suspended, fresh=True)
def dependence(request: Request) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(PLACE)
    act, numbers, (until, is_day) = request.POST.get("act", ""), listed_in(request, "numbers"), day_in(request, "until")
    if not numbers:
        return _ages(request, said_of("numbers"), status=422)
    odd: Mapping[str | None, str] = {None: "odd"}
    if is_day:
        odd = record_dependence(act, numbers, request.POST.get("basis", ""), until, by=request.actor)
    if None in odd:
        return _ages(request, said_of("numbers" if len(numbers) > 2_000 else "odd"), status=422)
    done = len(numbers) - len(odd)
    if odd:
        return _ages(request, done_words(act, done, is_all=False), odd_lines(odd), 422)
    return HttpResponseRedirect(f"{PLACE}?act={'end' if act == 'end' else 'record'}&done={done}")


@guard(READ_BIRTHDAYS, look="", may_open_nothing=True)
@require_GET
def birthdays_soon(request: Request) -> HttpResponse:
    found = soon()
    shown = {"birthdays": birthdays(found), "moved": moved(found), "bases": bases().items(), "said": said_of(request.GET.get("then", ""))}
    return render(request, "membership/birthdays.html", shown)


@guard(SEE_AGES, list=asked_for_nobody, fresh=True)
def birth_date_confirmed(request: Request, student: UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(f"{PLACE}/soon")
    if not confirm(student, request.POST.get("says", ""), by=request.actor):
        raise Http404
    return HttpResponseRedirect(f"{PLACE}/soon?then=confirmed")


def asked_for_undated(request: HttpRequest) -> Asked | None:
    return None, "", number_in(request, "after")


@guard(LIST_UNDATED, list=asked_for_undated)
@require_GET
def ages_without(request: Request) -> HttpResponse:
    found = without_birth_date()
    more = found[-1].place if found and found[-1].has_more else None
    return render(request, "membership/ages_without.html", {"found": found, "more": more})


def asked_for_papers(request: HttpRequest) -> Asked | None:
    return (None, "", None) if request.method != "POST" else None


@guard(LIST_PAPERS, list=asked_for_papers)
@require_http_methods(["GET", "HEAD", "POST"])
def age_letters(request: Request) -> HttpResponse:
    if request.method == "POST":
        letters_printed(numbers_in(request, "letter"), by=request.actor)
        return HttpResponseRedirect(f"{PLACE}/letters")
    return render(request, "membership/age_letters.html", {"letters": letters()})
