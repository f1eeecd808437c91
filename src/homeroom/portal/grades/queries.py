"""What the file says about students' classes and work, in a fixed number of statements."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FilteredRelation, OuterRef, Q
from django.db.models.functions import JSONObject

from homeroom.portal.grades.models import LineItem, Result, ResultChange, Status
from homeroom.portal.grades.seats import Seat
from homeroom.portal.grades.work import Before, Piece
from homeroom.portal.roster.models import Enrollment, SectionTerm

RECENT = timedelta(days=120)  # between two terms, and in summer, the last ones stay on the page


def seats_of(student_ids: Collection[int], today: date) -> list[Seat]:
    """Classes that run today, by name; where none of a student's does, the last that did. Never one to come."""
    rows = (
        Enrollment.objects.filter(person__in=student_ids, role="student", ended_at=None, section__ended_at=None)
        .filter(Q(begin_date=None) | Q(begin_date__lte=today))
        .annotate(begun=terms_of("section"), teachers=teachers_of("section", today))
        .order_by("section__title", "section_id")
        .values_list(
            "person_id",
            "section_id",
            "section__uuid",
            "section__title",
            "section__periods",
            "end_date",
            "begun",
            "teachers",
        )
    )
    seats = [seat for row in rows if (seat := _seat(*row, today=today))]
    running = {seat.student_id for seat in seats if seat.runs}
    return [seat for seat in seats if seat.runs or seat.student_id not in running]


def terms_of(section: str) -> ArraySubquery:
    terms = SectionTerm.objects.filter(section=OuterRef(section), term__ended_at=None).order_by("term__end_date")
    return ArraySubquery(
        terms.values(json=JSONObject(title="term__title", start="term__start_date", end="term__end_date"))
    )


def teachers_of(section: str, today: date) -> ArraySubquery:
    now = Q(end_date=None) | Q(end_date__gt=today)
    teachers = Enrollment.objects.filter(now, section=OuterRef(section), role="teacher", ended_at=None).order_by(
        "-is_primary", "id"
    )
    names = ("given_name", "family_name", "preferred_given_name", "preferred_family_name")
    return ArraySubquery(teachers.values(json=JSONObject(**{name: f"person__{name}" for name in names})))


def _seat(
    student_id: int, section_id: int, uuid: Any, title: str, periods: list[str], left: date | None,
    begun: list[dict[str, str]], teachers: list[dict[str, str]], *, today: date,
) -> Seat | None:  # fmt: skip
    terms = [(t["title"], date.fromisoformat(t["start"]), date.fromisoformat(t["end"])) for t in begun]
    past = [term for term in terms if term[1] <= today]
    running = [term for term in past if today < term[2]]
    name, ends = (running[0] if running else past[-1])[::2] if past else ("", None)
    is_over = bool(left and left <= today) or bool(terms and not running)
    is_long_over = is_over and min(left or date.max, ends or date.max) <= today - RECENT
    if is_long_over or (terms and not past):
        return None
    return Seat(
        student_id, section_id, str(uuid), title, tuple(periods), tuple(map(_name, teachers)), name, ends, not is_over
    )


def _name(person: dict[str, str]) -> str:
    first = person["preferred_given_name"] or person["given_name"]
    return f"{first} {person['preferred_family_name'] or person['family_name']}"


OF_THE_WORK = ("title", "category__title", "category__weight", "due_date", "score_max", "is_grade",
               "term__title", "term__start_date", "term__end_date")  # fmt: skip
OF_THE_RESULT = (
    "score",
    "text_score",
    "status",
    "score_date",
    "is_late",
    "is_missing",
    "is_incomplete",
    "in_progress",
    "comment",
)


def work_of(student_id: int, section_ids: Collection[int]) -> list[Piece]:
    """All work of these classes with this student's result, newest first; work without a result is there too."""
    rows = (
        LineItem.objects.filter(section__in=section_ids, ended_at=None)
        .annotate(mine=FilteredRelation("result", condition=Q(result__student=student_id, result__ended_at=None)))
        .order_by("-due_date", "-id")
        .values_list("section_id", "id", *OF_THE_WORK, *(f"mine__{word}" for word in OF_THE_RESULT))
    )
    return [Piece(*row) for row in rows]


def news_of(student_ids: Collection[int], section_ids: Collection[int], since: date) -> list[tuple[int, Piece]]:
    """Results of these students that may be missing, or that were scored since then."""
    wanted = Q(is_missing=True) | Q(status=Status.NOT_SUBMITTED) | Q(score_date__gte=since)
    rows = (
        Result.objects.filter(wanted, student__in=student_ids, ended_at=None)
        .filter(line_item__section__in=section_ids, line_item__ended_at=None)
        .order_by("line_item__due_date", "line_item_id")
        .values_list(
            "student_id",
            "line_item__section_id",
            "line_item_id",
            *(f"line_item__{w}" for w in OF_THE_WORK),
            *OF_THE_RESULT,
        )
    )
    return [(student, Piece(*row)) for student, *row in rows]


def last_changes(student_ids: Collection[int], since: date | None = None) -> dict[tuple[int, int], Before]:
    """What the last changed scores of these students were before, by line item."""
    changes = ResultChange.objects.filter(student__in=student_ids, result__student=F("student"), result__ended_at=None)
    if since:
        changes = changes.filter(result__score_date__gte=since)
    rows = changes.order_by("id").values_list("student_id", "result__line_item_id", "old_score", "old_text_score")
    return {(student, item): (score, text) for student, item, score, text in rows}
