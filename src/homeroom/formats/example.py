"""Writes an example of every file that Homeroom reads, with manifest.csv. A portal imports the files without a note."""

import csv
import io
from collections.abc import Mapping

from homeroom.formats.manifest import FIRST_DAY, LAST_DAY, MANIFEST, NAME
from homeroom.formats.oneroster import BESIDE, TABLES
from homeroom.formats.spec import Table

type Row = dict[str, str]

PLACED = {"orgSourcedId": "lincoln-middle", "beginDate": "2026-08-17", "endDate": "2027-06-11"}
YEAR = {"schoolYear": "2027", "startDate": "2026-08-17"}
WORK = {
    "assignDate": "2026-10-01",
    "dueDate": "2026-10-05",
    "classSourcedId": "algebra-1",
    "academicSessionSourcedId": "fall",
    "resultValueMin": "0",
    "schoolSourcedId": "lincoln-middle",
}
SCORED = {"studentSourcedId": "nina", "scoreDate": "2026-10-06", "inProgress": "false", "incomplete": "false", "late": "false", "missing": "false"}
SEAT = {"classSourcedId": "algebra-1", "schoolSourcedId": "lincoln-middle", "beginDate": "2026-08-17", "endDate": "2026-12-19"}
MARK = {"Student_id": "nina", "School_id": "lincoln-middle"}

ROWS: Mapping[str, tuple[Row, ...]] = {
    "orgs": (
        {"sourcedId": "lincoln", "name": "Lincoln Unified", "type": "district", "identifier": "3600000"},
        {"sourcedId": "lincoln-middle", "name": "Lincoln Middle School", "type": "school", "identifier": "3600001", "parentSourcedId": "lincoln"},
    ),
    "academicSessions": (
        {"sourcedId": "2026-27", "title": "2026-27", "type": "schoolYear", "endDate": "2027-06-12", **YEAR},
        {"sourcedId": "fall", "title": "Fall", "type": "term", "endDate": "2026-12-19", "parentSourcedId": "2026-27", **YEAR},
    ),
    "courses": ({"sourcedId": "algebra", "title": "Algebra", "courseCode": "MA-110", "orgSourcedId": "lincoln-middle"},),
    "classes": (
        {"sourcedId": "algebra-1", "title": "Algebra, period 1", "courseSourcedId": "algebra", "classCode": "MA-110-1", "classType": "scheduled",
         "schoolSourcedId": "lincoln-middle", "termSourcedIds": "fall", "periods": "1"},
    ),
    "users": (
        {"sourcedId": "nina", "enabledUser": "true", "givenName": "Nina", "familyName": "Ruiz", "middleName": "Sol", "grades": "07",
         "email": "nina@lincoln.example", "agentSourcedIds": "ana"},
        {"sourcedId": "ana", "enabledUser": "true", "givenName": "Ana", "familyName": "Ruiz", "email": "ana@home.example", "phone": "555 010 0100",
         "sms": "555 010 0101"},
        {"sourcedId": "bo", "enabledUser": "true", "givenName": "Bo", "familyName": "Larsen", "email": "bo@lincoln.example"},
    ),
    "roles": tuple(
        {"sourcedId": f"role-{person}", "userSourcedId": person, "roleType": "primary", "role": role, **PLACED}
        for person, role in (("nina", "student"), ("ana", "parent"), ("bo", "teacher"))
    ),
    "demographics": ({"sourcedId": "nina", "birthDate": "2014-03-04"},),
    "enrollments": (
        {"sourcedId": "algebra-1-nina", "userSourcedId": "nina", "role": "student", "primary": "false", **SEAT},
        {"sourcedId": "algebra-1-bo", "userSourcedId": "bo", "role": "teacher", "primary": "true", **SEAT},
    ),
    "categories": (
        {"sourcedId": "homework", "title": "Homework", "weight": "40"},
        {"sourcedId": "term-grade", "title": "Term Grade", "weight": "0"},
    ),
    "lineItems": (
        {"sourcedId": "fractions", "title": "Fractions", "description": "Pages 12 and 13", "categorySourcedId": "homework", "resultValueMax": "10", **WORK},
        {"sourcedId": "fall-grade", "title": "Fall grade", "categorySourcedId": "term-grade", "resultValueMax": "100", **WORK},
    ),
    "results": (
        {"sourcedId": "fractions-nina", "lineItemSourcedId": "fractions", "scoreStatus": "fully graded", "score": "9", "comment": "Well explained", **SCORED},
        {"sourcedId": "fall-grade-nina", "lineItemSourcedId": "fall-grade", "scoreStatus": "fully graded", "score": "92", "textScore": "A-",
         "classSourcedId": "algebra-1", **SCORED},
    ),
    "scoreScales": (
        {"sourcedId": "letters", "title": "Letters", "type": "letter", "orgSourcedId": "lincoln-middle", "courseSourcedId": "algebra",
         "classSourcedId": "algebra-1", "scoreScaleValue": "{90-100:A},{80-89:B},{70-79:C}"},
    ),
    "lineItemScoreScales": ({"sourcedId": "letters-fall-grade", "lineItemSourcedId": "fall-grade", "scoreScaleSourcedId": "letters"},),
    "resultScoreScales": ({"sourcedId": "letters-nina", "resultSourcedId": "fall-grade-nina", "scoreScaleSourcedId": "letters"},),
    "attendance": (
        {"Attendance_date": "2026-10-05", "Attendance_type": "daily", "Attendance_status": "absent", "Excuse_code": "ILL", **MARK},
        {"Attendance_date": "2026-10-06", "Attendance_type": "section", "Attendance_status": "tardy", "Section_id": "algebra-1", **MARK},
    ),
    "contacts": (
        {"Student_id": "nina", "Contact_sis_id": "ana", "Contact_name": "Ana Ruiz", "Contact_relationship": "mother", "Contact_type": "guardian",
         "Contact_phone": "555 010 0100", "Contact_phone_type": "home", "Contact_email": "ana@home.example"},
    ),
}  # fmt: skip


def example() -> dict[str, bytes]:
    """Returns the content of each file, by its name."""
    said = {"manifest.version": "1.0", "oneroster.version": "1.2"}
    said |= {f"file.{stem}": "bulk" if stem in ROWS else "absent" for stem in TABLES if stem not in BESIDE}
    said |= {"source.systemName": "Example SIS", "source.systemCode": "example", FIRST_DAY: "2026-08-17", LAST_DAY: "2026-10-06"}
    manifest = [{"propertyName": name, "value": value} for name, value in said.items()]
    return {NAME: _written(MANIFEST, manifest), **{TABLES[stem].file: _written(TABLES[stem], rows) for stem, rows in ROWS.items()}}


def _written(table: Table, rows: list[Row] | tuple[Row, ...]) -> bytes:
    sheet = io.StringIO(newline="")
    writer = csv.DictWriter(sheet, table.names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return sheet.getvalue().encode()
