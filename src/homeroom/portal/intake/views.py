"""Imports, for administrators: the files that came. One of them, its change set and its decision are in change_views."""

from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.access.policy import Act
from homeroom.portal.attendance.code_queries import unmapped_now
from homeroom.portal.intake.pages import files_page
from homeroom.portal.intake.pages_night import missed_night
from homeroom.portal.intake.queries import deliveries, expected, keys, recent
from homeroom.portal.intake.strip import strip

HIGHEST = 2**31 - 1  # of a delivery's number; a row's may be higher, and is cut to it


@guard(Act.SEE_IMPORTS)
@require_GET
def imports(request: Request) -> HttpResponse:
    before, now = number_in(request, "before"), timezone.localtime()
    page = files_page(deliveries(before), keys(now), as_of(request.actor), now, is_top=not before)
    above = {} if before else {"strip": strip(recent()), "missed": missed_night(expected(), as_of(request.actor), now, settings.PLACE.zone),
                               "unmapped": unmapped_now()}  # fmt: skip
    return render(request, "intake/imports.html", {"page": page, **above})


def as_of(actor: Actor) -> datetime | None:
    return timezone.localtime(actor.as_of) if actor.as_of else None


def number_in(request: Request, word: str) -> int | None:
    """A number of the address; anything else is left out."""
    text = request.GET.get(word, "")
    return min(int(text), HIGHEST) if text.isascii() and text.isdecimal() and len(text) < 20 else None
