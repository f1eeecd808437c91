"""Views of imports, for administrators: the list of files, and a file sent from the browser. Views of one file are in change_views."""

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
from homeroom.portal.intake.acts import SEE_IMPORTS, SEND_FILE
from homeroom.portal.intake.office.actions import begin_upload
from homeroom.portal.intake.office.file_on_hold import on_hold
from homeroom.portal.intake.office.file_strip import strip
from homeroom.portal.intake.office.forms import wrong_with_file
from homeroom.portal.intake.office.missed_night import missed_night, next_due
from homeroom.portal.intake.office.pages import files_page
from homeroom.portal.intake.office.queries import deliveries, expected, keys, number_of, recent, signed_receipt

HIGHEST = 2**31 - 1  # highest number of a delivery. Higher numbers of rows are cut to it


@guard(SEE_IMPORTS)
@require_GET
def imports(request: Request) -> HttpResponse:
    return imports_answer(request)


@guard(SEND_FILE, fresh=True, is_kept=False)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: Request) -> HttpResponse:
    """Tells the front whether this visitor may send a file. Only the front asks (processes/uploads.py). If the file is refused, a second
    request gets the page that says what is wrong. The file itself goes to the inbox."""
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
    """Leads a browser whose file is in the inbox to the file's page, or to a page that waits for it. `digest` is its SHA-256 in hex."""
    number, again = number_of(digest), "?again=1" if "again" in request.GET else ""
    if number is not None:
        return HttpResponseRedirect(f"/imports/{number}{again}")
    return render(request, "intake/waiting.html", {"again": again})


@guard(SEE_IMPORTS)
@require_GET
def receipt(_request: Request, delivery: int) -> HttpResponse:
    """Returns the last signed receipt of the file, which gpg can verify."""
    found = signed_receipt(min(delivery, HIGHEST))
    if found is None:
        raise Http404
    name = f"{found.digest[:12]}.json.asc"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": "text/plain; charset=utf-8"}
    return HttpResponse(found.text, headers=headers)


def imports_answer(request: Request, wrong: str = "", status: int = 200) -> HttpResponse:
    """`wrong` says what to do about a file that was not accepted."""
    before, now, zone = number_in(request, "before"), timezone.localtime(), settings.PLACE.zone
    found = deliveries(before)
    if before:
        above, due = {}, None
    else:
        nightly = expected()
        due = next_due(nightly, now, zone)
        codes = set_now()
        above = {
            "on_hold": on_hold(found),
            "strip": strip(recent()),
            "missed": missed_night(nightly, as_of(request.actor), now, zone),
            "codes": open_page(open_codes(codes), codes),
        }
    page = files_page(found, keys(), as_of(request.actor), now, is_top=not before, due=due)
    return render(request, "intake/imports.html", {"page": page, "is_top": not before, "wrong": wrong, **above}, status=status)


def as_of(actor: Actor) -> datetime | None:
    return timezone.localtime(actor.as_of) if actor.as_of else None


def number_in(request: HttpRequest, word: str) -> int | None:
    """Returns a number from the address. None means that there is no valid number."""
    text = request.GET.get(word, "")
    return min(int(text), HIGHEST) if text.isascii() and text.isdecimal() and len(text) < 20 else None
