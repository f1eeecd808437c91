"""Views of tolerances, for administrators: what the district accepts in its files beyond the standard."""

from collections.abc import Collection

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Request, guard
from homeroom.portal.audit.setting_queries import changes_of
from homeroom.portal.intake.office.actions import choose_tolerances
from homeroom.portal.intake.office.queries import tolerated
from homeroom.portal.intake.office.tolerance_pages import chosen_in, tolerance_page
from homeroom.portal.membership.acts import CHANGE_SETTING, SEE_SETTINGS

PLACE = "/settings/files"


@guard(SEE_SETTINGS)
@require_GET
def files(request: Request) -> HttpResponse:
    return _page(request, tolerated(), then=request.GET.get("then", ""))


@guard(CHANGE_SETTING, fresh=True)
def choice(request: Request) -> HttpResponse:
    if request.method != "POST":  # the person had to sign in first
        return HttpResponseRedirect(PLACE)
    was, becomes = chosen_in(request.POST)
    if was == becomes:
        return _page(request, tolerated(), then="same", status=422)
    if not choose_tolerances(was, becomes, by=request.actor):
        return _page(request, tolerated(), then="taken", status=409)
    return HttpResponseRedirect(f"{PLACE}?then=kept")


def _page(request: Request, now: Collection[str], *, then: str, status: int = 200) -> HttpResponse:
    page = tolerance_page(now, changes_of("tolerances"))
    return render(request, "intake/tolerances.html", {"page": page, "then": then}, status=status)
