"""The administrator's pages about people: a search of everyone, and a page for each person, with links to the pages that change something."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.guard import Asked, Request, guard
from homeroom.portal.membership.acts import SEE_CODES, SEE_TIES
from homeroom.portal.membership.codes.queries import addressees, people_found, words_of
from homeroom.portal.membership.duties.pages import lines_of
from homeroom.portal.membership.duties.queries import duties_given, substitutions
from homeroom.portal.membership.duties.views import duty_words
from homeroom.portal.membership.forms import words_in
from homeroom.portal.membership.people.pages import PersonPage, found_people, letters_of, name_of, roles_of, student_in
from homeroom.portal.membership.ties.pages import children_of
from homeroom.portal.membership.ties.queries import students_found, ties_of_adult
from homeroom.portal.membership.two_people.administrator_queries import offices, staff_found, staff_named

MOST = 20  # as in people_to_print_for() and staff_found()


def asked_for(request: HttpRequest) -> Asked | None:
    """A name that is too short lists no one."""
    words = words_in(request)
    return (None, words, None) if words_of(words) else None


@guard(SEE_CODES, list=asked_for)
def people(request: Request) -> HttpResponse:
    """Searches names with a POST form, because a name in an address would stay in the browser's history."""
    words = words_in(request)
    is_short = not words_of(words)
    found, staff = ([], []) if is_short else (people_found(), staff_found(words))
    shown = {"words": words, "found": found_people(found, staff), "has_more": MOST in (len(found), len(staff))}
    shown |= {"is_asked": request.method == "POST", "is_short": is_short, "place": "/people" if request.actor.is_administrator else "/office/codes"}
    return render(request, "membership/people.html", shown)


def asked_for_one(request: HttpRequest) -> Asked | None:
    """Returns the person in the address as the subject."""
    match = request.resolver_match
    return (match.kwargs["person"], "", None) if match else None


@guard(SEE_TIES, list=asked_for_one)
@require_GET
def one_person(request: Request, person: UUID) -> HttpResponse:
    student, staff, letters = student_in(students_found(), person), staff_named(person=person), addressees(person)
    name = name_of(student, staff, letters)
    if not name:
        raise Http404
    children = [] if student else children_of(ties_of_adult())
    page = PersonPage(
        name=name,
        is_student=student is not None,
        is_staff=staff is not None,
        roles=roles_of(student, staff, [each for each in offices() if each.uuid == person], children),
        duties=lines_of(duties_given(person), duty_words()) + lines_of(substitutions(person), {}) if staff else [],
        children=children,
        letters=letters_of(letters),
    )
    return render(request, "membership/person.html", {"page": page, "person": person})
