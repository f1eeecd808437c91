"""Views of a change set, one person in it and the decision about it, for administrators."""

import json
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.guard import Asked as AskedOfList
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.intake.acts import DECIDE_IMPORT, LIST_CHANGES, READ_CHANGES, SEE_IMPORTS
from homeroom.portal.intake.office.actions import DecisionForm, decide_import
from homeroom.portal.intake.office.change_pages import change_page, change_set_page, first_people
from homeroom.portal.intake.office.change_queries import (
    FIRST,
    Wanted,
    came_at,
    change_counts,
    changes,
    changes_in_all,
    decisions_about,
    one_change,
)
from homeroom.portal.intake.office.decision_pages import decidable, is_odd
from homeroom.portal.intake.office.forms import asked_in, wanted_in, wrong_with
from homeroom.portal.intake.office.pages import file_page, title_of
from homeroom.portal.intake.office.queries import (
    Delivered,
    delivered,
    imported_after,
    left_out,
    uploader_of,
)
from homeroom.portal.intake.office.questions import tally
from homeroom.portal.intake.office.views import HIGHEST, as_of, number_in


def asked_for_first(request: HttpRequest) -> AskedOfList | None:
    """Asks for the first people of a file. The database lists them only while the file is on hold."""
    match = request.resolver_match
    if match is None or match.kwargs["delivery"] > HIGHEST:
        return None
    return None, json.dumps({"delivery": match.kwargs["delivery"], "first": True}), 0


@guard(LIST_CHANGES, list=asked_for_first)
@require_GET
def one_import(request: Request, delivery: int) -> HttpResponse:
    return file_answer(request, delivery_or_404(delivery), is_listed=True)


@guard(DECIDE_IMPORT, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def decision(request: Request, delivery: int) -> HttpResponse:
    found = delivery_or_404(delivery)
    onward = HttpResponseRedirect(f"/imports/{found.number}#decision")
    if request.method != "POST":
        return onward
    asked = asked_in(request.POST)
    later = [each.number for each in imported_after(found)]
    wrong = wrong_with(asked, change_counts(found.number), later, is_odd=is_odd(found))
    if wrong:
        return file_answer(request, found, asked, wrong, status=422)
    files = [*later, found.number] if asked.verdict == "undo" else [found.number]
    if not all(decide_import(number, asked, by=request.actor) for number in files):  # newest first. Stops at one that someone else decided about
        return file_answer(request, found, is_late=True, status=409)
    return onward


def asked_for_changes(request: HttpRequest) -> AskedOfList | None:
    """Returns the page's filter, so that the view of its list can be recorded."""
    match = request.resolver_match
    if match is None or match.kwargs["delivery"] > HIGHEST:
        return None
    wanted = wanted_in(request.GET, request.POST, 0)
    words = {"delivery": match.kwargs["delivery"], "school": wanted.school, "mark": wanted.mark, "odd": wanted.is_odd, "called": wanted.name}
    return None, json.dumps(words), number_in(request, "after") or 0


@guard(LIST_CHANGES, list=asked_for_changes)
@require_http_methods(["GET", "HEAD", "POST"])
def change_set(request: Request, delivery: int) -> HttpResponse:
    came = came_at(delivery) if delivery <= HIGHEST else None
    if came is None:
        raise Http404
    wanted, counts = wanted_in(request.GET, request.POST, number_in(request, "after") or 0), change_counts(delivery)
    listed, in_all = changes(delivery, wanted), changes_in_all(delivery, wanted)
    return render(request, "intake/changes.html", {"page": change_set_page(delivery, title_of(came), counts, listed, in_all, wanted)})


@guard(READ_CHANGES, look="change")
@require_GET
def person_change(request: Request, delivery: int, change: UUID) -> HttpResponse:
    return change_answer(request, delivery, change, is_here=True)


@guard(SEE_IMPORTS)
@require_GET
def newcomer(request: Request, delivery: int, newcomer: UUID) -> HttpResponse:
    """Shows a person whom the file would add, or a class, school, course or term. There is no student's record, so no view is recorded."""
    return change_answer(request, delivery, newcomer, is_here=False)


def change_answer(request: Request, delivery: int, uuid: UUID, *, is_here: bool) -> HttpResponse:
    found = one_change(delivery, uuid, is_here=is_here) if delivery <= HIGHEST else None
    if found is None:
        raise Http404
    return render(request, "intake/change.html", {"page": change_page(delivery, *found, change_counts(delivery))})


def delivery_or_404(number: int) -> Delivered:
    found = delivered(number) if number <= HIGHEST else None
    if found is None:
        raise Http404
    return found


def file_answer(
    request: Request, found: Delivered, asked: DecisionForm | None = None, wrong: dict[str, str] | None = None, *,
    is_listed: bool = False, is_late: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """`is_listed` means that a view of the file's first people was recorded. A page about a decision that was not accepted has none."""
    rows, decided, counts = left_out(found.number, number_in(request, "after") or 0), decisions_about(found.number), change_counts(found.number)
    form = decidable(found, counts, decided, timezone.localtime(), asked or DecisionForm(), wrong or {}, imported_after(found))
    asks, uploader = tally(found.number).in_all, "" if found.sender else uploader_of(found.number)
    page = file_page(found, rows, as_of(request.actor), uploader)
    words = {"page": page, "decision": form, "is_late": is_late, "is_again": "again" in request.GET, "questions": asks, "is_later": "after" in request.GET}
    if is_listed and counts and found.state == "held":
        listed = changes(found.number, Wanted(), FIRST)
        words["people"] = first_people(found.number, counts, listed, changes_in_all(found.number, Wanted()))
    return render(request, "intake/import.html", words, status=status)
