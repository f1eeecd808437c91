"""A supporter's pages while a grant runs: the state of the portal, and a student of the grant, masked."""

from importlib.metadata import version

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from homeroom.portal.grades.classes import EVERYTHING, DrawnFor
from homeroom.portal.support import masked_queries as masked
from homeroom.portal.support.entering import SupportRequest, supported
from homeroom.portal.support.masked_pages import as_of, file_of, marks_of, pieces_of, seats_of, student_page
from homeroom.portal.wording.dates import school_year_begun


@supported
def home(request: SupportRequest) -> HttpResponse:
    asker = request.supporter
    page = {"asker": asker, "numbers": range(1, asker.students + 1), "files": [file_of(each) for each in masked.deliveries()], "version": version("homeroom")}
    return render(request, "support/home.html", page)


@supported
def student(request: SupportRequest, number: int) -> HttpResponse:
    today = timezone.localdate()
    asked = DrawnFor(today, as_of(masked.deliveries(), today), None, masked.has_estimates(), EVERYTHING)
    seats = seats_of(masked.classes(), today)
    marks = marks_of(masked.marks(school_year_begun(today)))
    page = student_page(number, seats, pieces_of(masked.work(), seats), marks, masked.ties(), asked)
    return render(request, "support/student.html", {"asker": request.supporter, "page": page})
