"""Imports, for administrators: the files that came, and one sent by the browser. A file, its change set and its decision are in change_views."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.attendance.code_pages import open_page
from homeroom.portal.attendance.code_queries import open_codes, set_now
from homeroom.portal.intake.actions import begin_upload
from homeroom.portal.intake.acts import SEE_IMPORTS, SEND_FILE
from homeroom.portal.intake.forms import wrong_with_file
from homeroom.portal.intake.pages import files_page
from homeroom.portal.intake.pages_night import missed_night, next_due
from homeroom.portal.intake.queries import deliveries, expected, keys, number_of, recent, signed_receipt
from homeroom.portal.intake.strip import strip

HIGHEST = 2**31 - 1  # of a delivery's number; a row's may be higher, and is cut to it


@guard(SEE_IMPORTS)
@require_GET
def imports(request: Request) -> HttpResponse:
    return imports_answer(request)


@guard(SEND_FILE, fresh=True, is_kept=False)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: Request) -> HttpResponse:
    """Asked by the front alone (processes/uploads.py): may this visitor send a file? And, afterwards, for the page that says what is
    wrong with it. The file itself goes to the inbox."""
    if request.method != "POST":
        wrong = request.GET.get("wrong", "")
        return imports_answer(request, wrong_with_file(wrong), 422) if wrong else HttpResponseRedirect("/imports#send")
    leave = begin_upload(by=request.actor)
    if leave is None:
        return imports_answer(request, wrong_with_file("too-many"), 429)
    return JsonResponse({"leave": leave, "person": request.actor.uuid}, status=202)


@guard(SEE_IMPORTS)
@require_GET
def sent_file(request: Request, digest: str) -> HttpResponse:
    """Where a browser is led once its file is in the inbox: to the file's page, or to wait for it. digest: SHA-256, hex."""
    number, again = number_of(digest), "?again=1" if "again" in request.GET else ""
    if number is not None:
        return HttpResponseRedirect(f"/imports/{number}{again}")
    return render(request, "intake/waiting.html", {"again": again})


@guard(SEE_IMPORTS)
@require_GET
def receipt(_request: Request, delivery: int) -> HttpResponse:
    """What the portal signed about the file last, to be verified with gpg."""
    found = signed_receipt(min(delivery, HIGHEST))
    if found is None:
        raise Http404
    name = f"{found.digest[:12]}.json.asc"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": "text/plain; charset=utf-8"}
    return HttpResponse(found.text, headers=headers)


def imports_answer(request: Request, wrong: str = "", status: int = 200) -> HttpResponse:
    """wrong: what to do about a file that was not taken."""
    before, now, zone = number_in(request, "before"), timezone.localtime(), settings.PLACE.zone
    if before:
        above, due = {}, None
    else:
        nightly = expected()
        due = next_due(nightly, now, zone)
        codes = set_now()
        above = {
            "strip": strip(recent()),
            "missed": missed_night(nightly, as_of(request.actor), now, zone),
            "codes": open_page(open_codes(codes), codes),
        }
    page = files_page(deliveries(before), keys(), as_of(request.actor), now, is_top=not before, due=due)
    return render(request, "intake/imports.html", {"page": page, "is_top": not before, "wrong": wrong, **above}, status=status)


def as_of(actor: Actor) -> datetime | None:
    return timezone.localtime(actor.as_of) if actor.as_of else None


def number_in(request: HttpRequest, word: str) -> int | None:
    """A number of the address; anything else is left out."""
    text = request.GET.get(word, "")
    return min(int(text), HIGHEST) if text.isascii() and text.isdecimal() and len(text) < 20 else None
