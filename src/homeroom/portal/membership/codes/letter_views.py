"""The office's page of letters to contacts: a school's list, 100 at a time, printed together."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.letters.press import Unprintable
from homeroom.portal.membership.acts import PRINT_LETTERS, SEE_LETTERS
from homeroom.portal.membership.codes.letter_actions import print_letters
from homeroom.portal.membership.codes.letter_pages import said_of, ways
from homeroom.portal.membership.codes.letter_queries import PAGE, Addressee, contacts, may_by_child, prints_left
from homeroom.portal.membership.forms import number_in, school_in, uuid_in, words_in
from homeroom.portal.membership.two_people.administrator_queries import schools

PLACE = "/office/letters"


def asked_for(request: HttpRequest) -> Asked | None:
    school = school_in(request)
    return (school, words_in(request), number_in(request, "after")) if school else None


def asked_to_print(request: HttpRequest) -> Asked | None:
    """Asks to view the checked contacts."""
    found = ticked_in(request)
    return (school_in(request), " ".join(map(str, found)), None) if found else None


def ticked_in(request: HttpRequest) -> list[UUID]:
    return [uuid_in(text) or UUID(int=0) for text in dict.fromkeys(request.POST.getlist("contact")[: PAGE + 1])]


@guard(SEE_LETTERS, list=asked_for)
@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: Request) -> HttpResponse:
    school = school_in(request)
    return _letters(request, school, "", contacts(school) if school else None)


def _letters(request: Request, school: UUID | None, then: str, found: list[Addressee] | None, status: int = 200) -> HttpResponse:
    """`found` is None if nothing is listed, as after a form with an error."""
    shown = {
        "school": str(school or ""),
        "schools": schools(),
        "name": words_in(request),
        "rows": found,
        "more": found[-1].number if found and found[-1].has_more else None,
        "ways": ways(may_by_child()).items(),
        "languages": settings.LANGUAGES,
        "said": said_of(then),
    }
    return render(request, "membership/letters.html", shown, status=status)


@guard(PRINT_LETTERS, list=asked_to_print, fresh=True)
def letters_printed(request: Request) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return HttpResponseRedirect(PLACE)
    school, way = school_in(request), request.POST.get("way", "")
    ticked = ticked_in(request)
    if not ticked or way not in ways(may_by_child()):
        return _letters(request, school, "none" if not ticked else "way", None, 422)
    try:
        pdf = print_letters(ticked, way, request.POST.get("language", ""), by=request.actor)
    except Unprintable:
        return _letters(request, school, "printer", None, 500)
    if pdf is None:
        return _letters(request, school, "refused" if len(ticked) <= prints_left() else "limit", None, 409)
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="letters.pdf"'})
