"""Reads the form of a grant, within bounds."""

from uuid import UUID

from django.http import HttpRequest, QueryDict

from homeroom.portal.support.models import MOST_STUDENTS

HOURS = (1, 2, 3, 4)


def chosen_in(request: HttpRequest) -> list[UUID]:
    """Students by their place. An id that is not a UUID becomes one that no one has. Reads one more than allowed, so that the database says it is too many."""
    found = []
    for text in (request.POST if request.method == "POST" else request.GET).getlist("student")[: MOST_STUDENTS + 1]:
        try:
            found.append(UUID(text))
        except ValueError:
            found.append(UUID(int=0))
    return list(dict.fromkeys(found))


def hours_in(request: HttpRequest) -> int:
    text = request.POST.get("hours", "")
    return int(text) if text in {str(hours) for hours in HOURS} else 0


def query_of(students: list[UUID]) -> str:
    """The part of the address that says which students are chosen. It contains no name."""
    query = QueryDict(mutable=True)
    query.setlist("student", [str(student) for student in students])
    return query.urlencode()
