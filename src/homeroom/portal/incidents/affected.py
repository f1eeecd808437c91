"""The list of names that an incident affects, for the duty "data release". Each page of it is a view in the students' access logs."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.incidents import queries, words
from homeroom.portal.incidents.acts import LIST_AFFECTED, LIST_INCIDENTS
from homeroom.portal.membership.forms import number_in


def asked_for(request: HttpRequest) -> Asked:
    """Returns the incident in the address, and where the page continues."""
    match = request.resolver_match
    return match.kwargs["incident"] if match else None, "", number_in(request, "after")


@guard(LIST_INCIDENTS)
@require_GET
def to_list(request: Request) -> HttpResponse:
    """Incidents with a count."""
    return render(request, "incidents/to_list.html", {"incidents": queries.to_list()})


@guard(LIST_AFFECTED, list=asked_for, fresh=True)
@require_GET
def people(request: Request, incident: UUID) -> HttpResponse:
    number = next((each.number for each in queries.to_list() if each.uuid == incident), None)
    if number is None:
        raise Http404
    found = queries.affected(incident)
    names = words.data_names()
    rows = [(each.name, each.school, ", ".join(said for kind, said in names.items() if kind in each.kinds)) for each in found]
    more = found[-1].place if found and found[-1].has_more else None
    return render(request, "incidents/affected.html", {"incident": incident, "number": number, "rows": rows, "more": more})
