"""The office's pages about challenges: the list, one case (a recorded view), messages to each of the two, and the decision."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.acts import CHECK_TIE, SEE_CHALLENGES
from homeroom.portal.membership.challenges.actions import decide, give_leave, write
from homeroom.portal.membership.challenges.office_pages import GIVEN, WHICH, case_of, lead_of, rows_of, said_of
from homeroom.portal.membership.challenges.queries import case, challenges, threads
from homeroom.portal.membership.forms import said_in, why_in
from homeroom.portal.membership.words import evidences

PLACE = "/office/challenges"
DONE = (Answer.ENDED, Answer.CLOSED, Answer.RESTORED, Answer.SET_ASIDE, Answer.PROPOSED, Answer.GIVEN)


@guard(SEE_CHALLENGES)
@require_GET
def challenge_list(request: Request) -> HttpResponse:
    asked = request.GET.get("which", "")
    which = asked if asked in WHICH else WHICH[0]
    waiting = challenges("open")
    found = waiting if which == "open" else challenges(which)
    shown = {"which": which, "lead": lead_of(waiting), "rows": rows_of(found), "waits": len(waiting), "said": said_of(request.GET.get("then", ""))}
    return render(request, "membership/challenges.html", shown)


@guard(CHECK_TIE, look="challenge")
@require_GET
def challenge_case(request: Request, challenge: UUID) -> HttpResponse:
    return _case(request, challenge, request.GET.get("then", ""))


def _case(request: Request, which: UUID, then: Answer | str, status: int = 200) -> HttpResponse:
    said = case(which)
    if said is None:
        raise Http404
    shown = {
        "path": f"{PLACE}/{which}",
        "case": case_of(said, threads(which)),
        "of": said,
        "evidences": [(code, evidences()[code]) for code in GIVEN],
        "form": request.POST,
        "said": said_of(then),
        "may_leave": said["outcome"] in ("restored", "set aside") and not said["leave_at"],
    }
    return render(request, "membership/challenge_case.html", shown, status=status)


@guard(CHECK_TIE, look="challenge", fresh=True)
def challenge_decided(request: Request, challenge: UUID) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return _case(request, challenge, "")
    act = request.POST.get("act", "")
    if not act:
        return _case(request, challenge, "act", 422)
    if act == "leave":
        then = give_leave(challenge, by=request.actor)
    else:
        then = decide(challenge, act, request.POST.get("evidence", ""), why_in(request), by=request.actor)
    if not then:
        raise Http404
    if then in DONE:
        return HttpResponseRedirect(f"{PLACE}/{challenge}?then={then.value.replace(' ', '+')}")
    return _case(request, challenge, then, 409 if then == Answer.TAKEN else 422)


@guard(CHECK_TIE, look="challenge")
def challenge_written(request: Request, challenge: UUID) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(f"{PLACE}/{challenge}")
    thread = request.POST.get("thread", "")
    then = write(challenge, thread, said_in(request), by=request.actor)
    if not then:
        raise Http404
    if then == Answer.SENT:
        return HttpResponseRedirect(f"{PLACE}/{challenge}?then={thread}")
    return _case(request, challenge, then, 422)
