"""The letter about a hearing, to print: from the office's page of a request, and from the family's page. Without a letter, they lead back to it."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Request, guard
from homeroom.portal.letters.hearings import Hearing, hearing_letter
from homeroom.portal.letters.sheets import LANGUAGES
from homeroom.portal.membership.codes.actions import head
from homeroom.portal.privacy.acts import ANSWER_CORRECTION, CORRECT
from homeroom.portal.privacy.corrections.pages import has_letter, title_of
from homeroom.portal.privacy.corrections.queries import CorrectionCase, OwnCorrection, correction_case, own_corrections


@guard(ANSWER_CORRECTION, look="which")
@require_GET
def case_letter(request: Request, which: UUID) -> HttpResponse:
    found = correction_case(which)
    if not found:
        raise Http404
    if not has_letter(found[0]):
        return HttpResponseRedirect(f"/office/corrections/{which}")
    return _letter(request, found[0], found[0].name, found[0].student)


@guard(CORRECT, look="student")
@require_GET
def own_letter(request: Request, student: UUID, which: UUID) -> HttpResponse:
    child = next((each for each in request.actor.children if each.uuid == student), None)
    found = next((each for each in own_corrections(student) if each.uuid == which), None)
    if child is None:
        raise Http404
    if found is None or not has_letter(found):
        return HttpResponseRedirect(f"/children/{student}/corrections")
    return _letter(request, found, request.actor.full_name, child.full_name)


def _letter(request: Request, one: CorrectionCase | OwnCorrection, to: str, student: str) -> HttpResponse:
    """Returns a PDF that the browser shows and prints. It isn't stored."""
    assert one.hearing_on is not None, "has_letter() says so"
    about = {}
    for language in LANGUAGES:
        with override(language):
            about[language] = title_of(one.about, one.called, one.day)
    stays, language = one.state == "upheld", request.LANGUAGE_CODE if request.LANGUAGE_CODE in LANGUAGES else "en"
    pdf = hearing_letter(Hearing(to, student, about, one.hearing_on, one.hearing_place, one.hearing_said, stays, language), head(), timezone.localdate())
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="hearing.pdf"'})
