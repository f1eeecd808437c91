"""The page "Who can see what", for administrators."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Request, guard
from homeroom.portal.audit.acts import SEE_POLICY
from homeroom.portal.audit.policy_pages import acts_listed, tables_listed
from homeroom.portal.audit.policy_queries import readings


@guard(SEE_POLICY)
@require_GET
def who_can_see_what(request: Request) -> HttpResponse:
    return render(request, "audit/who_can_see_what.html", {"acts": acts_listed(), "tables": tables_listed(readings())})
