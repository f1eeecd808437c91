"""The pages of access settings: the list, the preview of a choice, and the choice."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.membership.acts import CHANGE_SETTING, SEE_SETTINGS
from homeroom.portal.membership.choices.actions import change_setting
from homeroom.portal.membership.choices.pages import preview_page, rows_of
from homeroom.portal.membership.choices.queries import NotInTime, access_settings, preview_of
from homeroom.portal.membership.choices.words import names, said_after

PLACE = "/settings/access"


@guard(SEE_SETTINGS)
@require_GET
def access_choices(request: Request) -> HttpResponse:
    return _list(request, request.GET.get("then", ""))


def _list(request: Request, then: Answer | str, status: int = 200) -> HttpResponse:
    return render(request, "membership/access_settings.html", {"rows": rows_of(access_settings()), "said": said_after(then)}, status=status)


@guard(CHANGE_SETTING, fresh=True)
def access_preview(request: Request) -> HttpResponse:
    if request.method != "POST":  # a redirect back from signing in
        return HttpResponseRedirect(PLACE)
    setting, becomes = request.POST.get("setting", ""), request.POST.get("becomes", "")
    row = next((each for each in rows_of(access_settings()) if each.setting == setting), None)
    if row is not None and not row.may_change:
        raise Http404
    if row is None or becomes not in [value for value, _words, _stands in row.choices]:
        return _list(request, "odd", 422)
    if becomes == row.choice:
        return _list(request, "same", 422)
    try:
        found = preview_of(setting, becomes)
    except NotInTime:
        return _list(request, "late", 503)
    if found is None:
        raise Http404
    return render(request, "membership/access_preview.html", {"page": preview_page(setting, becomes, found)})


@guard(CHANGE_SETTING, fresh=True)
def access_choice(request: Request) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(PLACE)
    setting = request.POST.get("setting", "")
    then = change_setting(setting, request.POST.get("was", ""), request.POST.get("becomes", ""), by=request.actor) if setting in names() else Answer.ODD
    if not then:
        raise Http404
    if then in (Answer.KEPT, Answer.PROPOSED):
        return HttpResponseRedirect(f"{PLACE}?then={then}")
    return _list(request, then, 409 if then in (Answer.TAKEN, Answer.BUSY) else 422)
