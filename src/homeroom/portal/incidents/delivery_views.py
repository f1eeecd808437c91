"""How letters of an incident reach their readers: printing, the list of letters that go by hand, and the files of a batch."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.incidents import letter_pages, letter_sheets, pages, queries
from homeroom.portal.incidents.acts import HANDLE_INCIDENT, LIST_LETTERS, PRINT_BATCH
from homeroom.portal.incidents.views import OFFICE, facts_of
from homeroom.portal.membership.forms import number_in, uuid_in, words_in


@guard(HANDLE_INCIDENT)
@require_GET
def printing(request: Request, incident: UUID) -> HttpResponse:
    """What waits for the printer, and each batch with what became of it."""
    found = facts_of(incident)
    shown = {
        "incident": incident, "number": found[0].number, "said": pages.told(request.GET.get("then", "")),
        "ways": letter_pages.to_print(queries.letters_counted(incident)), "batches": letter_pages.batches_of(found),
    }  # fmt: skip
    return render(request, "incidents/printing.html", shown)


def asked_to_print(request: HttpRequest) -> Asked | None:
    batch = uuid_in(request.GET.get("batch", ""))
    return (batch, "", None) if batch else None


@guard(PRINT_BATCH, list=asked_to_print, fresh=True)
@require_GET
def batch(request: Request) -> HttpResponse:
    """The PDFs of a batch that the person asking just printed."""
    which, incident = uuid_in(request.GET.get("batch", "")), uuid_in(request.GET.get("incident", ""))
    if which is None:
        return HttpResponseRedirect(OFFICE)
    found = queries.batch_letters(of_batch=which)
    if not found or incident is None:
        raise Http404
    texts = {str(fact.uuid): fact.facts or {} for fact in facts_of(incident) if fact.kind == "released"}
    if any(str(each.release) not in texts for each in found):
        raise Http404
    made = letter_sheets.zip_of(letter_pages.sender(), found, texts)
    return HttpResponse(made, content_type="application/zip", headers={"Content-Disposition": 'attachment; filename="letters.zip"'})


def asked_for(request: HttpRequest) -> Asked | None:
    incident = uuid_in(request.GET.get("incident", ""))
    return (incident, words_in(request), number_in(request, "after")) if incident else None


@guard(LIST_LETTERS, list=asked_for)
@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: Request) -> HttpResponse:
    """Letters that wait for a hand or a decision, or those of people with a name."""
    incident = uuid_in(request.GET.get("incident", ""))
    if incident is None:
        return HttpResponseRedirect(OFFICE)
    facts, words = facts_of(incident), words_in(request)
    found = queries.letters_listed(of_incident=incident, words=words, after=number_in(request, "after"))
    more = found[-1].number if len(found) == PAGE and not words else None
    shown = {"incident": incident, "number": facts[0].number, "rows": letter_pages.letter_lines(found), "name": words, "more": more}
    return render(request, "incidents/letters.html", shown)


PAGE = 30
