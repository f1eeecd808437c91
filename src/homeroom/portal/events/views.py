"""The page of security events, for administrators."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from homeroom.portal.access.answers import too_many
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.events.acts import SEE_EVENTS
from homeroom.portal.events.pages import chosen_of, lines_of, older
from homeroom.portal.events.queries import counted
from homeroom.portal.events.queries import events as found_events
from homeroom.portal.events.words import KINDS, RESULTS


@guard(SEE_EVENTS)
@require_GET
def events(request: Request) -> HttpResponse:
    chosen = chosen_of(request.GET, timezone.localdate())
    found = found_events(chosen.conditions())
    if (limit := counted(found)) < 0:
        return too_many(request, limit)
    found = found_events(chosen.conditions())  # with the names of those who are counted now
    shown = {
        "lines": lines_of(found, chosen),
        "older": older(found, chosen),
        "chosen": chosen,
        "is_narrow": chosen.account is not None or chosen.address is not None,
        "all_people": chosen.path(account="", address=""),
        "kinds": KINDS.items(),
        "results": RESULTS.items(),
        "district": settings.PLACE.name,
    }
    return render(request, "events/events.html", shown)
