"""Views of questions about people: those of a file, one of them, and administrators' answers."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.intake.acts import ANSWER_QUESTION, COMPARE_PEOPLE, SEE_IMPORTS
from homeroom.portal.intake.office.question_pages import list_page, question_page
from homeroom.portal.intake.office.questions import (
    Tally,
    beside,
    confirm,
    propose,
    question_of,
    questions_of,
    tally,
    undo_merge,
    withdraw,
)
from homeroom.portal.intake.office.views import HIGHEST, number_in


@guard(SEE_IMPORTS)
@require_GET
def questions(request: Request, delivery: int) -> HttpResponse:
    counted = tally(delivery) if delivery <= HIGHEST else Tally()
    before = number_in(request, "after") or 0
    if not before < counted.in_all:
        raise Http404
    return render(request, "intake/questions.html", {"page": list_page(delivery, questions_of(delivery, before), counted, before)})


@guard(COMPARE_PEOPLE, look="question")
@require_GET
def one_question(request: Request, question: UUID) -> HttpResponse:
    found = beside(question)
    asked = question_of(found.delivery, question) if found else None
    if found is None or asked is None:
        raise Http404
    return render(request, "intake/question.html", {"page": question_page(asked, found, request.GET.get("then", ""))})


@guard(ANSWER_QUESTION, fresh=True)
def answer(request: Request, question: UUID) -> HttpResponse:
    return _posted(request, question, lambda: propose(question, request.POST.get("answer", "")))


@guard(ANSWER_QUESTION, fresh=True)
def confirmation(request: Request, question: UUID) -> HttpResponse:
    return _posted(request, question, lambda: confirm(question, request.POST.get("answer", "")))


@guard(ANSWER_QUESTION, fresh=True)
def withdrawal(request: Request, question: UUID) -> HttpResponse:
    return _posted(request, question, lambda: withdraw(question))


@guard(ANSWER_QUESTION, fresh=True)
def undo(request: Request, question: UUID) -> HttpResponse:
    return _posted(request, question, lambda: undo_merge(question))


def _posted(request: Request, question: UUID, act: Callable[[], Answer]) -> HttpResponse:
    """Acts, and goes back to the question. A GET only goes back, because people who had to sign in first arrive with one."""
    if request.method != "POST":
        return HttpResponseRedirect(f"/questions/{question}")
    then = act()
    if not then:
        raise Http404
    return HttpResponseRedirect(f"/questions/{question}?then={then}")
