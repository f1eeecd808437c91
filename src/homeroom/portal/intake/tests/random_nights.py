"""Random nights of Lincoln: a few of each kind of change that an export may have from one day to the next."""

from random import Random

from homeroom.portal.intake.tests.export import Export, Row


def change(export: Export, chance: Random, night: int) -> None:
    """Changes the export in place. A few changes are large enough to put the file on hold."""
    kinds = [scores, missing, names, a_newcomer, a_leaver, attendance, contacts, classes, work, order, bad_rows, terms]
    for kind in chance.sample(kinds, 6):
        kind(export, chance, night)


def some(export: Export, stem: str, chance: Random, most: int = 3) -> list[Row]:
    rows = export.tables[stem]
    return chance.sample(rows, min(len(rows), chance.randint(1, most)))


def scores(export: Export, chance: Random, _night: int) -> None:
    for row in some(export, "results", chance, 9):
        row["score"] = str(chance.randint(0, 10))


def missing(export: Export, chance: Random, _night: int) -> None:
    gone = some(export, "results", chance)
    export.drop("results", lambda row: row in gone)


def names(export: Export, chance: Random, night: int) -> None:
    for row in some(export, "users", chance, 2):
        row["familyName"] += f" {night}"
        row["email"] = chance.choice(["", f"new{night}@home.test"])
        row["phone"] = chance.choice(["", f"555 010 {night:04}"])


def a_newcomer(export: Export, chance: Random, night: int) -> None:
    key = f"new{night}-{chance.randint(0, 9)}"
    section = chance.choice(["algebra", "reading"])
    export.add("users", sourcedId=key, enabledUser="true", username=key, givenName="New", familyName=f"Comer{night}", agentSourcedIds="dee")
    export.add("roles", sourcedId=f"role-{key}", userSourcedId=key, roleType="primary", role="student", orgSourcedId="middle")
    export.add("demographics", sourcedId=key, birthDate="2013-02-01")
    export.add("enrollments", sourcedId=f"{section}-{key}", classSourcedId=section, userSourcedId=key, schoolSourcedId="middle", role="student")
    export.add("results", sourcedId=f"quiz-{key}", scoreStatus="fully graded", score="7", lineItemSourcedId=f"{section}-quiz",
               studentSourcedId=key, scoreDate="2026-10-06")  # fmt: skip
    export.add("contacts", Student_id=key, Contact_name=f"Aunt {night}", Contact_relationship="aunt", Contact_phone="555 010 0199")


def a_leaver(export: Export, chance: Random, _night: int) -> None:
    gone = chance.choice([row["sourcedId"] for row in export.tables["users"] if row["sourcedId"].startswith("s")])
    for stem, column in (("users", "sourcedId"), ("roles", "userSourcedId"), ("demographics", "sourcedId"),
                         ("enrollments", "userSourcedId"), ("results", "studentSourcedId")):  # fmt: skip
        export.drop(stem, lambda row, column=column: row[column] == gone)  # type: ignore[misc]


def attendance(export: Export, chance: Random, night: int) -> None:
    for row in some(export, "attendance", chance):
        row["Attendance_status"] = chance.choice(["present", "absent", "tardy"])
    day = f"2026-11-{4 + night:02}"
    if not any(row["Attendance_date"] == day for row in export.tables["attendance"]):
        export.add("attendance", Student_id="nina", School_id="middle", Attendance_date=day, Attendance_type="daily", Attendance_status="late")


def contacts(export: Export, chance: Random, night: int) -> None:
    export.tables["contacts"][0]["Contact_phone"] = f"555 010 {night:04}"
    if chance.random() < 0.3:
        export.tables["contacts"].pop()


def classes(export: Export, chance: Random, night: int) -> None:
    row = export.row("classes", chance.choice(["algebra", "english"]))
    row["termSourcedIds"] = chance.choice(["fall", "spring,fall"])
    row["title"] = f"{row['title']} {night}"


def work(export: Export, chance: Random, _night: int) -> None:
    """Changes titles of categories, which decide what work is a grade, and due dates and classes of work."""
    export.row("categories", "homework")["title"] = chance.choice(["Homework", "Term Grade"])
    export.row("lineItems", "algebra-quiz")["dueDate"] = f"2026-10-{chance.randint(5, 28):02}"
    for row in some(export, "results", chance):
        row["classSourcedId"] = chance.choice(["", "algebra"])


def order(export: Export, chance: Random, _night: int) -> None:
    """Sometimes changes the order of columns. No hash can be compared then, and the file is read whole."""
    lines = export.text("enrollments").decode().splitlines()
    turned = [",".join([*line.split(",")[1:], line.split(",")[0]]) for line in lines]
    export.raw.clear()
    if chance.random() < 0.5:
        export.raw["enrollments.csv"] = "\n".join(turned).encode()


def bad_rows(export: Export, chance: Random, _night: int) -> None:
    for row in some(export, "results", chance, 2):
        row["score"] = "many"


def terms(export: Export, chance: Random, night: int) -> None:
    export.row("academicSessions", "fall")["title"] = f"Fall {chance.randint(0, 2)}"
    export.add("academicSessions", sourcedId=f"extra{night}-{chance.randint(0, 99)}", title="Extra", type="term", schoolYear="2027",
               startDate="2026-09-01", endDate="2026-10-01")  # fmt: skip
