"""A district of three schools and sixty students through a school year, in plain Python. It writes the export of each night."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from homeroom.portal.intake.tests.export import GIVEN, Export

SCHOOLS = ("north", "south", "high")
CLASSES = 5  # per school
TERM = timedelta(days=120)
SUMMER = timedelta(days=15)
WEEKS_OF_MARKS = 3  # attendance.csv has the marks of this many weeks. Older marks are left out and stay
FAMILY = "Alder Birch Cedar Dahl Egan Frost Grove Hart Ivers Jonas Knox Lund".split()


@dataclass
class Child:
    key: str
    school: str
    given: str
    family: str
    email: str
    born: date  # all different, so that no one is asked whether two are the same person
    classes: dict[str, str] = field(default_factory=dict)  # class → its enrollment's sourcedId
    role: str = ""
    is_here: bool = True


class District:
    """Holds the district's state, which `export` writes as files. The state is random, but the same for the same seed."""

    def __init__(self, begins: date, seed: int, students: int = 60) -> None:
        self.begins, self.random, self.count = begins, Random(seed), 0
        self.year = 0
        self.children: dict[str, Child] = {}
        self.work: dict[str, dict[str, str]] = {}  # lineItems, by sourcedId
        self.results: dict[tuple[str, str], dict[str, str]] = {}
        self.marks: dict[tuple[str, date], str] = {}
        self.titles: dict[str, str] = {}
        self.first_children = students
        for _ in range(students):
            self.enroll()

    def name(self, word: str) -> str:
        self.count += 1
        return f"{word}-{self.count}"

    # This year

    def terms(self) -> dict[str, tuple[date, date]]:
        first = self.begins + self.year * (2 * TERM + SUMMER)
        return {f"fall-{self.year}": (first, first + TERM), f"spring-{self.year}": (first + TERM, first + 2 * TERM)}

    def classes(self) -> dict[str, tuple[str, str]]:
        """Maps class to school and terms. Most classes run all year, and the last two run one term each."""
        fall, spring = self.terms()
        each = (f"{fall},{spring}",) * (CLASSES - 2) + (fall, spring)
        return {f"{school}-{number}-{self.year}": (school, terms) for school in SCHOOLS for number, terms in enumerate(each)}

    # Events

    def enroll(self) -> Child:
        school = SCHOOLS[len(self.children) % 3] if len(self.children) < self.first_children else self.random.choice(SCHOOLS)
        key = self.name("s")
        child = Child(key, school, self.random.choice(GIVEN), self.random.choice(FAMILY), f"{key}@school.test", date(2008, 1, 1) + timedelta(self.count))
        self.children[key] = child
        self.seat(child)
        return child

    def seat(self, child: Child) -> None:
        """Gives the child a role and three classes at the child's school, in place of earlier ones."""
        child.role = self.name("role")
        own = [name for name, (school, _terms) in self.classes().items() if school == child.school]
        child.classes = {name: self.name("seat") for name in self.random.sample(own, 3)}

    def transfer(self) -> None:
        child = self.someone()
        child.school = self.random.choice([school for school in SCHOOLS if school != child.school])
        self.seat(child)

    def change_schedule(self) -> None:
        child = self.someone()
        own = [name for name, (school, _terms) in self.classes().items() if school == child.school and name not in child.classes]
        child.classes.pop(self.random.choice(sorted(child.classes)))
        child.classes[self.random.choice(own)] = self.name("seat")

    def leave(self) -> None:
        self.someone().is_here = False

    def come_back(self) -> None:
        away = [child for child in self.children.values() if not child.is_here and set(child.classes) <= set(self.classes())]
        if away:
            self.random.choice(away).is_here = True

    def rename(self) -> None:
        child = self.someone()
        child.family, child.email = f"{child.family}-{self.random.choice(FAMILY)}", f"{child.key}.{self.count}@school.test"

    def regrade(self) -> None:
        for key in self.random.sample(sorted(self.results), min(9, len(self.results))):
            self.results[key] |= {"score": str(self.random.randint(0, 10)), "textScore": self.random.choice(["", "A", "B"])}

    def take_back(self) -> None:
        for key in self.random.sample(sorted(self.results), min(3, len(self.results))):
            del self.results[key]

    def retitle(self) -> None:
        name = self.random.choice(sorted(self.classes()))
        self.titles[name] = f"Renamed {self.count}"

    def correct_marks(self) -> None:
        for key in self.random.sample(sorted(self.marks), min(4, len(self.marks))):
            self.marks[key] = self.random.choice(["present", "absent", "tardy"])

    EVENTS = (transfer, change_schedule, leave, come_back, rename, regrade, take_back, retitle, correct_marks)

    def someone(self) -> Child:
        return self.random.choice([child for child in self.children.values() if child.is_here])

    def school_day(self, today: date) -> None:
        """Adds everyone's attendance, new work now and then, and most of its scores."""
        for child in self.children.values():
            if child.is_here:
                self.marks[child.key, today] = self.random.choices(["present", "absent", "tardy"], [30, 2, 1])[0]
        for name, (_school, terms) in self.classes().items():
            running = [term for term in terms.split(",") if self.terms()[term][0] <= today < self.terms()[term][1]]
            if running and self.random.random() < 0.12:
                self.give_work(name, running[0], today)

    def give_work(self, name: str, term: str, today: date) -> None:
        item = self.name("work")
        is_grade = self.random.random() < 0.1
        self.work[item] = {"sourcedId": item, "title": f"Work {item}", "assignDate": f"{today}", "dueDate": f"{today + timedelta(3)}", "classSourcedId": name,
                           "categorySourcedId": "grade" if is_grade else "homework", "academicSessionSourcedId": term, "resultValueMax": "10"}  # fmt: skip
        for child in self.children.values():
            if name in child.classes and self.random.random() < 0.9:
                self.results[item, child.key] = {"sourcedId": self.name("result"), "scoreStatus": "fully graded", "score": str(self.random.randint(4, 10)),
                                                 "scoreDate": f"{today}", "late": self.random.choice(["", "true", "false"])}  # fmt: skip

    def turn_the_year(self) -> None:
        """Gives everyone new classes. The old year is no longer exported."""
        self.year += 1
        self.work, self.results = {}, {}
        for child in self.children.values():
            self.seat(child)

    # Tonight's files

    def export(self, today: date) -> Export:
        export = Export()
        export.tables = {}
        self._places(export)
        self._people(export)
        self._work(export, today)
        return export

    def _places(self, export: Export) -> None:
        add, year = export.add, self.begins.year + 1 + self.year
        add("orgs", sourcedId="office", name="Small Unified", type="district")
        for school in SCHOOLS:
            add("orgs", sourcedId=school, name=f"{school.title()} School", type="school", parentSourcedId="office")
        for term, (first, end) in self.terms().items():
            add("academicSessions", sourcedId=term, title=term.title(), type="semester", startDate=f"{first}", endDate=f"{end}", schoolYear=f"{year}")
        add("courses", sourcedId="course", title="Course", orgSourcedId="office")
        for name, (school, terms) in self.classes().items():
            add("classes", sourcedId=name, title=self.titles.get(name, name.title()), courseSourcedId="course", classType="scheduled",
                schoolSourcedId=school, termSourcedIds=terms, periods=name.split("-")[1])  # fmt: skip
        for key, title in (("homework", "Homework"), ("grade", "Term Grade")):
            add("categories", sourcedId=key, title=title, weight="50")

    def _people(self, export: Export) -> None:
        add = export.add
        for school in SCHOOLS:
            teacher = f"teacher-{school}"
            add("users", sourcedId=teacher, enabledUser="true", username=teacher, givenName="Tess", familyName=school.title())
            add("roles", sourcedId=f"role-{teacher}", userSourcedId=teacher, roleType="primary", role="teacher", orgSourcedId=school)
            for name, (at, _terms) in self.classes().items():
                if at == school:
                    add("enrollments", sourcedId=f"{teacher}-{name}", classSourcedId=name, userSourcedId=teacher, schoolSourcedId=school, role="teacher")
        for child in filter(lambda child: child.is_here, self.children.values()):
            parent = f"parent-{child.key}"
            add("users", sourcedId=child.key, enabledUser="true", username=child.key, givenName=child.given, familyName=child.family,
                email=child.email, agentSourcedIds=parent, grades="07")  # fmt: skip
            add("users", sourcedId=parent, enabledUser="true", username=parent, givenName="Pat", familyName=child.family, phone="555 010 0100")
            add("roles", sourcedId=child.role, userSourcedId=child.key, roleType="primary", role="student", orgSourcedId=child.school)
            add("roles", sourcedId=f"role-{parent}", userSourcedId=parent, roleType="primary", role="parent", orgSourcedId="office")
            add("demographics", sourcedId=child.key, birthDate=f"{child.born}")
            add("contacts", Student_id=child.key, Contact_sis_id=parent, Contact_name=f"Pat {child.family}", Contact_relationship="mother")
            for name, seat in child.classes.items():
                add("enrollments", sourcedId=seat, classSourcedId=name, userSourcedId=child.key, schoolSourcedId=child.school, role="student")

    def _work(self, export: Export, today: date) -> None:
        export.tables |= {"lineItems": [dict(row) for row in self.work.values()], "results": [], "attendance": []}
        for (item, key), row in self.results.items():
            child = self.children[key]
            if child.is_here and self.work[item]["classSourcedId"] in child.classes:
                export.add("results", **row, lineItemSourcedId=item, studentSourcedId=key)
        for (key, day), status in self.marks.items():
            child = self.children[key]
            if child.is_here and day > today - timedelta(weeks=WEEKS_OF_MARKS):
                export.add("attendance", Student_id=key, School_id=child.school, Attendance_date=f"{day}", Attendance_type="daily", Attendance_status=status)
