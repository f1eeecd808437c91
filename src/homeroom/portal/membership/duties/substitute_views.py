"""The pages of a substitute: their classes, and the names of one class on the named days."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.acts import READ_CLASS_NAMES, SEE_CLASSES
from homeroom.portal.membership.duties.queries import my_classes, names_in_class


@guard(SEE_CLASSES)
@require_GET
def my_substitutions(request: Request) -> HttpResponse:
    return render(request, "membership/substitute.html", {"classes": my_classes()})


@guard(READ_CLASS_NAMES, look="substituted")
@require_GET
def class_names(request: Request, substituted: UUID) -> HttpResponse:
    found = next((each for each in my_classes() if each.section == substituted and each.is_open), None)
    if found is None:
        raise Http404
    return render(request, "membership/class_names.html", {"class": found, "names": names_in_class()})
