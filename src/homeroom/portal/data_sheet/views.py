"""The public page about privacy and security, the office's page of the data sheet, and its PDF."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.guard import Request, guard, unguarded
from homeroom.portal.audit.acts import SEE_POLICY
from homeroom.portal.data_sheet.pages import sheet_page
from homeroom.portal.data_sheet.printing import LANGUAGE, printed_sheet
from homeroom.portal.data_sheet.proving import Unproven
from homeroom.portal.data_sheet.queries import choices_now
from homeroom.portal.data_sheet.sheet import DataSheet, data_sheet
from homeroom.portal.data_sheet.yearly import settings_in
from homeroom.portal.letters.press import Unprintable


@unguarded("anyone may read how the portal protects records, and the page reads settings only")
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Is the same for everyone. If a claim has no proof, it still says whom to tell of a security problem."""
    try:
        sheet = data_sheet(settings.PLACE, choices_now(), timezone.localdate(), is_public=True)
    except Unproven:
        contact, _review = settings_in(settings.PLACE.folder)
        return render(request, "data_sheet/unproven.html", {"contact": contact}, status=503)
    return render(request, "data_sheet/public.html", {"page": sheet_page(sheet)})


@guard(SEE_POLICY)
@require_GET
def office_sheet(request: Request) -> HttpResponse:
    try:
        page = sheet_page(_sheet())
    except Unproven:
        return render(request, "data_sheet/unproven.html", status=503)
    return render(request, "data_sheet/office.html", {"page": page})


@guard(SEE_POLICY)
@require_http_methods(["GET", "POST"])
def office_pdf(request: Request) -> HttpResponse:
    """Returns a PDF that the browser shows and prints. It isn't stored. A form asks for it, because it takes seconds and starts a process. The address
    alone leads to the form."""
    if request.method != "POST":
        return HttpResponseRedirect("/office/data-sheet")
    try:
        with override(LANGUAGE):
            pdf = printed_sheet(_sheet())
    except (Unproven, Unprintable):
        return render(request, "data_sheet/unproven.html", status=503)
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="data-sheet.pdf"'})


def _sheet() -> DataSheet:
    """Raises Unproven."""
    return data_sheet(settings.PLACE, choices_now(), timezone.localdate(), is_public=False)
