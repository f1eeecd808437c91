"""Groups of a receipt: many rows by file, column and reason, with counts, so that no fault hides another."""

from typing import Any

from homeroom.portal.intake.tests.deltas import delta
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln


def groups(receipt: dict[str, Any]) -> dict[tuple[str, str, str], tuple[int, list[int], str]]:
    return {(each["file"], each["column"], each["reason"]): (each["count"], each["lines"], each["absent"]) for each in receipt["groups"]}


def notes(receipt: dict[str, Any]) -> dict[tuple[str, str], int | None]:
    return {(note["reason"], note["where"]): note["count"] for note in receipt["notes"]}


def test_attendance_is_named_although_more_scores_fail_than_are_listed(settled: Lincoln, export: Export) -> None:
    for number in range(300):
        export.add("results", sourcedId=f"more-{number}", lineItemSourcedId="algebra-quiz", studentSourcedId="nina", scoreStatus="fully graded",
                   score="A+", scoreDate="2026-10-06")  # fmt: skip
    for row in export.tables["attendance"]:
        row["Attendance_date"] = "8/27/2026"
    receipt = settled.send(export)
    assert {row["file"] for row in receipt["rows"]} == {"results.csv"}
    found = groups(receipt)
    assert found["results.csv", "score", "number-form"][0] == 300
    assert found["attendance.csv", "Attendance_date", "date-form"] == (6, [2, 3, 4, 5, 6], "")


def test_a_group_counts_rows_beyond_those_that_are_listed_one_by_one(settled: Lincoln, export: Export, monkeypatch: Any) -> None:
    for place in ("portal.intake.reading.crosscheck", "judging.memory"):
        monkeypatch.setattr(f"homeroom.{place}.MOST_REFUSED", 2)
    for number in range(5):
        export.add("results", sourcedId=f"more-{number}", lineItemSourcedId="nowhere", studentSourcedId="nina", scoreStatus="fully graded",
                   score="3", scoreDate="2026-10-06")  # fmt: skip
    assert groups(settled.send(export))["results.csv", "lineItemSourcedId", "reference-dangling"][0] == 5


def test_rows_that_point_into_a_file_that_was_not_sent_name_it(portal: Lincoln, export: Export) -> None:
    export.tables.pop("academicSessions")
    assert groups(portal.send(export))["classes.csv", "termSourcedIds", "reference-dangling"] == (4, [2, 3, 4, 5], "academicSessions.csv")


def test_references_that_were_blanked_are_counted(settled: Lincoln, export: Export) -> None:
    for row in export.tables["contacts"]:
        row["Contact_sis_id"] = "a neighbor"
    assert notes(settled.send(export))["reference-blanked", "contacts.csv Contact_sis_id"] == 1


def test_rows_of_a_whole_file_that_say_inactive_are_counted(portal: Lincoln, export: Export) -> None:
    for row in export.tables["enrollments"]:
        row["status"] = "inactive" if row["userSourcedId"] in ("nina", "max") else "active"
    assert notes(portal.send(export))["status-in-bulk", "enrollments.csv status"] == 4


def test_rows_that_say_inactive_are_counted_in_a_large_file_of_which_a_few_lines_are_new(settled: Lincoln, export: Export) -> None:
    for score, rows in (("4", 1), ("5", 2)):
        export.tables["results"][rows]["status"] = "inactive"
        export.row("results", "quiz-algebra-nina")["score"] = score
        assert notes(settled.send(export))["status-in-bulk", "results.csv status"] == rows


def test_notes_about_an_unchanged_file_are_counted_again(portal: Lincoln, export: Export) -> None:
    for row in export.tables["contacts"]:
        row["Contact_sis_id"] = "a neighbor"
    for number in range(3):
        export.add("users", **{**export.row("users", "ana"), "sourcedId": f"left-{number}", "status": "inactive"})
    export.raw["academicSessions.csv"] = export.text("academicSessions") + b",,,,\r\n"
    first = notes(portal.send(export))
    assert first["reference-blanked", "contacts.csv Contact_sis_id"] == 1
    assert first["status-in-bulk", "users.csv status"] == 3 and first["row-blank", "academicSessions.csv"] == 1
    export.row("results", "quiz-algebra-nina")["score"] = "4"
    assert notes(portal.send(export)) == notes(portal.send(export)) == first


def test_an_unknown_column_is_named_and_other_capitals_are_noted_once(settled: Lincoln, export: Export) -> None:
    header, rest = export.text("results").split(b"\r\n", 1)
    lines = [line + b"," for line in rest.split(b"\r\n") if line]
    export.raw["results.csv"] = b"\r\n".join([header.upper() + b",Homeroom teacher", *lines, b""])
    found = notes(settled.send(export))
    assert ("column-unknown", "results.csv Homeroom teacher") in found
    assert [where for reason, where in found if reason == "column-case"] == ["results.csv"]


def test_a_file_without_its_header_is_refused_with_the_columns_it_needs(settled: Lincoln, export: Export) -> None:
    export.raw["orgs.csv"] = b"middle,Lincoln Middle\r\n"
    receipt = settled.send(export)
    assert (receipt["reason"], receipt["numbers"]["column"]) == ("header-missing", "sourcedId, name, type")


def test_changes_that_point_nowhere_name_the_file_that_they_lack(settled: Lincoln, export: Export) -> None:
    score = {**export.row("results", "quiz-algebra-nina"), "lineItemSourcedId": "nowhere"}
    receipt = settled.send(delta(export, results=[score, {**export.row("results", "quiz-algebra-max"), "score": "4"}]))
    assert groups(receipt)["results.csv", "lineItemSourcedId", "reference-dangling"][2] == "lineItems.csv"
