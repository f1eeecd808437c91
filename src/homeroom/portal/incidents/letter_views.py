"""The letters of an incident: the two notices for the office, and the page on which people read theirs."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.incidents import actions, forms, letter_pages, letter_sheets, letters, pages, queries
from homeroom.portal.incidents.acts import HANDLE_INCIDENT, READ_BREACH_LETTER
from homeroom.portal.incidents.views import DONE, facts_of


@guard(HANDLE_INCIDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: Request, incident: UUID) -> HttpResponse:
    return _drafted(request, incident, "first notice")


@guard(HANDLE_INCIDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def second_notice(request: Request, incident: UUID) -> HttpResponse:
    return _drafted(request, incident, "second notice")


def _drafted(request: Request, which: UUID, notice: str) -> HttpResponse:
    """The draft in both languages, its preview, and its PDF."""
    found = facts_of(which)
    then: Answer | str = ""
    if request.method == "POST":
        then = actions.draft(which, notice, forms.letter_in(request), by=request.actor)
        if not then:
            raise Http404
        if then in DONE:
            return HttpResponseRedirect(f"{request.path}?then={then.value}")
    drafted = letters.last_draft(found, notice)
    if "pdf" in request.GET:
        if drafted is None:
            raise Http404
        pdf = letter_sheets.printed_draft(letter_pages.sender(), drafted, found, timezone.now())
        return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="notice.pdf"'})
    shown = {
        "incident": which, "number": found[0].number, "said": pages.told(then or request.GET.get("then", "")), "has_draft": drafted is not None,
        "fields": letter_pages.fields_of(notice, drafted, request.POST), "notice": notice, "place": request.path,
        "previews": letter_sheets.previews_of(letter_pages.sender(), drafted, found, timezone.now()),
    }  # fmt: skip
    return render(request, "incidents/letter.html", shown, status=pages.status_of(then))


@guard(READ_BREACH_LETTER)
@require_http_methods(["GET", "HEAD"])
def own_letters(request: Request) -> HttpResponse:
    found = queries.own_letters()
    if request.method == "GET" and found:
        actions.open_letters()
    return render(request, "incidents/own_letters.html", {"letters": [letters.own_letter(letter_pages.sender(), each) for each in found]})
