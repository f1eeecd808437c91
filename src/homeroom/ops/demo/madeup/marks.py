"""Attendance of the year so far: a daily mark for all, and in middle school one for each class that was missed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from homeroom.ops.demo.madeup.calendar import SchoolYear
from homeroom.ops.demo.madeup.cast import NINA
from homeroom.ops.demo.madeup.people import People, Student
from homeroom.ops.demo.madeup.timetable import Section

PRESENT, ABSENT, TARDY, LEFT_EARLY, FIELD_TRIP = "present", "absent", "tardy", "LE", "FLD"
ILLNESS, APPOINTMENT, UNEXCUSED = "ILL", "APT", "UNX"
# What the district's own words mean, as its administrator would set it: status, excuse code, presence, excuse.
# FLD is left out on purpose: a code that nobody mapped is shown as "recorded", never as absent.
CODES = (
    (PRESENT, "", "present", "unknown"),
    (ABSENT, "", "absent", "unknown"),
    (ABSENT, ILLNESS, "absent", "excused"),
    (ABSENT, APPOINTMENT, "absent", "excused"),
    (ABSENT, UNEXCUSED, "absent", "unexcused"),
    (TARDY, "", "tardy", "unknown"),
    (TARDY, APPOINTMENT, "tardy", "excused"),
    (LEFT_EARLY, "", "left early", "unknown"),
    (LEFT_EARLY, ILLNESS, "left early", "excused"),
)
CHANCES = ((ABSENT, 0.035), (TARDY, 0.03), (LEFT_EARLY, 0.006))
LAST_PERIOD = 6


@dataclass(frozen=True, slots=True)
class Presence:
    """`section` is None for the whole day."""

    student: Student
    day: date
    status: str
    excuse: str
    section: Section | None = None


def marks_of(people: People, sections: Sequence[Section], year: SchoolYear) -> Iterator[Presence]:
    by_student: dict[str, list[Section]] = {}
    for section in sections:
        if section.period:
            for student in section.students:
                by_student.setdefault(student.id, []).append(section)
    trips = _trips(people, year)
    for student in people.students:
        random = Random(people.id_of("attendance", student.id))  # noqa: S311  made-up marks, no secrets
        periods = sorted(by_student.get(student.id, ()), key=lambda section: section.period)
        for day in year.days:
            status, excuse, first, last = _day(student, day, year, random)
            if status == PRESENT and trips.get((student.school.code, student.grade)) == day:
                status = FIELD_TRIP
            yield Presence(student, day, status, excuse)
            for section in periods:
                if first <= section.period <= last:
                    yield Presence(student, day, status, excuse, section)


def _day(student: Student, day: date, year: SchoolYear, random: Random) -> tuple[str, str, int, int]:
    """Status, excuse, and the first and last period that it is about."""
    status = _drawn(random)
    excuse = random.choices(("", ILLNESS, APPOINTMENT, UNEXCUSED), (30, 45, 15, 10))[0]
    if student.name == NINA:
        return _nina(day, year)
    if student.name == "Leo Ruiz":
        return PRESENT, "", 0, -1
    if status == ABSENT:
        return status, excuse, 1, LAST_PERIOD
    if status == TARDY:
        return status, APPOINTMENT if excuse == APPOINTMENT else "", 1, 1
    if status == LEFT_EARLY:
        return status, ILLNESS if excuse == ILLNESS else "", random.randint(4, LAST_PERIOD), LAST_PERIOD
    return PRESENT, "", 0, -1


def _nina(day: date, year: SchoolYear) -> tuple[str, str, int, int]:
    """Absent in three periods on the last day of school, late some days before it, ill once in the first weeks."""
    if day == year.days[-1]:
        return ABSENT, "", 1, 3
    if day == year.days[max(0, len(year.days) - 14)]:
        return TARDY, "", 1, 1
    if day == year.days[len(year.days) // 3]:
        return ABSENT, ILLNESS, 1, LAST_PERIOD
    return PRESENT, "", 0, -1


def _drawn(random: Random) -> str:
    chance = random.random()
    for status, share in CHANCES:
        if chance < share:
            return status
        chance -= share
    return PRESENT


def _trips(people: People, year: SchoolYear) -> dict[tuple[str, int], date]:
    """One field trip a grade; not for the grades of the children whom tests know."""
    known = {grade for family in people.shape.families for _, grade in family.children}
    return {
        (school.code, grade): year.days[(7 * grade + 11) % len(year.days)]
        for school in people.shape.schools
        for grade in school.grades
        if grade not in known
    }
