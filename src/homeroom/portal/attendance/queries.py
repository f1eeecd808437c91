"""Marks as the file sent them, a day's equal ones joined: one statement for any number of children."""

from collections.abc import Collection
from datetime import date

from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q
from django.db.models.functions import Coalesce, JSONObject

from homeroom.portal.attendance.calendar import Codes, Mark, Meaning, meaning
from homeroom.portal.attendance.models import AttendanceCode, AttendanceMark, Excuse, Presence


def codes_in_a_row() -> ArraySubquery:
    """The district's setting as one value, for a statement that fetches something else anyway; read it with codes()."""
    words = ("status", "excuse_code", "presence", "excuse")
    return ArraySubquery(AttendanceCode.objects.values(json=JSONObject(**{word: word for word in words})))


def codes(found: Collection[dict[str, str | int]]) -> Codes:
    return {
        (str(code["status"]), str(code["excuse_code"])): Meaning(Presence(code["presence"]), Excuse(code["excuse"]))
        for code in found
    }


def marks_of(student_ids: Collection[int], since: date, codes: Codes) -> dict[int, list[Mark]]:
    """By student, oldest first."""
    rows = (
        AttendanceMark.objects.filter(student__in=student_ids, day__gte=since, ended_at=None)
        .values("student_id", "day", "status", "excuse_code")
        .annotate(
            is_whole_day=BoolOr(Q(section=None)),
            places=ArrayAgg(
                Coalesce(F("section__periods__0"), F("section__title")), filter=~Q(section=None), default=[]
            ),
        )
        .order_by("day")
        .values_list("student_id", "day", "status", "excuse_code", "is_whole_day", "places")
    )
    marks: dict[int, list[Mark]] = {student: [] for student in student_ids}
    for student, day, status, excuse_code, is_whole_day, places in rows:
        said = tuple(place for place in places if place)
        marks[student].append(Mark(day, meaning(status, excuse_code, codes), is_whole_day, said))
    return marks
