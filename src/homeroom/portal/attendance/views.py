"""Pages for administrators about the meanings of attendance codes: the list, the preview of a change, the change."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Request, guard
from homeroom.portal.attendance.actions import set_codes
from homeroom.portal.attendance.code_pages import codes_page, differing, preview_page
from homeroom.portal.attendance.code_queries import codes_met, set_now, touched
from homeroom.portal.attendance.codes import listed
from homeroom.portal.attendance.forms import Wish, wish_in
from homeroom.portal.audit.setting_queries import changes_of
from homeroom.portal.membership.acts import CHANGE_SETTING, SEE_SETTINGS

PLACE = "/settings/attendance-codes"


@guard(SEE_SETTINGS)
@require_GET
def codes(request: Request) -> HttpResponse:
    return _form(request, Wish(), then=request.GET.get("then", ""))


@guard(CHANGE_SETTING, fresh=True)
def preview(request: Request) -> HttpResponse:
    if request.method != "POST":  # for someone who had to sign in first
        return HttpResponseRedirect(PLACE)
    found, now = codes_met(), set_now()
    wish = wish_in(request.POST.dict(), [met.code for met in listed(found.met, now)], now)
    if wish.taken:
        return _form(request, wish, then="taken", status=409)
    if not wish.changes:
        return _form(request, wish, then="same", status=422)
    differ = differing(found.met, now, wish)
    touches = touched([met for met, *_ in differ])
    return render(request, "attendance/codes_preview.html", {"page": preview_page(differ, touches, wish, number_in(request))})


@guard(CHANGE_SETTING, fresh=True)
def meanings(request: Request) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(PLACE)
    now = set_now()
    wish = wish_in(request.POST.dict(), [met.code for met in listed(codes_met().met, now)], now)
    if not wish.changes:
        return _form(request, wish, then="same", status=422)
    if wish.taken or not set_codes(wish.changes, by=request.actor):
        return _form(request, wish, then="taken", status=409)
    return HttpResponseRedirect(f"{PLACE}?then=kept&page={number_in(request)}")


def _form(request: Request, wish: Wish, *, then: str, status: int = 200) -> HttpResponse:
    page = codes_page(codes_met(), set_now(), changes_of("attendance codes"), number_in(request), wish, is_filled=then == "guesses")
    return render(request, "attendance/codes.html", {"page": page, "then": then}, status=status)


def number_in(request: Request) -> int:
    """Returns the number of the page, or 1 if it isn't a number."""
    text = request.POST.get("page") or request.GET.get("page", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
