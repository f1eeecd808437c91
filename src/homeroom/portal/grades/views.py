"""A teacher's pages: the classes, and one class's gradebook. They only read, because scores are kept in the school's own system."""

from datetime import date
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.grades.acts import READ_GRADEBOOK
from homeroom.portal.grades.gradebook import VIEWS, Book, GradebookFilter, kinds, terms
from homeroom.portal.grades.gradebook_assignment import assignment
from homeroom.portal.grades.gradebook_cells import marks
from homeroom.portal.grades.gradebook_classes import OPENS_SCHOOL, classes_i_teach, classes_of_my_schools
from homeroom.portal.grades.gradebook_grid import grid
from homeroom.portal.grades.gradebook_queries import gradebook
from homeroom.portal.grades.gradebook_student import one_student
from homeroom.portal.membership.acts import SEE_CLASSES
from homeroom.portal.membership.forms import words_in


@guard(SEE_CLASSES)
def classes(request: Request) -> HttpResponse:
    """The search is a POST form, because someone may type a student's name, which must not stay in the browser's history."""
    actor, today, words = request.actor, timezone.localdate(), words_in(request)
    mine = classes_i_teach(today, day_of_grades(actor, today), actor.seen_delivery if actor.previous_visit_at else None)
    is_over_school = any(duty in OPENS_SCHOOL for duty in actor.duties)
    own = {found.id for found in mine}
    still, over = ([found for found in mine if found.is_over is is_over] for is_over in (False, True))
    others = [c for c in classes_of_my_schools(today, words) if c.id not in own] if is_over_school else []
    shown = {"mine": still, "over": over, "others": others, "words": words, "is_over_school": is_over_school}
    return render(request, "grades/classes.html", shown)


@guard(READ_GRADEBOOK, look="section")
@require_GET
def gradebook_page(request: Request, section: UUID) -> HttpResponse:
    actor, today = request.actor, timezone.localdate()
    read = gradebook(today)
    if read is None or read.section.uuid != section:
        raise Http404
    book = Book(
        section=read.section,
        students=read.students,
        work=read.work,
        results=read.results,
        asked=GradebookFilter.of(request.GET),
        today=today,
        as_of=day_of_grades(actor, today),
        has_estimates=actor.has_estimates,
    )
    return render(request, "grades/gradebook.html", shown(book))


def day_of_grades(actor: Actor, today: date) -> date:
    return timezone.localdate(actor.grades_as_of) if actor.grades_as_of else today


def shown(book: Book) -> dict[str, object]:
    """Builds only what the view asks for. Without a view it builds the grid, and one assignment for a narrow screen."""
    view = book.asked.view
    return {
        "book": book,
        "kinds": kinds(book),
        "terms": terms(book),
        "marks": [(kind, *words) for kind, words in marks().items()],
        "grid": grid(book) if view in ("", "grid") else None,
        "assignment": assignment(book) if view in ("", "assignment") else None,
        "student": one_student(book) if view == "student" else None,
        "links": {name: book.link(view=name) for name in VIEWS},
        "only_missing": book.link(view="grid", only="missing"),
    }
