"""Tolerances of a district. They are off at first, offered if they would help, and counted if they did."""

from collections.abc import Callable
from typing import Any

import pytest

from homeroom.portal.intake.reading import known
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.older import older
from homeroom.portal.intake.tests.test_line import work


def chosen(portal: Lincoln, *tolerances: str) -> None:
    with portal.connect() as owner:
        owner.execute("UPDATE district SET tolerances = %s", [list(tolerances)])


def read_again(portal: Lincoln) -> None:
    """Does what set_tolerances() does."""
    with portal.connect() as owner:
        owner.execute("SELECT read_again()")


def settings(receipt: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(each["file"], each["column"], each["setting"]) for each in receipt["groups"]}


def notes(receipt: dict[str, Any]) -> dict[tuple[str, str], int | None]:
    return {(note["reason"], note["where"]): note["count"] for note in receipt["notes"]}


def in_terms(becomes: Callable[[str], str]) -> Callable[[Export], None]:
    def change(export: Export) -> None:
        for row in export.tables["academicSessions"]:
            row["startDate"], row["endDate"] = becomes(row["startDate"]), becomes(row["endDate"])

    return change


def slashed(day: str) -> str:
    year, month, of_month = day.split("-")
    return f"{int(month)}/{int(of_month)}/{year}"


def without_due_dates(export: Export) -> None:
    for row in export.tables["lineItems"]:
        row["dueDate"] = ""


CASES = {
    "date-times": (in_terms("{}T00:00:00.000Z".format), "academicSessions.csv", "startDate", "date-time-read", 2),
    "slash-dates": (in_terms(slashed), "academicSessions.csv", "startDate", "date-month-first", 2),
    "blank-due-dates": (without_due_dates, "lineItems.csv", "dueDate", "due-date-blank", 6),
}


@pytest.mark.parametrize("tolerance", CASES)
def test_a_file_is_held_until_the_district_lets_it_pass(portal: Lincoln, export: Export, tolerance: str) -> None:
    change, file, column, note, rows = CASES[tolerance]
    whole = export.copy()
    change(export)
    receipt = portal.send(export)
    assert (receipt["state"], receipt["reason"]) == ("held", "rows-bad") and (file, column, tolerance) in settings(receipt)
    chosen(portal, tolerance)
    receipt = portal.send(export)
    assert receipt["state"] == "imported" and notes(receipt)[note, file] == rows and receipt["groups"] == []
    before = kept(portal)
    chosen(portal)
    if tolerance != "blank-due-dates":
        assert portal.send(whole)["counts"]["term"]["changed"] == 0, "what was read is what the standard's file says"
        assert kept(portal) == before


def kept(portal: Lincoln) -> list[Any]:
    with portal.connect() as owner:
        return owner.execute("SELECT sourced_id, start_date, end_date FROM term ORDER BY 1").fetchall()


def test_an_assignment_without_a_due_date_is_due_on_the_day_that_it_was_given(portal: Lincoln, export: Export) -> None:
    chosen(portal, "blank-due-dates")
    without_due_dates(export)
    portal.send(export)
    assert portal.ask("SELECT bool_and(due_date = assign_date) FROM line_item")


def test_a_file_that_shows_no_order_is_held_with_the_question(portal: Lincoln, export: Export) -> None:
    chosen(portal, "slash-dates")
    for row in export.tables["academicSessions"]:
        row["startDate"], row["endDate"] = "8/10/2026", "6/12/2027"
    receipt = portal.send(export)
    assert (receipt["state"], receipt["reason"], receipt["numbers"]) == ("held", "date-order", {"files": "academicSessions.csv"})
    assert "two ways" in receipt["sentence"]
    chosen(portal, "slash-dates", "day-first")
    assert portal.send(export)["state"] == "imported"
    assert portal.ask("SELECT min(start_date)::text FROM term") == "2026-10-08"


def test_a_file_that_shows_both_orders_is_held_as_unreadable(portal: Lincoln, export: Export) -> None:
    chosen(portal, "slash-dates")
    first, second = export.tables["academicSessions"]
    first["startDate"], second["startDate"] = "25/2/2026", "8/25/2026"
    receipt = portal.send(export)
    assert (receipt["state"], receipt["reason"]) == ("held", "rows-bad")


def test_attendance_with_slashes_is_complete_for_the_days_that_it_names(settled: Lincoln, export: Export) -> None:
    chosen(settled, "slash-dates")
    export.drop("attendance", lambda row: row["Attendance_date"] == "2026-11-03")
    for row in export.tables["attendance"]:
        row["Attendance_date"] = "11/02/2026"
    export.add("attendance", **{**export.tables["attendance"][0], "Attendance_date": "10/30/2026"})
    receipt = settled.send(export)
    assert receipt["days"]["attendance.csv"][0] == "2026-10-30" and receipt["counts"]["attendance_mark"]["ended"] == 3


def test_letter_scores_in_an_older_file_are_read_as_text(portal: Lincoln, export: Export) -> None:
    file = older(export)
    for row in file.tables["results"][:3]:
        row["score"] = "B+"
    receipt = portal.send(file)
    assert ("results.csv", "score", "letter-scores") in settings(receipt)
    chosen(portal, "letter-scores")
    receipt = portal.send(file)
    assert receipt["state"] == "imported" and notes(receipt)["score-letters", "results.csv"] == 3
    assert portal.ask("SELECT count(*) FROM result WHERE text_score = 'B+' AND score IS NULL") == 3
    assert portal.ask("SELECT count(*) FROM result WHERE text_score IS NULL AND score = 9") > 0


@pytest.mark.parametrize("most", [8 << 20, -1], ids=["in memory", "in pieces"])
def test_tolerated_values_are_counted_in_every_line_of_a_large_file(
    portal: Lincoln, export: Export, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(known, "MOST_HELD", most)
    chosen(portal, "letter-scores", "date-times", "blank-due-dates")
    for number in range(20):
        export.add("results", **{**export.row("results", "quiz-algebra-nina"), "sourcedId": f"more-{number}", "score": "B+"})
    file = older(export)
    for row in (*file.tables["lineItems"], *file.tables["results"]):
        name = "scoreDate" if "scoreDate" in row else "assignDate"
        row[name] = f"{row[name]}T00:00:00Z"
    without_due_dates(file)
    expected = {
        ("score-letters", "results.csv"): 20, ("date-time-read", "results.csv"): len(file.tables["results"]),
        ("due-date-blank", "lineItems.csv"): 6, ("date-time-read", "lineItems.csv"): 6,
    }  # fmt: skip
    assert expected.items() <= notes(portal.send(file)).items()
    assert expected.items() <= notes(portal.send(file)).items(), "and no line was read"
    file.tables["results"][-1]["score"] = "A-"
    file.tables["results"][-2]["score"] = "9"
    file.tables["results"][-3]["scoreDate"] = "2026-10-06"
    receipt = portal.send(file)
    found = notes(receipt)
    assert receipt["counts"]["result"]["changed"] == 2
    assert (found["score-letters", "results.csv"], found["date-time-read", "results.csv"]) == (19, len(file.tables["results"]) - 1)


def test_a_zip_without_a_manifest_is_read_by_its_files(portal: Lincoln, export: Export) -> None:
    export.raw["manifest.csv"] = None
    assert portal.send(export)["reason"] == "manifest-missing"
    chosen(portal, "no-manifest")
    receipt = portal.send(export)
    assert receipt["state"] == "imported" and ("manifest-proposed", "manifest.csv") in notes(receipt)
    assert receipt["counts"]["person"]["new"] == len(export.tables["users"])
    export.tables.pop("results")
    assert portal.send(export)["counts"].get("result", {}).get("ended", 0) == 0, "a file that is not there says nothing"


def test_a_choice_reads_held_files_again(portal: Lincoln, export: Export) -> None:
    in_terms("{}T00:00:00.000Z".format)(export)
    assert portal.send(export)["state"] == "held"
    chosen(portal, "date-times")
    read_again(portal)
    work(portal)
    assert portal.last_receipt(portal.sent[-1])["state"] == "imported"


def test_a_choice_of_another_release_is_passed_over(settled: Lincoln, export: Export) -> None:
    chosen(settled, "something new")
    assert settled.send(export)["state"] == "imported"


def test_a_file_that_is_held_again_has_one_change_set_and_its_questions_once(settled: Lincoln, export: Export) -> None:
    for row in export.tables["users"][8:17]:
        row["familyName"] = "Shifted"
    export.row("users", "max")["givenName"] = "Maximilian"
    export.row("demographics", "max")["birthDate"] = "2009-01-01"
    in_terms("{}T00:00:00.000Z".format)(export)
    assert settled.send(export)["state"] == "held"
    tables = ("change", "change_count", "change_detail", "question", "refused_row")
    before = {name: settled.ask(f"SELECT count(*) FROM {name}") for name in tables}
    for tolerances in (["letter-scores"], ["date-times"]):
        chosen(settled, *tolerances)
        read_again(settled)
        work(settled)
        assert settled.ask("SELECT state FROM delivery ORDER BY id DESC LIMIT 1") == "held"
        if tolerances == ["letter-scores"]:
            assert {name: settled.ask(f"SELECT count(*) FROM {name}") for name in tables} == before
    assert settled.ask("SELECT count(*) FROM refused_row") == 0
    assert settled.ask("SELECT count(*) FROM change WHERE sourced_id = 'max'") == 1
    assert settled.ask("SELECT count(*) FROM question") == before["question"]
