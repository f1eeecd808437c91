"""A tutor's own page, a child's page of tutors with a family's consents, and the office's page."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.membership.acts import ANSWER_TUTOR, CONSENT, SEE_TUTOR_OFFICE, SEE_TUTORS, TUTOR
from homeroom.portal.membership.forms import number_in
from homeroom.portal.membership.tutors import actions, pages, queries
from homeroom.portal.membership.two_people.administrator_queries import schools
from homeroom.portal.wording.claims import FIELDS, MOST_PURPOSE, child_in, day_in, line

TUTORING, OFFICE = "/tutoring", "/office/tutors"
ASKED = (*FIELDS[:4], "purpose", "last_day")


@guard(TUTOR)
@require_http_methods(["GET", "HEAD", "POST"])
def tutoring(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _tutoring(request, request.GET.get("then", ""), {})
    typed, wrong = request.POST, dict[str, str]()
    child = child_in(typed, [UUID(school) for school, _name in schools()], timezone.localdate(), wrong)
    purpose, last_day = line(typed.get("purpose", ""), MOST_PURPOSE), day_in(typed.get("last_day", ""))
    kinds = typed.getlist("kind")[:9]
    if not 0 < len(purpose) <= MOST_PURPOSE:
        wrong["purpose"] = _("Write the purpose in 500 characters or fewer.")
    if last_day is None:
        wrong["last_day"] = _("Type the last day, as month, day and year.")
    if not kinds:
        wrong["kinds"] = _("Check what you need to see.")
    if child is None or last_day is None or wrong:
        return _tutoring(request, "", wrong)
    then = actions.ask_for_student(child, kinds, purpose, last_day, by=request.actor)
    if not then:
        raise Http404
    return HttpResponseRedirect(f"{TUTORING}?then=asked") if then == Answer.ASKED else _tutoring(request, then, {}, 422)


def _tutoring(request: Request, then: Answer | str, wrong: dict[str, str], status: int = 200) -> HttpResponse:
    mine, students = queries.my_application(), queries.my_students()
    if mine is None and not students:
        raise Http404
    kinds, end = queries.what_tutors_may()
    shown = {
        "application": pages.application_said(mine),
        "may_ask": mine is not None and mine.state == "approved" and bool(kinds) and end is not None,
        "students": pages.students_of(students),
        "asked": pages.asked_of(queries.my_tutor_requests()),
        "kinds": pages.choices(kinds),
        "chosen": request.POST.getlist("kind"),
        "term": end,
        "typed": {field: request.POST.get(field, "") for field in ASKED},
        "schools": schools(),
        "wrong": wrong,
        "said": pages.told_tutor(then),
    }
    return render(request, "membership/tutoring.html", shown, status=422 if wrong else status)


@guard(TUTOR)
def tutor_request_withdrawn(request: Request, wanted: UUID) -> HttpResponse:
    if wanted not in [each.uuid for each in queries.my_tutor_requests()]:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(TUTORING)
    if not actions.withdraw(wanted, by=request.actor):
        raise Http404
    return HttpResponseRedirect(f"{TUTORING}?then=withdrawn")


@guard(SEE_TUTORS)
@require_GET
def child_tutors(request: Request, student: UUID) -> HttpResponse:
    return _child_tutors(request, student, request.GET.get("then", ""))


def _child_tutors(request: Request, student: UUID, then: Answer | str, status: int = 200) -> HttpResponse:
    child = next((each for each in request.actor.children if each.uuid == student), None)
    if child is None or not queries.has_say(student):
        raise Http404
    shown = {
        "child": child,
        "is_own": request.actor.side == "student",
        "asks": pages.asks_of(queries.wanted(student)),
        "tutors": pages.tutors_of(student, queries.tutors(student)),
        "takes_tutors": bool(queries.what_tutors_may()[0]),
        "chosen": request.POST.getlist("kind"),
        "form": request.POST,
        "said": pages.told_family(then),
    }
    return render(request, "membership/child_tutors.html", shown, status=status)


@guard(CONSENT, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def tutor_answered(request: Request, student: UUID, wanted: UUID) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return _child_tutors(request, student, "")
    form = request.POST
    if form.get("verdict") == "declined":
        then = actions.decline(student, wanted, by=request.actor)
    else:
        then = actions.consent(student, wanted, form.getlist("kind")[:9], line(form.get("signature", ""), 200), by=request.actor)
    if not then:
        raise Http404
    if then in (Answer.GIVEN, Answer.DECLINED):
        return HttpResponseRedirect(f"/children/{student}/tutors?then={then}")
    return _child_tutors(request, student, then, 409 if then == Answer.TAKEN else 422)


@guard(SEE_TUTORS)
@require_http_methods(["GET", "HEAD", "POST"])
def tutor_ended(request: Request, student: UUID, tutoring: UUID) -> HttpResponse:
    if request.method != "POST":
        return _child_tutors(request, student, "")
    then = actions.end(student, tutoring, by=request.actor)
    if not then:
        raise Http404
    return HttpResponseRedirect(f"/children/{student}/tutors?then={then}")


def asked_for_ties(request: HttpRequest) -> Asked | None:
    return (None, "", number_in(request, "after")) if request.method != "POST" else None


@guard(SEE_TUTOR_OFFICE, list=asked_for_ties)
@require_GET
def tutor_office(request: Request) -> HttpResponse:
    return _office(request, request.GET.get("then", ""))


def _office(request: Request, then: Answer | str, status: int = 200) -> HttpResponse:
    """Shows tutors' access only on the list's own page, because its view names their students."""
    applied, ties = pages.applied_of(queries.applications()), queries.tutor_ties()
    last = max(ties, key=lambda each: each.number, default=None)
    shown = {
        "district": pages.district_says(queries.what_tutors_may()[0]),
        "waiting": [row for row, state in applied if state == "waiting"],
        "approved": [row for row, state in applied if state == "approved"],
        "closed": [row for row, state in applied if state in ("declined", "ended")],
        "ties": pages.ties_of(ties),
        "more": last.number if last and last.has_more else None,
        "evidences": pages.ways_seen(),
        "said": pages.told_office(then),
    }
    return render(request, "membership/tutor_office.html", shown, status=status)


@guard(ANSWER_TUTOR, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def application_answered(request: Request, applied: UUID) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return _office(request, "")
    then = actions.answer(applied, request.POST.get("verdict", ""), request.POST.get("evidence", ""), by=request.actor)
    return _after(request, then)


@guard(ANSWER_TUTOR, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def tie_ended_by_office(request: Request, tutoring: UUID) -> HttpResponse:
    if request.method != "POST":
        return _office(request, "")
    return _after(request, actions.end_by_office(tutoring, by=request.actor))


def _after(request: Request, then: Answer | str) -> HttpResponse:
    if not then:
        raise Http404
    if then in (Answer.APPROVED, Answer.DECLINED, Answer.ENDED):
        return HttpResponseRedirect(f"{OFFICE}?then={then}")
    return _office(request, then, 409 if then == Answer.TAKEN else 422)
