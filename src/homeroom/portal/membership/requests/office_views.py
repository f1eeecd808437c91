"""The office's queue of requests to see a child: each next to the record, and exact ones approved together."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from homeroom.portal.access.acting import Answer, Reply
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.acts import APPROVE_EXACT, COMPARE_REQUEST, SEE_APPROVALS
from homeroom.portal.membership.forms import number_in, school_in, ticked_in, uuid_in
from homeroom.portal.membership.requests.actions import answer, approve_exact
from homeroom.portal.membership.requests.office_pages import (
    WHICH,
    Queue,
    asks_of,
    beside,
    matches_of,
    query_of,
    queue_page,
    said_of,
)
from homeroom.portal.membership.requests.queries import Wanted, claimed, counted, queue, records_beside
from homeroom.portal.membership.two_people.administrator_queries import schools
from homeroom.portal.membership.words import evidences, kinds

PLACE = "/office/approvals"
GIVEN_OF_STUDENT = ("photo id", "known", "called back")
GIVEN = ("photo id", "known", "called back", "affidavit", "code")  # values that a form may send. Only the database sets "record"


@guard(SEE_APPROVALS)
@require_GET
def approvals(request: Request) -> HttpResponse:
    may_answer = bool({"administrator", "registrar"} & request.actor.kinds)
    page = _queue(request, which_in(request) if may_answer else "answered")
    done = number_in(request, "done")
    said = said_of(request.GET.get("then", ""))
    if done is not None:
        words = ngettext("%(n)s request was approved.", "%(n)s requests were approved.", done) % {"n": done}
        said = Reply(words, done > 0, f"done {done}")
    shown = {"page": page, "may_answer": may_answer, "schools": schools(), "said": said}
    return render(request, "membership/approvals.html", shown)


def which_in(request: Request) -> str:
    asked = (request.POST if request.method == "POST" else request.GET).get("which", "")
    return asked if asked in WHICH else WHICH[0]


def _queue(request: Request, which: str) -> Queue:
    wanted = Wanted(which, school_in(request), number_in(request, "after"))
    return queue_page(wanted, counted(wanted.school), queue(*wanted), timezone.localdate())


@guard(COMPARE_REQUEST, look="asked", may_open_nothing=True)
@require_GET
def approval(request: Request, asked: UUID) -> HttpResponse:
    return _approval(request, asked, request.GET.get("then", ""))


def _approval(request: Request, asked: UUID, then: Answer | str, status: int = 200) -> HttpResponse:
    claim = claimed(asked)
    if claim is None:
        raise Http404
    shown = {
        "claim": claim,
        "asks": asks_of(claim),
        "beside": beside(_queue(request, which_in(request)), asked),
        "path": f"{PLACE}/{asked}",
        "matches": matches_of(claim, records_beside(asked)),
        "evidences": {code: evidences()[code] for code in (GIVEN_OF_STUDENT if claim.is_self else GIVEN) if code != "code" or claim.letter_to}.items(),
        "kinds": kinds().items(),
        "said": said_of(then, claim),
        "form": request.POST,
        "chosen": request.POST.getlist("kind") if request.method == "POST" else list(kinds()),
    }
    return render(request, "membership/approval.html", shown, status=status)


@guard(COMPARE_REQUEST, look="asked", fresh=True, may_open_nothing=True)
def answered(request: Request, asked: UUID) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return _approval(request, asked, "")
    form = request.POST
    verdict, student = form.get("verdict", ""), uuid_in(form.get("student", ""))
    if verdict == "approved" and student is None:
        return _approval(request, asked, "chosen", 422)
    evidence, contact = form.get("evidence", ""), uuid_in(form.get(f"contact-{student}", "")) if verdict == "approved" else None
    then = answer(asked, verdict, student, evidence if evidence in GIVEN else "", form.getlist("kind")[:9], contact, by=request.actor)
    if then == Answer.NOTHING:
        raise Http404
    if then not in (Answer.APPROVED, Answer.DECLINED):
        return _approval(request, asked, then, 409 if then == Answer.TAKEN else 422)
    wanted = Wanted("check", school_in(request), None)
    following = queue(*wanted)
    return HttpResponseRedirect(f"{PLACE}/{following[0].uuid}{query_of(wanted, then)}" if following else f"{PLACE}{query_of(wanted, then)}")


@guard(APPROVE_EXACT, fresh=True)
def exact(request: Request) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(f"{PLACE}?which=exact")
    ticked = ticked_in(request, "asked")
    done = approve_exact(ticked, by=request.actor) if ticked else None
    return HttpResponseRedirect(f"{PLACE}?which=exact&then=none" if done is None else f"{PLACE}?which=exact&done={done}")
