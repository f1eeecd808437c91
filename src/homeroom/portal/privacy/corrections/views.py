"""The page on which a family asks to correct a record, and the office's pages to answer."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.forms import day_in, uuid_in
from homeroom.portal.privacy.acts import ANSWER_CORRECTION, CORRECT
from homeroom.portal.privacy.corrections import pages
from homeroom.portal.privacy.corrections.actions import (
    Answered,
    Asked,
    add_statement,
    answer,
    ask,
    ask_for_hearing,
    finish,
    set_hearing,
    withdraw,
)
from homeroom.portal.privacy.corrections.queries import (
    Correctable,
    correctable,
    correction_case,
    own_corrections,
)
from homeroom.portal.wording import dates

OFFICE, QUEUE = "/office/corrections", "/office/requests"


def text_in(request: HttpRequest, field: str) -> str:
    """A browser counts a line break as one character and sends two. The text has one more than the database takes, so that a longer one is refused."""
    return request.POST.get(field, "").replace("\x00", "").replace("\r\n", "\n").strip()[:2_001]


@guard(CORRECT, look="student")
@require_http_methods(["GET", "HEAD", "POST"])
def corrections(request: Request, student: UUID) -> HttpResponse:
    if request.method != "POST":
        return _page(request, student, request.GET.get("kind", ""), request.GET.get("then", ""))
    kind, which = request.POST.get("kind", ""), uuid_in(request.POST.get("which", ""))
    if which:
        then = changed(request, which)
    else:
        then = ask(student, asked_in(request), by=request.actor)
    if not then:
        raise Http404
    if then in (Answer.ASKED, Answer.WITHDRAWN, Answer.KEPT):
        return HttpResponseRedirect(f"{request.path}?then={then.value}")
    return _page(request, student, kind, then, 409 if then in (Answer.TAKEN, Answer.OVER) else 422)


def changed(request: Request, which: UUID) -> Answer:
    """Does what the pressed button says with a request that is there already."""
    if "statement" in request.POST:
        return add_statement(which, text_in(request, "statement"), by=request.actor)
    act = ask_for_hearing if "hearing" in request.POST else withdraw
    return act(which, by=request.actor)


def correctable_of(student: UUID, kind: str) -> list[Correctable]:
    """Returns what a request of this kind can name. Parts of the record itself come together."""
    if kind not in pages.kinds():
        return []
    parts = pages.NAMES if kind == "name" else (kind,)
    return [each for each in correctable(student, "" if kind in ("name", *pages.ONE_VALUE) else kind) if each.about in parts]


def asked_in(request: HttpRequest) -> Asked:
    kind, chosen = request.POST.get("kind", ""), request.POST.get("chosen", "")
    about = chosen[:20] if kind == "name" else kind
    return Asked(about, uuid_in(chosen), text_in(request, "wanted"), text_in(request, "ground"), text_in(request, "why"))


def _page(request: Request, student: UUID, kind: str, then: Answer | str, status: int = 200) -> HttpResponse:
    child = next((each for each in request.actor.children if each.uuid == student), None)
    if child is None:
        raise Http404
    shown = {
        "child": child, "is_own": request.actor.side == "student", "said": pages.told_family(then),
        "rows": pages.own_requests(own_corrections(student), request.POST),
        "kind": kind if kind in pages.kinds() else "", "kinds": pages.kinds(), "choices": pages.choices_of(correctable_of(student, kind)),
        "is_one": kind in pages.ONE_VALUE, "grounds": pages.grounds(), "may": bool(correctable_of(student, "name")), "form": request.POST,
    }  # fmt: skip
    return render(request, "privacy/corrections.html", shown, status=status)


@guard(ANSWER_CORRECTION, look="which")
@require_GET
def case(request: Request, which: UUID) -> HttpResponse:
    return _case(request, which, "")


@guard(ANSWER_CORRECTION, look="which", fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def answered(request: Request, which: UUID) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return HttpResponseRedirect(f"{OFFICE}/{which}")
    verdict = request.POST.get("verdict", "")
    if verdict == "corrected":
        then = finish(which, by=request.actor)
    elif verdict == "hearing":
        then = set_hearing(which, day_in(request, "day")[0], text_in(request, "place"), by=request.actor)
    else:
        said = Answered(verdict, text_in(request, "value"), text_in(request, "said"), text_in(request, "teacher"))
        then = answer(which, said, by=request.actor)
    if not then:
        raise Http404
    if then in (Answer.AGREED, Answer.REFUSED, Answer.CORRECTED, Answer.SET):
        return HttpResponseRedirect(f"{QUEUE}?{urlencode({'then': then.value})}")
    return _case(request, which, then, 409 if then == Answer.TAKEN else 422)


def _case(request: Request, which: UUID, then: Answer | str, status: int = 200) -> HttpResponse:
    found = correction_case(which)
    if not found:
        raise Http404
    one = found[0]
    may_answer = one.state == "waiting" or (one.state == "hearing" and one.hearing_on is not None)
    shown = {
        "case": one, "facts": pages.case_facts(one), "said": pages.told_office(then), "form": request.POST or {"value": one.agreed or one.wanted},
        "has_letter": pages.has_letter(one), "needs_teacher": one.about in ("class grade", "score") and not one.heard, "is_heard": one.state == "hearing",
        "may_answer": may_answer, "may_agree": may_answer or (one.state == "agreed" and one.about != "other"), "due": dates.day(one.due),
    }  # fmt: skip
    return render(request, "privacy/correction_case.html", shown, status=status)
