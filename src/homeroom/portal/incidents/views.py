"""The incident office."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.access.policy import acts
from homeroom.portal.incidents import actions, forms, pages, queries, words
from homeroom.portal.incidents.acts import HANDLE_INCIDENT
from homeroom.portal.incidents.recorded import account_said, counts_that_count, question_said
from homeroom.portal.membership.forms import uuid_in, words_in
from homeroom.portal.membership.words import moment

OFFICE = "/office/incidents"
DONE = (Answer.RECORDED, Answer.PROPOSED)
type Act = Callable[[Request, UUID], Answer]


@guard(HANDLE_INCIDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def incidents(request: Request) -> HttpResponse:
    """The list, and the form to declare one."""
    if "incidents" not in request.actor.duties:  # an administrator of one school, or a suspect
        raise Http404
    then: Answer | str = request.GET.get("then", "")
    which = uuid_in(request.POST.get("which", "")) or uuid4()
    if request.method == "POST":
        then = actions.declare(
            which, forms.text_in(request, "title"), forms.text_in(request, "said"), forms.moment_in(request, "start"), by=request.actor
        )
        if then in DONE:
            return HttpResponseRedirect(f"{OFFICE}/{which}?then={then.value}")
    shown = {"rows": pages.incident_rows(queries.incidents()), "said": pages.told(then), "form": request.POST, "which": which}
    return render(request, "incidents/incidents.html", shown, status=pages.status_of(then))


@guard(HANDLE_INCIDENT)
@require_GET
def incident(request: Request, incident: UUID) -> HttpResponse:
    found = facts_of(incident)
    page = pages.page_of(found, queries.letters_counted(incident), settings.PLACE.zone, timezone.now())
    return render(request, "incidents/incident.html", {"incident": incident, "page": page, "said": pages.told(request.GET.get("then", ""))})


@guard(HANDLE_INCIDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: Request, incident: UUID, what: str) -> HttpResponse:
    return _recorded(request, incident, what, RECORDS)


@guard(HANDLE_INCIDENT, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: Request, incident: UUID, decision: str) -> HttpResponse:
    """What a second administrator approves, or what takes something away from someone."""
    return _recorded(request, incident, decision, DECISIONS)


def _recorded(request: Request, which: UUID, what: str, forms_here: dict[str, Act]) -> HttpResponse:
    found = facts_of(which)
    if what not in forms_here:
        raise Http404
    then: Answer | str = ""
    if request.method == "POST" and not {"find", "sign_ins"} & request.POST.keys():
        then = forms_here[what](request, which)
        if not then:
            raise Http404
        if then in DONE:
            return HttpResponseRedirect(f"{OFFICE}/{which}?then={then.value}")
    looked_for = words_in(request) if request.method == "POST" else ""
    shown: dict[str, Any] = {
        "incident": which, "number": found[0].number, "what": what, "said": pages.told(then), "form": request.POST, "clocks": words.clock_names().items(),
        "rules": words.triggers().items(), "suspects": pages.suspects_of(found), "acts": [(str(act), act.words) for act in acts() if act.opens],
        "found": [(each.uuid, account_said(each.name, each.side)) for each in queries.accounts_found(words=looked_for, one=None)] if looked_for else [],
        **(_asked_of(request) if what == "count" else {}),
        "counts": [(fact.uuid, question_said(fact)) for fact in counts_that_count(found)], "has_looked": bool(looked_for),
        "chosen": request.POST.get("account", ""), "about": uuid_in(request.POST.get("about") or request.GET.get("about", "")),
        "ways": [(way, said) for way, said in words.ways().items() if way in WAYS_OF.get(what, ())],
    }  # fmt: skip
    return render(request, "incidents/record.html", shown, status=pages.status_of(then))


def _asked_of(request: Request) -> dict[str, Any]:
    """Returns what a count can be about: imports, causes, and the sign-ins of the chosen account."""
    account = uuid_in(request.POST.get("account", ""))
    named = queries.accounts_found(words="", one=account) if account else []
    return {
        "account_name": account_said(named[0].name, named[0].side) if named else "",
        "imports": [(each.number, moment(each.at)) for each in queries.imports()], "causes": words.causes().items(), "of_sign_in": words.of_sign_in().items(),
        "has_asked": "sign_ins" in request.POST,
        "sign_ins": [(each.number, pages.sign_in_said(each)) for each in queries.sign_ins(of_account=account)] if account else [],
    }  # fmt: skip


def facts_of(which: UUID) -> list[queries.Fact]:
    """Raises Http404 for everyone who doesn't handle incidents, and if there is no such incident."""
    found = queries.facts(which)
    if not found:
        raise Http404
    return found


def _note(request: Request, which: UUID) -> Answer:
    return actions.note(which, "note", "", forms.text_in(request, "said"), by=request.actor)


def _stage(request: Request, which: UUID) -> Answer:
    return actions.note(which, "stage", request.POST.get("stage", "")[:20], forms.text_in(request, "said"), by=request.actor)


def _triggers(request: Request, which: UUID) -> Answer:
    return actions.note(which, "triggers", forms.triggers_in(request), forms.text_in(request, "said"), by=request.actor)


def _done(request: Request, which: UUID) -> Answer:
    chosen = request.POST.get("clock", "")
    moment = forms.moment_in(request, "moment")
    if chosen not in words.clock_names() or moment is None:
        return Answer.ODD
    return actions.note(which, "done", chosen, forms.text_in(request, "said"), moment, by=request.actor)


def _count(request: Request, which: UUID) -> Answer:
    return actions.count(which, forms.question_in(request, timezone.now()), by=request.actor)


def _set_aside(request: Request, which: UUID) -> Answer:
    return actions.set_aside(which, uuid_in(request.POST.get("counted", "")), forms.text_in(request, "why"), by=request.actor)


def _earlier(request: Request, which: UUID) -> Answer:
    return actions.start_earlier(which, forms.moment_in(request, "start"), forms.text_in(request, "why"), by=request.actor)


def _hold_ended(request: Request, which: UUID) -> Answer:
    return actions.end_hold(which, forms.text_in(request, "said"), by=request.actor)


def _later(request: Request, which: UUID) -> Answer:
    return actions.propose_later_start(which, forms.moment_in(request, "start"), forms.text_in(request, "why"), by=request.actor)


def _hold(request: Request, which: UUID) -> Answer:
    return actions.hold(which, forms.text_in(request, "said"), forms.moment_in(request, "ends"), by=request.actor)


def _suspect(request: Request, which: UUID) -> Answer:
    account = uuid_in(request.POST.get("account", ""))
    return actions.name_suspect(which, account, forms.text_in(request, "why"), is_cleared="clear" in request.POST, by=request.actor)


def _review(request: Request, which: UUID) -> Answer:
    return actions.review(which, forms.text_in(request, "said"), by=request.actor)


def _release(request: Request, which: UUID) -> Answer:
    return actions.propose_letters(which, "first notice", forms.text_in(request, "why"), by=request.actor)


def _release_second(request: Request, which: UUID) -> Answer:
    return actions.propose_letters(which, "second notice", forms.text_in(request, "why"), by=request.actor)


def _about(request: Request) -> UUID | None:
    """Returns the letter or the batch that the form is about."""
    return uuid_in(request.POST.get("about", ""))


def _notifier(request: Request, which: UUID) -> Answer:
    return actions.choose_notifier(which, forms.text_in(request, "why"), by_district=request.POST.get("by") == "district", by=request.actor)


def _mailed(request: Request, which: UUID) -> Answer:
    return actions.batch_mailed(which, _about(request), forms.moment_in(request, "moment"), forms.text_in(request, "said"), by=request.actor)


def _given(request: Request, which: UUID) -> Answer:
    return actions.letter_given(which, _about(request), forms.moment_in(request, "moment"), forms.text_in(request, "said"), by=request.actor)


def _came_back(request: Request, which: UUID) -> Answer:
    return actions.letter_came_back(which, _about(request), forms.text_in(request, "said"), by=request.actor)


def _print(request: Request, which: UUID) -> Answer:
    return actions.print_batch(which, request.POST.get("way", "")[:20], by=request.actor)


def _letter(request: Request, which: UUID) -> Answer:
    return actions.propose_letter_way(which, _about(request), request.POST.get("way", "")[:20], forms.text_in(request, "why"), by=request.actor)


WAYS_OF = {"print": ("paper", "hand", "district"), "letter": ("portal", "paper", "hand", "none")}
RECORDS: dict[str, Act] = {
    "note": _note, "stage": _stage, "rules": _triggers, "done": _done, "count": _count, "set-aside": _set_aside, "earlier": _earlier,
    "hold-ended": _hold_ended, "review": _review, "notifier": _notifier, "mailed": _mailed, "given": _given, "came-back": _came_back,
}  # fmt: skip
DECISIONS: dict[str, Act] = {
    "later": _later, "hold": _hold, "suspect": _suspect, "release": _release, "release-second": _release_second, "print": _print, "letter": _letter,
}  # fmt: skip
