"""The office's pages for codes: find a person, say how you checked who it is, and print. Also a class's sign-in cards, for its teacher."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.letters.press import Unprintable
from homeroom.portal.membership.acts import PRINT_CARDS, PRINT_CODE, SEE_CARDS, SEE_CODES
from homeroom.portal.membership.codes.actions import end_cards, print_cards, print_code
from homeroom.portal.membership.codes.pages import CHECKS, addressee_page, found_page
from homeroom.portal.membership.codes.queries import addressees, class_title, people_found, students_for_cards, words_of

MOST_CARDS = 200  # on one sheet. A class has 35


def asked_for(request: HttpRequest) -> Asked | None:
    words = words_of(request.POST.get("name", "")[:200])
    return (None, " ".join(words), None) if words else None


@guard(SEE_CODES, list=asked_for)
def codes(request: Request) -> HttpResponse:
    """Searches names with a POST form, because a name in an address would stay in the browser's history."""
    text = request.POST.get("name", "")[:200]
    found = people_found()
    shown = {"text": text, "found": found_page(found), "is_asked": request.method == "POST", "is_short": not words_of(text)}
    return render(request, "membership/codes.html", shown)


def asked_for_one(request: HttpRequest) -> Asked:
    """Returns the person in the address."""
    match = request.resolver_match
    return None, str(match.kwargs["person"]) if match else "", None


@guard(PRINT_CODE, list=asked_for_one)
@require_GET
def addressee(request: Request, person: UUID) -> HttpResponse:
    return _addressee(request, person)


def _addressee(request: Request, person: UUID, wrong: str = "", status: int = 200) -> HttpResponse:
    found = addressees(person)
    if not found:
        raise Http404
    shown = {"page": addressee_page(found), "person": person, "wrong": wrong, "languages": settings.LANGUAGES}
    return render(request, "membership/addressee.html", shown, status=status)


@guard(PRINT_CODE, list=asked_for_one, fresh=True)
def code_letter(request: Request, person: UUID) -> HttpResponse:
    if request.method != "POST":  # a redirect back from confirming their identity
        return _addressee(request, person)
    side, kind, checked = (request.POST.get(name, "") for name in ("side", "kind", "checked"))
    to = next((each for each in addressees(person) if each.side == side), None)
    if to is None:
        raise Http404
    if checked not in CHECKS or kind not in to.kinds:
        return _addressee(request, person, "checked", 422)
    try:
        pdf = print_code(person, to, kind, checked, request.POST.get("language", ""), by=request.actor)
    except Unprintable:
        return _addressee(request, person, "printer", 500)
    return _addressee(request, person, "refused", 409) if pdf is None else _sheet(pdf, "code.pdf")


@guard(SEE_CARDS)
@require_GET
def cards(request: Request, section: UUID) -> HttpResponse:
    return _cards(request, section, request.GET.get("then", ""))


def _cards(request: Request, section: UUID, then: str, status: int = 200) -> HttpResponse:
    students, title = students_for_cards(section), class_title(section)
    if not students or title is None:
        raise Http404
    shown = {"students": students, "title": title, "section": section, "then": then, "lacks_card": any(not each.made_at for each in students)}
    return render(request, "membership/cards.html", shown, status=status)


@guard(PRINT_CARDS, fresh=True)
def cards_changed(request: Request, section: UUID) -> HttpResponse:
    """Prints new cards for the checked students or for those without one, or ends cards."""
    place = f"/classes/{section}/cards"
    students, title = students_for_cards(section), class_title(section)
    if not students or title is None:
        raise Http404
    ticked = set(request.POST.getlist("student")[:MOST_CARDS])
    is_lacking = request.POST.get("do") == "lacking"
    chosen = [student for student in students if (not student.made_at if is_lacking else str(student.uuid) in ticked)][:MOST_CARDS]
    if request.method != "POST" or not chosen:
        return HttpResponseRedirect(f"{place}?then=none" if request.method == "POST" else place)
    if request.POST.get("do") == "end":
        end_cards(section, chosen, by=request.actor)
        return HttpResponseRedirect(f"{place}?then=ended")
    try:
        pdf = print_cards(section, title, chosen, by=request.actor)
    except Unprintable:
        return _cards(request, section, "printer", 500)
    return _cards(request, section, "refused", 409) if pdf is None else _sheet(pdf, "cards.pdf")


def _sheet(pdf: bytes, name: str) -> HttpResponse:
    """Returns a PDF that the browser shows and prints. It isn't stored."""
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})
