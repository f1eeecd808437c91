"""Pages where an administrator reads a student's whole access log, and proposes to hide a line from the family until a day."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.audit.acts import CHECK_LEDGER
from homeroom.portal.audit.lines import About
from homeroom.portal.audit.withheld_pages import bases, last_days, page_of, said_of
from homeroom.portal.audit.withheld_queries import names_of, office_rows, propose_withholding

MOST_DIGITS = 18  # of the highest number in the ledger


@guard(CHECK_LEDGER, look="student")
@require_GET
def lines(request: Request, student: UUID) -> HttpResponse:
    return _lines(request, student, request.GET.get("then", ""))


def _lines(request: Request, student: UUID, then: Answer | str, status: int = 200) -> HttpResponse:
    first, last = last_days(timezone.localdate())
    first_name, name = names_of(student)
    shown = {
        "name": name,
        "path": f"/office/ties/{student}",
        "page": page_of(office_rows(student, number_of(request.GET.get("before", ""))), About(first_name, settings.PLACE.name)),
        "bases": bases().items(),
        "first": first.isoformat(),
        "last": last.isoformat(),
        "form": request.POST,
        "said": said_of(then),
    }
    return render(request, "audit/office_lines.html", shown, status=status)


def number_of(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


@guard(CHECK_LEDGER, look="student", fresh=True)
def withheld(request: Request, student: UUID) -> HttpResponse:
    place = f"/office/ties/{student}/lines"
    if request.method != "POST":  # the person gave a new proof on the way
        return HttpResponseRedirect(place)
    entry, why = number_of(request.POST.get("entry", "")), request.POST.get("why", "").replace("\x00", "").strip()
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        return _lines(request, student, "days", 422)
    said = {"child": student, "entry": entry, "basis": request.POST.get("basis", "").replace("\x00", ""), "until": until, "why": why}
    then = propose_withholding(said) if entry is not None else Answer.NOTHING
    if not then:
        raise Http404
    return HttpResponseRedirect(f"{place}?then=proposed") if then == Answer.PROPOSED else _lines(request, student, then, 422)
