"""The office's page of letters to contacts: a school's list, a hundred at a time, printed together."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.guard import Request, guard
from homeroom.portal.letters.press import Unprintable
from homeroom.portal.membership.acts import PRINT_LETTERS, SEE_LETTERS
from homeroom.portal.membership.administrator_queries import schools
from homeroom.portal.membership.forms import number_in, school_in, uuid_in, words_in
from homeroom.portal.membership.letter_actions import print_letters
from homeroom.portal.membership.letter_pages import said_of, ways
from homeroom.portal.membership.letter_queries import PAGE, contacts, may_by_child

PLACE = "/office/letters"


@guard(SEE_LETTERS)
@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: Request) -> HttpResponse:
    return _letters(request, school_in(request), request.GET.get("then", ""))


def _letters(request: Request, school: UUID | None, then: str, status: int = 200) -> HttpResponse:
    found = contacts(school, number_in(request, "after"), words_in(request)) if school else []
    shown = {
        "school": str(school or ""),
        "schools": schools(),
        "name": words_in(request),
        "rows": found[:PAGE],
        "more": found[PAGE - 1].number if len(found) > PAGE else None,
        "ways": ways(may_by_child()).items(),
        "languages": settings.LANGUAGES,
        "said": said_of(then),
    }
    return render(request, "membership/letters.html", shown, status=status)


@guard(PRINT_LETTERS, fresh=True)
def letters_printed(request: Request) -> HttpResponse:
    if request.method != "POST":  # who proved it anew on the way
        return HttpResponseRedirect(PLACE)
    school, way = school_in(request), request.POST.get("way", "")
    ticked = [uuid_in(text) or UUID(int=0) for text in dict.fromkeys(request.POST.getlist("contact")[: PAGE + 1])]
    if not ticked or way not in ways(may_by_child()):
        return _letters(request, school, "none" if not ticked else "way", 422)
    try:
        pdf = print_letters(ticked, way, request.POST.get("language", ""), by=request.actor)
    except Unprintable:
        return _letters(request, school, "printer", 500)
    if pdf is None:
        return _letters(request, school, "refused", 409)
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="letters.pdf"'})
