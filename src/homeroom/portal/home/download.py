"""A child's grades and attendance as a table for a spreadsheet: every year, as the pages show it."""

from collections.abc import Iterator, Sequence
from io import StringIO

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from homeroom.formats.leaving import write_table
from homeroom.portal.access.actor import Actor
from homeroom.portal.attendance.words import Attendance
from homeroom.portal.grades.classes import EVERYTHING, ClassRow
from homeroom.portal.home.child import attendance_page, child_page
from homeroom.portal.home.earlier import earlier_page
from homeroom.portal.home.students import Student


def table_of(actor: Actor, student: Student) -> str:
    text = StringIO(newline="")
    write_table(text, columns(), rows_of(actor, student))
    return text.getvalue()


def as_file(content: bytes | str, kind: str, name: str, student: Student) -> HttpResponse:
    """Returns a file to keep, such as grades-and-attendance-Nina.csv. The first name tells the files of two children apart. It has no last name."""
    answer = HttpResponse(content, content_type=kind)
    start, _dot, ending = name.rpartition(".")
    first_name = student.first_name.translate(str.maketrans("/\\", "--"))  # in a name, they would be folders
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{start}-{first_name}.{ending}") or ""
    return answer


def columns() -> list[str]:
    """Returns the names of the columns. Each cell has one value, so that a spreadsheet can sort by it."""
    work = [_("School year"), _("What"), _("Class"), _("Term"), _("Work"), _("Kind of work"), _("Day")]
    return [*work, _("Result"), _("Letter, percent or level"), _("Status"), _("Note"), _("Comment"), _("Statement")]


def rows_of(actor: Actor, student: Student) -> Iterator[Sequence[str]]:
    now = child_page(actor, student.uuid, EVERYTHING)
    year = _("This year")
    if now is not None and now.sees_grades:
        yield from _classes(year, now.classes)
    if "attendance" in student.kinds:
        yield from _days(year, attendance_page(actor, student).attendance)
    if not student.kinds & {"grades", "attendance"}:
        return
    for link in earlier_page(actor, student, "").years:
        page = earlier_page(actor, student, link.query.partition("=")[2], EVERYTHING)
        yield from _classes(page.year, page.classes)
        if page.attendance is not None:
            yield from _days(page.year, page.attendance)


def stated(statements: Sequence[str]) -> str:
    return "\n".join(statements)


def _classes(year: str, classes: Sequence[ClassRow]) -> Iterator[Sequence[str]]:
    for each in classes:
        if each.grade.said:
            yield year, _("Grade"), each.title, each.grade.term, "", "", "", each.grade.number, each.grade.letter, "", "", "", stated(each.how.statements)
        for work in (*each.coming, *each.work):
            state = next((words for kind, words in work.tags if kind != "new"), "")
            said = work.value, work.under, state, work.note, work.comment, stated(work.statements)
            yield year, _("Work"), each.title, "", work.title, work.kind, work.due.isoformat(), *said


def _days(year: str, found: Attendance) -> Iterator[Sequence[str]]:
    for line in found.lines:
        yield year, _("Attendance"), "", "", "", "", line.day.isoformat(), line.what, "", "", line.detail, "", stated(line.statements)
