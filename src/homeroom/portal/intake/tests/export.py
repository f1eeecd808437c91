"""Lincoln's export, small enough to read, as tables that a test changes before they become a ZIP."""

import csv
import io
from collections.abc import Callable
from copy import copy
from zipfile import ZIP_DEFLATED, ZipFile

from homeroom.formats.oneroster import TABLES

type Row = dict[str, str]

CLASSMATES = 60
GIVEN = "Abe Bea Cal Dot Eli Fay Gil Hal Ivy Jan Kit Lou Mia Ned Ora Peg Quy Ray Sol Ted Una Val Wes Xia Yan Zoe".split()


class Export:
    """`tables` maps a file's stem to rows by column. A column that a row lacks is blank."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {}
        self.raw: dict[str, bytes | None] = {}  # written unchanged. None leaves out a file that the manifest names
        self.manifest: dict[str, str] = {}
        self.catalogue = TABLES
        _places(self)
        _people(self)
        _work(self)

    def add(self, stem: str, **cells: str) -> Row:
        self.tables.setdefault(stem, []).append(dict(cells))
        return self.tables[stem][-1]

    def row(self, stem: str, key: str) -> Row:
        first = TABLES[stem].names[0]
        return next(row for row in self.tables[stem] if row[first] == key)

    def drop(self, stem: str, is_dropped: Callable[[Row], bool]) -> int:
        before = self.tables[stem]
        self.tables[stem] = [row for row in before if not is_dropped(row)]
        return len(before) - len(self.tables[stem])

    def copy(self) -> "Export":
        """Returns an export of its own: every row is a new dict. deepcopy() takes forty times as long."""
        made = copy(self)
        made.tables = {stem: [dict(row) for row in rows] for stem, rows in self.tables.items()}
        made.raw, made.manifest = dict(self.raw), dict(self.manifest)
        return made

    def text(self, stem: str) -> bytes:
        sheet = io.StringIO(newline="")
        writer = csv.DictWriter(sheet, self.catalogue[stem].names, "", "ignore", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(self.tables.get(stem, []))
        return sheet.getvalue().encode()

    def members(self) -> dict[str, bytes]:
        members = {"manifest.csv": self._manifest(), **{f"{stem}.csv": self.text(stem) for stem in self.tables}}
        for name, content in self.raw.items():
            members.pop(name, None)
            if content is not None:
                members[name] = content
        return members

    def zip(self) -> bytes:
        file = io.BytesIO()
        with ZipFile(file, "w", ZIP_DEFLATED) as package:
            for name, content in self.members().items():
                package.writestr(name, content)
        return file.getvalue()

    def _manifest(self) -> bytes:
        said = {"manifest.version": "1.0", "oneroster.version": "1.2"}
        for stem in self.catalogue:
            if stem not in ("attendance", "contacts"):
                said[f"file.{stem}"] = "bulk" if stem in self.tables else "absent"
        lines = [f"{name},{value}" for name, value in {**said, **self.manifest}.items()]
        return "\r\n".join(["propertyName,value", *lines, ""]).encode()


def _places(export: Export) -> None:
    add = export.add
    add("orgs", sourcedId="district", name="Lincoln Unified", type="district")
    add("orgs", sourcedId="middle", name="Lincoln Middle", type="school", parentSourcedId="district")
    add("orgs", sourcedId="elementary", name="Lincoln Elementary", type="school", parentSourcedId="district")
    year = {"type": "term", "schoolYear": "2027"}
    add("academicSessions", sourcedId="spring", title="Spring", startDate="2026-02-01", endDate="2026-06-12", **year)
    add("academicSessions", sourcedId="fall", title="Fall", startDate="2026-08-10", endDate="2027-12-19", **year)
    add("courses", sourcedId="math", title="Mathematics", orgSourcedId="middle")
    for section, title, school, term in (
        ("algebra", "Algebra 1", "middle", "fall"),
        ("english", "English 7", "middle", "fall"),
        ("reading", "Reading 3", "elementary", "fall"),
        ("last-year", "Grade 6", "middle", "spring"),
    ):
        add("classes", sourcedId=section, title=title, courseSourcedId="math", classType="scheduled",
            schoolSourcedId=school, termSourcedIds=term)  # fmt: skip


def _person(export: Export, key: str, name: str, role: str, school: str, **cells: str) -> None:
    given, family = name.split()
    export.add("users", sourcedId=key, enabledUser="true", username=key, givenName=given, familyName=family, **cells)
    export.add("roles", sourcedId=f"role-{key}", userSourcedId=key, roleType="primary", role=role, orgSourcedId=school)
    if role == "student":
        export.add("demographics", sourcedId=key, birthDate="2014-03-04")


def _people(export: Export) -> None:
    _person(export, "nina", "Nina Ruiz", "student", "middle", grades="07", agentSourcedIds="ana", email="nina@school.test")
    _person(export, "leo", "Leo Ruiz", "student", "elementary", grades="03", agentSourcedIds="ana")
    _person(export, "max", "Max Moss", "student", "middle", grades="07", agentSourcedIds="dee")
    _person(export, "ana", "Ana Ruiz", "parent", "middle", email="ana@home.test", phone="555 010 0100")
    _person(export, "dee", "Dee Moss", "parent", "middle")
    _person(export, "bo", "Bo Larsen", "teacher", "middle")
    _person(export, "carl", "Carl Webb", "districtAdministrator", "district")
    for number in range(CLASSMATES):
        school = ("middle", "elementary")[number % 2]
        _person(export, f"s{number}", f"{GIVEN[number % 26]} Reed{number}", "student", school, email=f"s{number}@school.test")
    for section, people in (("algebra", ["nina", "max"]), ("english", ["nina", "max"]), ("reading", ["leo"])):
        classmates = [f"s{number}" for number in range(CLASSMATES) if (section == "reading") == bool(number % 2)]
        for person in ["bo", *people, *classmates]:
            role = "teacher" if person == "bo" else "student"
            export.add("enrollments", sourcedId=f"{section}-{person}", classSourcedId=section, userSourcedId=person,
                       schoolSourcedId="middle", role=role)  # fmt: skip


def _work(export: Export) -> None:
    add = export.add
    add("categories", sourcedId="homework", title="Homework", weight="40")
    add("categories", sourcedId="term", title="Term Grade")
    for section in ("algebra", "english", "reading"):
        for work, category in ((f"{section}-quiz", "homework"), (f"{section}-grade", "term")):
            add("lineItems", sourcedId=work, title=work.title(), assignDate="2026-10-01", dueDate="2026-10-05",
                classSourcedId=section, categorySourcedId=category, academicSessionSourcedId="fall",
                resultValueMax="10", schoolSourcedId="middle")  # fmt: skip
    for row in export.tables["enrollments"]:
        if row["role"] == "student":
            section, student = row["classSourcedId"], row["userSourcedId"]
            score = {"lineItemSourcedId": f"{section}-quiz", "studentSourcedId": student, "scoreDate": "2026-10-06"}
            add("results", sourcedId=f"quiz-{section}-{student}", scoreStatus="fully graded", score="9", **score)
    for student, school in (("nina", "middle"), ("max", "middle"), ("leo", "elementary")):
        for day in ("2026-11-02", "2026-11-03"):
            add("attendance", Student_id=student, School_id=school, Attendance_date=day, Attendance_type="daily",
                Attendance_status="absent" if student == "nina" else "present")  # fmt: skip
    add("contacts", Student_id="nina", Contact_sis_id="ana", Contact_name="Ana Ruiz", Contact_relationship="mother",
        Contact_phone="555 010 0100")  # fmt: skip
