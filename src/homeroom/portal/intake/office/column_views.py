"""Views of the columns in files, for administrators: the table, the preview of a change and the change."""

from collections.abc import Collection, Mapping

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Request, guard
from homeroom.portal.audit.setting_queries import changes_of
from homeroom.portal.intake.office.actions import ColumnChange, choose_columns
from homeroom.portal.intake.office.column_pages import CHOICES, Key, columns_page, preview_page
from homeroom.portal.intake.office.forms import columns_in
from homeroom.portal.intake.office.queries import columns_off
from homeroom.portal.membership.acts import CHANGE_SETTING, SEE_SETTINGS

PLACE = "/settings/columns"


@guard(SEE_SETTINGS)
@require_GET
def columns(request: Request) -> HttpResponse:
    return _table(request, columns_off(), then=request.GET.get("then", ""))


@guard(CHANGE_SETTING, fresh=True)
def preview(request: Request) -> HttpResponse:
    return _posted(request, is_kept=False)


@guard(CHANGE_SETTING, fresh=True)
def choice(request: Request) -> HttpResponse:
    return _posted(request, is_kept=True)


def _posted(request: Request, *, is_kept: bool) -> HttpResponse:
    if request.method != "POST":  # the person had to sign in first
        return HttpResponseRedirect(PLACE)
    off, chosen, shown = columns_off(), *columns_in(request.POST, CHOICES)
    changes = [ColumnChange(key, shown[key], now) for key, now in chosen.items() if now != shown[key]]
    if not changes:
        return _table(request, off, then="same", status=422)
    is_taken = any(change.was == (change.key in off) for change in changes)
    if is_taken or (is_kept and not choose_columns(changes, by=request.actor)):
        return _table(request, columns_off(), chosen, then="taken", status=409)
    if not is_kept:
        return render(request, "intake/columns_preview.html", {"page": preview_page(changes)})
    return HttpResponseRedirect(f"{PLACE}?then=kept")


def _table(request: Request, off: Collection[Key], chosen: Mapping[Key, bool] | None = None, *, then: str, status: int = 200) -> HttpResponse:
    page = columns_page(off, changes_of("columns"), chosen or {})
    return render(request, "intake/columns.html", {"page": page, "then": then}, status=status)
