"""The page about who can see a child, and why, for the family and for the student."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Request, guard
from homeroom.portal.audit.acts import SEE_WHO
from homeroom.portal.audit.lines import About
from homeroom.portal.audit.who_can_see_pages import page_of
from homeroom.portal.audit.who_can_see_queries import seers


@guard(SEE_WHO, look="student")
@require_GET
def who_can_see(request: Request, student: UUID) -> HttpResponse:
    child = next((each for each in request.actor.children if each.uuid == student), None)
    if child is None:
        raise Http404
    about = About("" if request.actor.side == "student" else child.first_name, settings.PLACE.name)
    shown = {"page": page_of(seers(student), about, timezone.localdate()), "about": about, "child": child, "now": timezone.now()}
    return render(request, "audit/who_can_see.html", shown)
