"""The pages where a family challenges and follows the challenge, and where a challenged adult sees the check and answers the office."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.actor import Child
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.acts import CHALLENGE, SEE_CHECKS
from homeroom.portal.membership.challenges.actions import begin, write_about_check, write_about_mine
from homeroom.portal.membership.challenges.pages import (
    check_said,
    choices_of,
    fact_of_check,
    fact_of_mine,
    own_of,
    reasons,
    said_of,
    state_of,
    thread_of,
)
from homeroom.portal.membership.challenges.queries import (
    messages_of_check,
    messages_of_mine,
    my_challenges,
    my_checks,
    whom,
)
from homeroom.portal.membership.forms import said_in, uuid_in


@guard(CHALLENGE)
@require_http_methods(["GET", "HEAD", "POST"])
def challenge(request: Request, student: UUID) -> HttpResponse:
    child = next((each for each in request.actor.children if each.uuid == student), None)
    if child is None:
        raise Http404
    if request.method != "POST":
        return _challenge(request, child, request.GET.get("then", ""))
    chosen = uuid_in(request.POST.get("whom", ""))
    if chosen is None or request.POST.get("reason") not in reasons(""):
        return _challenge(request, child, "odd", 422)
    then = begin(student, chosen, request.POST["reason"], said_in(request), by=request.actor)
    if not then:
        raise Http404
    return HttpResponseRedirect(f"/children/{student}/challenge?then=sent") if then == Answer.SENT else _challenge(request, child, then, 422)


def _challenge(request: Request, child: Child, then: Answer | str, status: int = 200) -> HttpResponse:
    is_own = request.actor.side == "student"
    choices = choices_of(whom(child.uuid))
    shown = {
        "child": child,
        "is_own": is_own,
        "choices": choices,
        "may_choose": any(choice.is_open for choice in choices),
        "sent": own_of([each for each in my_challenges() if each.child == child.uuid]),
        "reasons": reasons("" if is_own else child.first_name).items(),
        "form": request.POST,
        "said": said_of(then),
    }
    return render(request, "membership/challenge.html", shown, status=status)


@guard(CHALLENGE)
@require_http_methods(["GET", "HEAD", "POST"])
def my_challenge(request: Request, challenge: UUID) -> HttpResponse:
    mine = next((each for each in my_challenges() if each.uuid == challenge), None)
    if mine is None:
        raise Http404
    then: Answer | str = request.GET.get("then", "")
    if request.method == "POST":
        then = write_about_mine(challenge, said_in(request), by=request.actor)
        if then == Answer.SENT:
            return HttpResponseRedirect(f"/challenges/{challenge}?then=written")
    shown = {
        "mine": mine,
        "state": state_of(mine),
        "fact": fact_of_mine(mine),
        "reason": reasons("" if request.actor.side == "student" else mine.child_name)[mine.reason],
        "thread": thread_of(messages_of_mine(challenge)),
        "form": request.POST,
        "said": said_of("empty" if then == Answer.ODD else then),
    }
    return render(request, "membership/my_challenge.html", shown, status=422 if request.method == "POST" else 200)


@guard(SEE_CHECKS)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: Request, tie: UUID) -> HttpResponse:
    found = next((each for each in my_checks() if each.uuid == tie), None)
    if found is None:
        raise Http404
    then: Answer | str = request.GET.get("then", "")
    if request.method == "POST":
        then = write_about_check(tie, said_in(request), by=request.actor)
        if then == Answer.SENT:
            return HttpResponseRedirect(f"/checks/{tie}?then=written")
    shown = {
        "check": found,
        "state": check_said(found),
        "fact": fact_of_check(found),
        "thread": thread_of(messages_of_check(tie)),
        "form": request.POST,
        "said": said_of("empty" if then == Answer.ODD else then),
    }
    return render(request, "membership/check.html", shown, status=422 if request.method == "POST" else 200)
