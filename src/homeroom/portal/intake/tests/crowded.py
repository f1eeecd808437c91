"""Lincoln's export with enough rows in every file to lose some, and a marker in every cell that must never be repeated."""

from homeroom.formats.spec import Column, Kind
from homeroom.formats.versions import VERSIONS
from homeroom.portal.intake.tests.export import Export

CANARY = "qzcanary"
MORE = 14
UNMARKED = {("orgs", "name"), ("users", "password")}  # a receipt may name a school, and a password has its own note


def last_night() -> Export:
    export = Export()
    _places(export)
    _work(export)
    _families(export)
    for row in (*export.tables["roles"], *export.tables["enrollments"]):
        row["beginDate"] = "2026-08-10"
    for stem, rows in export.tables.items():
        for row in rows:
            for column in VERSIONS["1.2"][stem].columns:
                row[column.name] = _marked(stem, column, row.get(column.name, ""))
    export.row("categories", f"{CANARY}-term")["title"] = "Term Grade"
    return export


def tonight() -> Export:
    """Adds one row to each file and changes one where possible."""
    export = last_night()
    for stem, column, value in (
        ("orgs", "identifier", "9"), ("academicSessions", "title", "Otoño"), ("courses", "title", "Otoño"),
        ("classes", "title", "Otoño"), ("users", "middleName", "Otoño"), ("roles", "beginDate", "2026-09-02"),
        ("demographics", "birthDate", "2014-09-09"), ("enrollments", "beginDate", "2026-09-02"), ("categories", "title", "Otoño"),
        ("lineItems", "title", "Otoño"), ("results", "score", "8"), ("scoreScales", "title", "Otoño"),
        ("attendance", "Attendance_status", "tardy"), ("contacts", "Contact_relationship", "Otoño"),
    ):  # fmt: skip
        export.tables[stem][-1][column] = value
    _newcomer(export)
    return export


def _places(export: Export) -> None:
    fall = {"startDate": "2026-08-10", "endDate": "2027-12-19", "schoolYear": "2027"}
    for n in range(MORE):
        export.add("orgs", sourcedId=f"annex{n}", name=f"Annex {n}", type="school", parentSourcedId="district")
        export.add("academicSessions", sourcedId=f"period{n}", title=f"Period {n}", type="gradingPeriod", **fall)
        export.add("courses", sourcedId=f"course{n}", title=f"Course {n}", orgSourcedId="middle")
        export.add("classes", sourcedId=f"class{n}", title=f"Class {n}", courseSourcedId=f"course{n}", classType="scheduled",
                   schoolSourcedId="middle", termSourcedIds="fall", periods="2")  # fmt: skip


def _work(export: Export) -> None:
    for n in range(MORE):
        export.add("categories", sourcedId=f"kind{n}", title=f"Kind {n}", weight="10")
        export.add("lineItems", sourcedId=f"work{n}", title=f"Work {n}", assignDate="2026-10-01", dueDate="2026-10-05",
                   classSourcedId="algebra", categorySourcedId="homework", academicSessionSourcedId="fall",
                   resultValueMin="0", resultValueMax="10", schoolSourcedId="middle")  # fmt: skip
        export.add("scoreScales", sourcedId=f"scale{n}", title=f"Scale {n}", type="letters", orgSourcedId="middle",
                   scoreScaleValue="{A:90},{B:80}")  # fmt: skip
        export.add("lineItemScoreScales", sourcedId=f"li{n}", lineItemSourcedId=f"work{n}", scoreScaleSourcedId=f"scale{n}")
        export.add("resultScoreScales", sourcedId=f"rs{n}", resultSourcedId=f"quiz-algebra-s{2 * n}", scoreScaleSourcedId=f"scale{n}")


def _families(export: Export) -> None:
    for n in range(MORE * 2):
        export.add("attendance", Student_id=f"s{n}", School_id=("middle", "elementary")[n % 2], Attendance_date="2026-11-03",
                   Section_id="", Attendance_type="daily", Attendance_status="absent")  # fmt: skip
        export.add("contacts", Student_id=f"s{n}", Contact_sis_id=("ana", "")[n % 2], Contact_name=f"Aunt {n}", Contact_relationship="aunt",
                   Contact_phone=f"555 010 {n:04}")  # fmt: skip
    for row in export.tables["users"]:
        row.setdefault("grades", "07")
    for n in range(0, MORE * 2, 2):
        export.row("users", f"s{n}")["agentSourcedIds"] = "ana"


def _newcomer(export: Export) -> None:
    """Adds Ivy to Lincoln Middle with all her rows."""
    for stem, rows in export.tables.items():
        table = VERSIONS["1.2"][stem]
        row = dict(rows[1])
        key = table.key[0]
        row[key] = f"{CANARY}-ivy" if stem not in ("attendance", "contacts") else rows[-1][key]
        row |= {"attendance": {"Attendance_date": "2026-11-02"}, "contacts": {"Contact_name": f"Ivy {CANARY}"}}.get(stem, {})
        row |= {name: f"{CANARY}-ivy" for name in ("userSourcedId", "studentSourcedId") if name in row}
        row |= {"agentSourcedIds": ""} if stem == "users" else {}
        rows.append(row)


def _marked(stem: str, column: Column, cell: str) -> str:
    if column.kind in (Kind.GUID, Kind.GUIDS):
        return ",".join(f"{CANARY}-{each}" for each in cell.split(",") if each)
    if column.kind is Kind.TEXT and (stem, column.name) not in UNMARKED:
        return f"{cell} {CANARY}".strip()
    return cell
