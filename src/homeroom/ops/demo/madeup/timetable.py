"""Who sits in which class in which period, and who teaches it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice

from homeroom.ops.demo.madeup.curriculum import YOUNG_PE, Subject, subjects_of
from homeroom.ops.demo.madeup.people import People, Staff, Student
from homeroom.ops.demo.madeup.shape import SchoolShape

GROUP = 28
YOUNG_GROUP = 23
PERIODS = 6
SPECIALIST = YOUNG_PE


@dataclass(slots=True)
class Section:
    """`subject` is None for a homeroom, which has no work of its own."""

    id: str
    title: str
    course: str
    code: str
    school: SchoolShape
    subject: Subject | None
    teacher: Staff
    students: list[Student]
    period: int = 0


@dataclass(slots=True)
class Timetable:
    """`courses` are the titles by sourcedId."""

    sections: list[Section] = field(default_factory=list)
    courses: dict[str, tuple[str, str, SchoolShape]] = field(default_factory=dict)


def timetable(people: People) -> Timetable:
    maker = _Maker(people)
    for school in people.shape.schools:
        people.add_staff(school.principal, "principal", school.code)
        for grade in school.grades:
            students = [student for student in people.students if student.school == school and student.grade == grade]
            if school.is_elementary:
                maker.add_young(school, grade, students)
            else:
                maker.add_older(school, grade, students)
    for name, role, place in people.shape.staff:
        people.add_staff(name, role, place)
    return maker.made


class _Maker:
    def __init__(self, people: People) -> None:
        self._people = people
        self._named = {course: name for name, course in people.shape.teachers}
        self.made = Timetable()

    def add_young(self, school: SchoolShape, grade: int, students: list[Student]) -> None:
        """One teacher for nearly everything; a specialist for PE."""
        label = f"Grade {grade}" if grade else "Kindergarten"
        specialist = (
            self._teacher(SPECIALIST.title, school) if grade == school.grades.start else self._specialist(school)
        )
        for number, group in enumerate(_groups(students, YOUNG_GROUP), start=1):
            teacher = self._teacher(label, school)
            room = f"{label}, Room {grade * 4 + number}"
            self._add(room, f"{label} homeroom", f"HR{grade}", school, None, teacher, group)
            for subject in subjects_of(grade):
                title = f"{subject.title} {grade}" if grade else f"{subject.title} K"
                self._add(subject.title, title, f"{subject.code}{grade}", school, subject, teacher, group)
            self._add(
                SPECIALIST.title, f"{SPECIALIST.title} {grade}", f"PE{grade}", school, SPECIALIST, specialist, group
            )

    def add_older(self, school: SchoolShape, grade: int, students: list[Student]) -> None:
        """A group has the same six subjects; its periods are shifted, so that no teacher is in two rooms."""
        subjects = subjects_of(grade)
        for number, group in enumerate(_groups(students, GROUP)):
            for place, subject in enumerate(subjects):
                period = (place + number) % PERIODS + 1
                teacher = self._teacher_of(subject.title, school, number)
                section = self._add(subject.title, subject.title, subject.code, school, subject, teacher, group)
                section.period = period

    def _teacher_of(self, course: str, school: SchoolShape, number: int) -> Staff:
        taught = [section for section in self.made.sections if section.course == course and section.school == school]
        if number % PERIODS == 0:
            return self._teacher(course, school)
        return taught[-1].teacher

    def _teacher(self, course: str, school: SchoolShape) -> Staff:
        name = self._named.pop(course, None) or self._people.new_name()
        return self._people.add_staff(name, "teacher", school.code)

    def _specialist(self, school: SchoolShape) -> Staff:
        return next(
            section.teacher
            for section in self.made.sections
            if section.school == school and section.title == SPECIALIST.title
        )

    def _add(
        self,
        title: str,
        course: str,
        code: str,
        school: SchoolShape,
        subject: Subject | None,
        teacher: Staff,
        students: list[Student],
    ) -> Section:
        number = sum(1 for section in self.made.sections if section.course == course and section.school == school) + 1
        self.made.courses.setdefault(f"{school.code}-{code}", (course, code, school))
        section_id = self._people.id_of("section", school.code, code, number)
        section = Section(section_id, title, course, f"{code}-{number}", school, subject, teacher, students)
        self.made.sections.append(section)
        return section


def _groups(students: list[Student], largest: int) -> Iterator[list[Student]]:
    """Evenly large. Named children come first in the list of students, so they share the first group."""
    count = max(1, -(-len(students) // largest))
    groups: list[list[Student]] = [[] for _ in range(count)]
    named = min(len(students), 3)
    groups[0] += students[:named]
    for group, student in zip(islice(cycle(groups), 1, None), students[named:], strict=False):
        group.append(student)
    return iter(groups)
