"""The forms of a student's page about contacts, restrictions, confidential contacts and parent access."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.acts import FIND_PEOPLE, KEEP_TIES
from homeroom.portal.membership.forms import bar_in, last_in, said_in, uuid_in, why_in, words_in
from homeroom.portal.membership.ties import pages
from homeroom.portal.membership.ties.actions import (
    bar,
    bar_longer,
    close_to_parents,
    join_contact,
    keep_contact,
    part_contact,
    propose_contact_shown,
    propose_lifting,
    propose_opening,
)
from homeroom.portal.membership.ties.views import PLACE, child_page, found_in, kept


@guard(FIND_PEOPLE, look="student", words=words_in, fresh=True)
def bar_new(request: Request, student: UUID) -> HttpResponse:
    child, form = kept(student), request.POST
    then = Answer.NOTHING
    if request.method == "POST" and "find" not in form:
        said = bar_in(request)
        then = Answer.DAYS if said is None else bar(student, uuid_in(form.get("whom", "")), said, by=request.actor)
        if not then:
            raise Http404
        if then in (Answer.BARRED, Answer.ALIKE):
            return HttpResponseRedirect(f"{PLACE}/{student}?then={then}")
    shown = {
        "child": child,
        "path": f"{PLACE}/{student}",
        "found": found_in(to_bar=True),
        "words": words_in(request),
        "bases": pages.restriction_bases().items(),
        "form": form,
        "today": timezone.localdate().isoformat(),
        "said": pages.said_of(then),
    }
    return render(request, "membership/bar_new.html", shown, status=422 if then else 200)


@guard(KEEP_TIES, look="student", fresh=True)
def apart(request: Request, student: UUID) -> HttpResponse:
    """Handles each form of the student's page. `act` names the act, and `of` names its object."""
    if request.method != "POST":  # a redirect back from confirming their identity
        return HttpResponseRedirect(f"{PLACE}/{student}")
    then = _done(request, student)
    if not then:
        raise Http404
    if then in (Answer.LONGER, Answer.PROPOSED, Answer.KEPT, Answer.CLOSED, Answer.JOINED, Answer.UNDONE):
        return HttpResponseRedirect(f"{PLACE}/{student}?then={then}")
    act = request.POST.get("act", "")
    return child_page(request, student, f"{act} {then}" if act in ("join", "part") and then != Answer.AGAIN else then, 422)  # these two have their own messages


def _done(request: Request, student: UUID) -> Answer:
    act, of, why, by = request.POST.get("act", ""), uuid_in(request.POST.get("of", "")), why_in(request), request.actor
    if act == "close":
        return close_to_parents(student, request.POST.get("basis", ""), said_in(request), by=by)
    if act == "open":
        return propose_opening(student, why, by=by)
    if of is None:
        return Answer.NOTHING
    if act == "longer":
        until, is_day = last_in(request)
        return bar_longer(student, of, until, by=by) if is_day else Answer.DAYS
    if act == "lift":
        return propose_lifting(student, of, why, by=by)
    if act == "keep":
        return keep_contact(student, of, by=by)
    if act == "join":
        whom = uuid_in(request.POST.get("whom", ""))
        return join_contact(student, of, whom, by=by) if whom else Answer.NAME
    if act == "part":
        return part_contact(student, of, by=by)
    return propose_contact_shown(student, of, why, by=by) if act == "show" else Answer.NOTHING
