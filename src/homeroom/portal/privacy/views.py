"""The page of everything that is kept about a student, for the family and for the student."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Request, guard
from homeroom.portal.home.download import as_file
from homeroom.portal.home.students import students_of
from homeroom.portal.privacy.acts import DOWNLOAD_EVERYTHING, READ_EVERYTHING
from homeroom.portal.privacy.download import zip_of
from homeroom.portal.privacy.kinds import not_shown
from homeroom.portal.privacy.pages import facts_of, sections_of
from homeroom.portal.privacy.queries import everything_about


@guard(READ_EVERYTHING, look="student")
@require_GET
def everything(request: Request, student: UUID) -> HttpResponse:
    """The right to inspect everything that is kept (34 CFR 99.10, Ed. Code 49069.7; 16 CFR 312.6)."""
    child = next((each for each in request.actor.children if each.uuid == student), None)
    if child is None:
        raise Http404
    found = sections_of(everything_about(student), child.shows)
    sections = [(section, facts_of(section)) for section in found]
    is_own = request.actor.side == "student"
    return render(request, "privacy/everything.html", {"child": child, "is_own": is_own, "sections": sections, "not_shown": not_shown()})


@guard(DOWNLOAD_EVERYTHING, look="student", fresh=True)
@require_GET
def download(request: Request, student: UUID) -> HttpResponse:
    """Needs a fresh sign-in, and is a security event, because a copy on a computer is in no access log."""
    found = students_of(request.actor, [student])
    if not found:
        raise Http404
    return as_file(zip_of(request.actor, found[0]), "application/zip", "everything.zip", found[0])
