"""The first page of each kind of person, a child's page, and the language switch."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.acts import SEE_HOME
from homeroom.portal.access.cookies import keep_language
from homeroom.portal.access.guard import Asked, Request, guard, unguarded
from homeroom.portal.access.policy import may
from homeroom.portal.attendance.acts import READ_ABSENCES
from homeroom.portal.home.acts import DOWNLOAD, FIND_STUDENTS, READ_CHILD
from homeroom.portal.home.child import attendance_page, child_page
from homeroom.portal.home.download import as_file, table_of
from homeroom.portal.home.earlier import earlier_page
from homeroom.portal.home.family import family_page
from homeroom.portal.home.school import MOST, found_in_school
from homeroom.portal.home.settings_page import settings_listed
from homeroom.portal.home.students import students_of
from homeroom.portal.membership.acts import SEE_SETTINGS
from homeroom.portal.membership.challenges.queries import my_checks
from homeroom.portal.membership.codes.queries import words_of
from homeroom.portal.membership.eighteen.pages import family_lines
from homeroom.portal.membership.eighteen.queries import my_children_at_18, my_majority
from homeroom.portal.membership.forms import words_in
from homeroom.portal.membership.leaving.queries import my_inspectable
from homeroom.portal.membership.requests.queries import my_requests
from homeroom.portal.membership.tutors.pages import application_said
from homeroom.portal.membership.tutors.pages import students_of as students_of_tutor
from homeroom.portal.membership.tutors.queries import my_application, my_students
from homeroom.portal.news.pages import Item, item
from homeroom.portal.news.queries import NEWEST, news


@guard(SEE_HOME, look="")
@require_GET
def home(request: Request) -> HttpResponse:
    """A family with several children sees all of them. For a family with one child, and for a student, the child's page is home."""
    actor = request.actor
    if actor.side == "staff":
        return HttpResponseRedirect(first_of_staff(actor))
    if actor.side == "student" and not actor.children:
        former = [each for each in my_inspectable() if each.left_on]
        return render(request, "home/asked_account.html", {"asked": my_requests(), "items": newest(), "former": former})
    tutors = as_tutor(actor)
    if len(actor.children) == 1 and not tutors["students"]:
        return shown(request, actor.children[0].uuid, at_18(actor), is_home=True)
    page = family_page(actor)
    asked, checks = ([], []) if page.cards else (my_requests(), my_checks())
    things = {card.student.uuid: card.things for card in page.cards}
    own = {"asked": asked, "is_waiting": any(each.is_waiting for each in asked), "checks": checks}
    shown_too = at_18(actor) | own | {"items": page.items, "things": things} | tutors
    return render(request, "home/family.html", {"page": page} | shown_too)


def newest() -> list[Item]:
    return [item(each) for each in news(NEWEST)]


def as_tutor(actor: Actor) -> dict[str, object]:
    """Returns my students and my application's state. It asks only if no access shows an access log, as no tutor's does. A parent's home asks no more."""
    if not may_be_tutor(actor):
        return {"students": (), "application": None}
    mine = my_application()
    return {"students": students_of_tutor(my_students()), "application": mine and application_said(mine), "is_tutor": mine is not None}


def may_be_tutor(actor: Actor) -> bool:
    return actor.side == "family" and not any(child.shows("ledger") for child in actor.children)


def is_tutor(actor: Actor) -> bool:
    return may_be_tutor(actor) and my_application() is not None


def at_18(actor: Actor) -> dict[str, Any]:
    """Returns what home says about the rights transfer at 18: to a family about its children, to a student a link to a page of their own."""
    if actor.side == "student":
        return {"majority": my_majority()}
    found = my_children_at_18()
    return {"at_18": family_lines([each for each in found if not each.words]), "shut": [each for each in found if each.words]}


def first_of_staff(actor: Actor) -> str:
    if "board second" in actor.duties:
        return "/office/two-people"
    if actor.is_administrator:
        return "/office/restoration" if actor.restored and not actor.restored.is_confirmed else "/imports"
    if "registrar" in actor.duties:
        return "/office/approvals"
    if may(FIND_STUDENTS, actor.kinds):
        return "/students"
    return "/absences" if may(READ_ABSENCES, actor.kinds) else "/classes"


@guard(READ_CHILD, look="student")
@require_GET
def child(request: Request, student: UUID) -> HttpResponse:
    return shown(request, student)


def shown(request: Request, student: UUID, too: Mapping[str, Any] | None = None, *, is_home: bool = False) -> HttpResponse:
    page = child_page(request.actor, student, request.GET.get("all", ""), is_home=is_home)
    if page is None:
        raise Http404
    shows = {"page": page, "items": page.items, "things": {student: page.things}, "is_tutor": is_tutor(request.actor)}
    return render(request, "home/child.html", shows | dict(too or {}))


@guard(READ_CHILD, look="student")
@require_GET
def every_day(request: Request, student: UUID) -> HttpResponse:
    found = students_of(request.actor, [student])
    if not found or "attendance" not in found[0].kinds:
        raise Http404
    return render(request, "home/every_day.html", {"page": attendance_page(request.actor, found[0])})


@guard(READ_CHILD, look="student")
@require_GET
def earlier(request: Request, student: UUID) -> HttpResponse:
    found = students_of(request.actor, [student])
    if not found or not found[0].kinds & {"grades", "attendance"}:
        raise Http404
    page = earlier_page(request.actor, found[0], request.GET.get("year", ""), request.GET.get("all", ""))
    return render(request, "home/earlier.html", {"page": page})


@guard(DOWNLOAD, look="student", fresh=True)
@require_GET
def download(request: Request, student: UUID) -> HttpResponse:
    """Needs a fresh sign-in, and is a security event. Staff get no file: a copy on a computer is in no access log."""
    found = students_of(request.actor, [student])
    if request.actor.side == "staff" or not found or not found[0].kinds & {"grades", "attendance"}:
        raise Http404
    return as_file(table_of(request.actor, found[0]), "text/csv; charset=utf-8", "grades-and-attendance.csv", found[0])


def students_asked_for(request: HttpRequest) -> Asked | None:
    """Without a form, the page lists those that this person opened lately. A name that is too short lists no one."""
    words = words_in(request)
    return None if request.method == "POST" and not words_of(words) else (None, words, None)


@guard(FIND_STUDENTS, list=students_asked_for)
def students(request: Request) -> HttpResponse:
    """Searches names with a POST form, because a name in an address would stay in the browser's history."""
    words = words_in(request)
    shown = {"words": words, "found": found_in_school(), "most": MOST, "is_asked": request.method == "POST", "is_short": not words_of(words)}
    return render(request, "home/students.html", shown)


@guard(SEE_SETTINGS)
@require_GET
def settings_page(request: Request) -> HttpResponse:
    return render(request, "home/settings.html", {"settings": settings_listed()})


@unguarded("anyone who visits may have the program's source code, and the page reads nothing")
@require_GET
def source(request: HttpRequest) -> HttpResponse:
    """AGPL-3.0, section 13. The front serves the file itself (processes/source.py)."""
    return render(request, "home/source.html", {"version": version("homeroom")})


@unguarded("says nothing about anybody: it sets a cookie with the language and goes back")
@require_GET
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Uses GET and a link, so that it works without a form and on the sign-in page of the other process."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    back = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    answer = HttpResponseRedirect(back)
    keep_language(answer, code)
    return answer
