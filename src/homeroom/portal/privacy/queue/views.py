"""The office's queue of requests to inspect and to correct records."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.leaving.queries import inspections_asked
from homeroom.portal.privacy.acts import SEE_REQUESTS
from homeroom.portal.privacy.corrections.queries import corrections_asked
from homeroom.portal.privacy.queue.pages import queue, told


@guard(SEE_REQUESTS)
@require_GET
def requests(request: Request) -> HttpResponse:
    shown = {"rows": queue(inspections_asked(), corrections_asked()), "said": told(request.GET.get("then", ""))}
    return render(request, "privacy/requests.html", shown)
