"""A whole made-up district: people, timetable, gradebooks and attendance, written as one export."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from homeroom.ops.demo.madeup.calendar import SchoolYear, school_year
from homeroom.ops.demo.madeup.cast import write_nina
from homeroom.ops.demo.madeup.grade_rows import add_attendance, add_book, add_grading
from homeroom.ops.demo.madeup.gradebook import add_grades, gradebooks
from homeroom.ops.demo.madeup.marks import marks_of
from homeroom.ops.demo.madeup.people import Adult, People, Staff, Student
from homeroom.ops.demo.madeup.roster_rows import (
    add_classes,
    add_contacts,
    add_enrollments,
    add_people,
    add_places,
    named,
)
from homeroom.ops.demo.madeup.shape import Shape
from homeroom.ops.demo.madeup.sheets import Sheets
from homeroom.ops.demo.madeup.timetable import Timetable, timetable


@dataclass(frozen=True)
class Roster:
    """What was written: `ids` are the sourcedIds of everybody whom the shape names, `counts` the rows of each file.

    `sections` are the sourcedIds of a named student's classes by (student, title). `personal` are names, ids, e-mail
    addresses and birth dates of the export, to search for where they must not be.
    """

    shape: Shape
    as_of: date
    year: SchoolYear
    ids: dict[str, str]
    sections: dict[tuple[str, str], str]
    counts: dict[str, int]
    personal: frozenset[str]


def write_district(out: Path, shape: Shape, seed: int, as_of: date) -> Roster:
    """A OneRoster 1.2 ZIP with attendance.csv and contacts.csv; the same arguments write the same bytes."""
    year = school_year(as_of)
    people = People(shape, seed, year.start.year)
    people.draw_families()
    plan = timetable(people)
    sheets = Sheets()
    add_places(sheets, people, year)
    add_classes(sheets, plan, year)
    add_people(sheets, people)
    add_enrollments(sheets, people, plan.sections, year)
    add_contacts(sheets, people.students)
    add_grading(sheets)
    for book in gradebooks(people, plan.sections, year, as_of):
        write_nina(book, as_of)
        add_grades(people, book, year, as_of)
        add_book(sheets, people, book, year)
    add_attendance(sheets, marks_of(people, plan.sections, year))
    sheets.write(out)
    ids = named(people)
    return Roster(shape, as_of, year, ids, _sections(plan, ids), sheets.counts(), _personal(people))


def _sections(plan: Timetable, ids: dict[str, str]) -> dict[tuple[str, str], str]:
    wanted = set(ids.values())
    return {
        (student.name, section.title): section.id
        for section in plan.sections
        for student in section.students
        if student.id in wanted
    }


def _personal(people: People) -> frozenset[str]:
    everybody: list[Student | Adult | Staff] = [*people.students, *people.adults, *people.staff]
    told = {str(student.birth) for student in people.students}
    told |= {f"{who.given} {who.family}" for who in everybody}
    told |= {who.id for who in everybody}
    told |= {adult.email for adult in people.adults}
    return frozenset(told | {staff.email for staff in people.staff})
