"""The access log of one child, for the family and for the student."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from homeroom.portal.access.acts import SEE_HOME
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.audit.acts import READ_LEDGER
from homeroom.portal.audit.lines import About
from homeroom.portal.audit.page import LogFilter, ledger_page
from homeroom.portal.audit.queries import ledger_rows


@guard(READ_LEDGER, look="child")
@require_GET
def who_has_looked(request: Request, child: UUID) -> HttpResponse:
    actor, today = request.actor, timezone.localdate()
    found = next((own for own in actor.children if own.uuid == child), None)
    if found is None:
        raise Http404
    asked = LogFilter.of(request.GET)
    about = About("" if actor.side == "student" else found.first_name, settings.PLACE.name)
    rows = ledger_rows(child, asked.since(today), timezone.now())
    return render(
        request, "audit/who_has_looked.html", {"page": ledger_page(rows, about, asked, today), "child": found}
    )


@guard(SEE_HOME)
@require_GET
def whose(request: Request) -> HttpResponse:
    """Shows the page without a child. With one child it goes on to that child's page. With several the person chooses."""
    children = [child for child in request.actor.children if child.shows("ledger")]
    if len(children) == 1:
        return HttpResponseRedirect(f"/children/{children[0].uuid}/who-has-looked")
    return render(request, "audit/whose.html", {"children": children})
