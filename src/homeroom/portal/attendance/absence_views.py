"""The page of a school's absences, for an attendance clerk, a counselor or a principal."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.attendance.absence_pages import AbsenceFilter as Wish
from homeroom.portal.attendance.absence_pages import absence_page
from homeroom.portal.attendance.absence_queries import absences, schools_shown
from homeroom.portal.attendance.acts import READ_ABSENCES
from homeroom.portal.membership.codes.queries import words_of
from homeroom.portal.membership.forms import number_in, school_in, words_in

LONGEST_PERIOD = 100


def wish_in(request: HttpRequest) -> Wish:
    """Returns what the page shows. A name comes only from the form, because a name in an address would stay in the browser's history."""
    given = request.POST if request.method == "POST" else request.GET
    period = given.get("period", "").replace("\x00", "")[:LONGEST_PERIOD]
    return Wish(school_in(request), "week" if given.get("days") == "week" else "", period, words_in(request))


def asked_for(request: HttpRequest) -> Asked | None:
    """A name that is too short to search for lists no one."""
    wish = wish_in(request)
    if wish.name and not words_of(wish.name):
        return None
    return wish.school, wish.words, number_in(request, "after")


@guard(READ_ABSENCES, list=asked_for)
def school_absences(request: Request) -> HttpResponse:
    wish, schools = wish_in(request), schools_shown()
    school = next((each for each in schools if wish.school in (None, each.uuid)), None)
    if school is None:
        raise Http404
    page = absence_page(wish, school, schools, absences(school.uuid, wish.words))
    is_short = bool(wish.name) and not words_of(wish.name)
    return render(request, "attendance/absences.html", {"page": page, "is_short": is_short})
