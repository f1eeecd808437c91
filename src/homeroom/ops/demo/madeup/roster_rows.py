"""The rows of rostering: schools, terms, courses, classes, people, roles, enrollments, demographics and contacts."""

from collections.abc import Iterable
from random import Random

from homeroom.ops.demo.madeup.calendar import SchoolYear, TermDates
from homeroom.ops.demo.madeup.people import Adult, People, Student
from homeroom.ops.demo.madeup.sheets import Sheet, Sheets
from homeroom.ops.demo.madeup.timetable import Section, Timetable

DISTRICT, YEAR = "D", "Y"
GRADES = ("KG", *(f"{grade:02}" for grade in range(1, 13)))
RACES = (
    "americanIndianOrAlaskaNative",
    "asian",
    "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander",
    "white",
    "hispanicOrLatinoEthnicity",
)


def add_places(sheets: Sheets, people: People, year: SchoolYear) -> None:
    sheets["orgs"].add(sourcedId=DISTRICT, name=people.shape.name, type="district", identifier="0142330")
    for school in people.shape.schools:
        sheets["orgs"].add(
            sourcedId=school.code, name=school.name, type="school", identifier=school.code, parentSourcedId=DISTRICT
        )
    title = f"{year.ends_in - 1}-{year.ends_in} School Year"
    whole = TermDates(YEAR, title, year.start, year.end)
    for term in (whole, *year.terms):
        sheets["academicSessions"].add(
            sourcedId=session_id(year, term),
            title=term.title,
            type="schoolYear" if term is whole else "semester",
            startDate=term.start,
            endDate=term.end,
            parentSourcedId="" if term is whole else session_id(year, whole),
            schoolYear=year.ends_in,
        )


def add_classes(sheets: Sheets, plan: Timetable, year: SchoolYear) -> None:
    for course_id, (title, code, school) in plan.courses.items():
        sheets["courses"].add(sourcedId=course_id, title=title, courseCode=code, orgSourcedId=school.code)
    terms = ",".join(session_id(year, term) for term in year.terms)
    course_ids = {(title, school): course_id for course_id, (title, _, school) in plan.courses.items()}
    for section in plan.sections:
        sheets["classes"].add(
            sourcedId=section.id,
            title=section.title,
            grades=GRADES[section.students[0].grade] if section.students else "",
            courseSourcedId=course_ids[section.course, section.school],
            classCode=section.code,
            classType="scheduled" if section.subject else "homeroom",
            schoolSourcedId=section.school.code,
            termSourcedIds=terms,
            periods=section.period or "",
        )


def add_people(sheets: Sheets, people: People) -> None:
    users, staff_ids = sheets["users"], {staff.id for staff in people.staff}
    for student in people.students:
        _add_student(sheets, student)
    children = _children(people.students)
    for staff in people.staff:
        _add_user(users, staff.id, staff.given, staff.family, email=staff.email)
        _add_role(sheets, staff.id, staff.role, staff.school or DISTRICT)
    for adult in people.adults:
        own = children.get(adult.id, [])
        if adult.id not in staff_ids:
            agents = ",".join(student.id for student in own)
            _add_user(
                users, adult.id, adult.given, adult.family, email=adult.email, phone=adult.phone, agentSourcedIds=agents
            )
        for number, school in enumerate(dict.fromkeys(student.school.code for student in own)):
            _add_role(sheets, adult.id, adult.kind, school, is_primary=number == 0 and adult.id not in staff_ids)
    add_demographics(sheets, people.students, Random(f"{people.id_of('demographics')}"))  # noqa: S311  made-up people
    sheets["roles"].rows.sort(key=lambda row: str(row[0]))


def add_enrollments(sheets: Sheets, people: People, sections: Iterable[Section], year: SchoolYear) -> None:
    """Seats have the year's dates; a teacher's is primary."""
    enrollments = sheets["enrollments"]
    for section in sections:
        seats = [(section.teacher.id, "teacher", "true")]
        seats += [(student.id, "student", "") for student in section.students]
        for person, role, is_primary in seats:
            enrollments.add(
                sourcedId=people.id_of("seat", section.id, person),
                classSourcedId=section.id,
                schoolSourcedId=section.school.code,
                userSourcedId=person,
                role=role,
                primary=is_primary,
                beginDate=year.start,
                endDate=year.end,
            )


def add_demographics(sheets: Sheets, students: Iterable[Student], random: Random) -> None:
    """With the columns that Homeroom must never read, filled as real exports fill them."""
    for student in students:
        told = dict.fromkeys(RACES, "false") | {random.choice(RACES): "true"}
        sheets["demographics"].add(
            sourcedId=student.id,
            birthDate=student.birth,
            sex=student.sex,
            countryOfBirthCode="US",
            stateOfBirthAbbreviation="CA",
            cityOfBirth=random.choice(("Quartz Hill", "Port Mirabel", "Las Tunas", "Elderwood")),
            **told,
        )


def add_contacts(sheets: Sheets, students: Iterable[Student]) -> None:
    contacts = sheets["contacts"]
    for student in students:
        for adult in student.adults:
            contacts.add(
                Student_id=student.id,
                Contact_sis_id=adult.id,
                Contact_name=f"{adult.given} {adult.family}",
                Contact_relationship=adult.kind.capitalize(),
                Contact_type="Parent/Guardian" if adult.kind != "relative" else "Emergency",
                Contact_phone=adult.phone,
                Contact_phone_type="Cell",
                Contact_email=adult.email,
            )
        for other in student.neighbours:
            contacts.add(
                Student_id=student.id,
                Contact_name=other.name,
                Contact_relationship=other.relation,
                Contact_type="Emergency",
                Contact_phone=other.phone,
                Contact_phone_type="Home",
            )


def session_id(year: SchoolYear, term: TermDates) -> str:
    """T1-2026: what a term is called next year is another term."""
    return f"{term.key}-{year.ends_in}"


def _add_student(sheets: Sheets, student: Student) -> None:
    _add_user(
        sheets["users"],
        student.id,
        student.given,
        student.family,
        agentSourcedIds=",".join(adult.id for adult in student.adults),
        grades=GRADES[student.grade],
    )
    _add_role(sheets, student.id, "student", student.school.code)


def _add_user(users: Sheet, user_id: str, given: str, family: str, **cells: object) -> None:
    users.add(
        sourcedId=user_id,
        enabledUser="true",
        username=user_id[:8],
        givenName=given,
        familyName=family,
        **cells,
    )


def _add_role(sheets: Sheets, user_id: str, role: str, school: str, *, is_primary: bool = True) -> None:
    sheets["roles"].add(
        sourcedId=f"{user_id}.{role}.{school}",
        userSourcedId=user_id,
        roleType="primary" if is_primary else "secondary",
        role=role,
        orgSourcedId=school,
    )


def _children(students: Iterable[Student]) -> dict[str, list[Student]]:
    children: dict[str, list[Student]] = {}
    for student in students:
        for adult in student.adults:
            children.setdefault(adult.id, []).append(student)
    return children


def named(people: People) -> dict[str, str]:
    """sourcedIds of everybody whom the shape names."""
    wanted = {name for family in people.shape.families for name in family.adults}
    wanted |= {name for family in people.shape.families for name, _ in family.children}
    wanted |= {name for name, _ in people.shape.teachers} | {name for name, _, _ in people.shape.staff}
    wanted |= {school.principal for school in people.shape.schools}
    everybody: list[Student | Adult] = [*people.students, *people.adults]
    found = {f"{person.given} {person.family}": person.id for person in reversed(everybody)}
    found |= {f"{staff.given} {staff.family}": staff.id for staff in people.staff}
    return {name: found[name] for name in sorted(wanted) if name in found}
