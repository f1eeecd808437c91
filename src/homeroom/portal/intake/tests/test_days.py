"""The days for which attendance.csv is complete. A mark of these days that the file lacks is withdrawn, and no other."""

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln


def test_attendance_of_this_week_ends_nothing_of_last_month(settled: Lincoln, export: Export) -> None:
    for row in export.tables["attendance"]:
        row["Attendance_date"] = row["Attendance_date"].replace("2026-11-0", "2026-11-1")
    counts = settled.send(export)["counts"]["attendance_mark"]
    assert (counts["new"], counts["ended"]) == (6, 0)
    export.drop("attendance", lambda row: row["Student_id"] == "nina" and row["Attendance_date"] == "2026-11-12")
    assert settled.send(export)["counts"]["attendance_mark"]["ended"] == 1, "the mark of that day was taken back"


def test_all_marks_are_read_again_after_a_file_whose_days_ended_before_its_own(portal: Lincoln, export: Export) -> None:
    """`homeroom check` says the same. A file that is read whole keeps the first of two marks of one day."""
    export.manifest = {"attendance.lastDay": "2026-11-02"}
    portal.send(export)
    export.tables["attendance"].insert(0, {**export.tables["attendance"][-1], "Attendance_status": "tardy"})
    rows = [(row["file"], row["line"], row["reason"]) for row in portal.send(export)["rows"]]
    assert rows == [("attendance.csv", 8, "id-doubled")] and portal.compared == 2


def of_day(day: str) -> Callable[[dict[str, str]], bool]:
    return lambda row: row["Attendance_date"] == day


def marks(portal: Lincoln) -> set[date]:
    with portal.connect() as owner:
        return {day for (day,) in owner.execute("SELECT day FROM attendance_mark WHERE ended_at IS NULL")}


def test_marks_of_the_last_day_are_withdrawn_by_a_file_without_any(settled: Lincoln, export: Export) -> None:
    export.drop("attendance", of_day("2026-11-03"))
    receipt = settled.send(export)
    assert receipt["counts"]["attendance_mark"]["ended"] == 3
    day = settled.signed.astimezone(ZoneInfo("America/Los_Angeles")).date()  # in the district's time zone
    assert receipt["days"] == {"attendance.csv": ["2026-11-02", day.isoformat()]}
    assert marks(settled) == {date(2026, 11, 2)}


def test_marks_of_the_first_day_are_withdrawn_by_a_file_that_names_the_day(settled: Lincoln, export: Export) -> None:
    export.drop("attendance", of_day("2026-11-02"))
    assert settled.send(export)["counts"]["attendance_mark"]["ended"] == 0, "it may be the file of a week"
    export.manifest = {"attendance.firstDay": "2026-08-24"}
    receipt = settled.send(export)
    assert receipt["counts"]["attendance_mark"]["ended"] == 3
    assert receipt["days"]["attendance.csv"][0] == "2026-08-24"
    assert marks(settled) == {date(2026, 11, 3)}


def test_a_file_whose_days_end_before_the_day_of_the_export_leaves_later_marks(settled: Lincoln, export: Export) -> None:
    export.drop("attendance", of_day("2026-11-03"))
    export.manifest = {"attendance.lastDay": "2026-11-02"}
    receipt = settled.send(export)
    assert (receipt["counts"]["attendance_mark"]["ended"], receipt["days"]) == (0, {"attendance.csv": ["2026-11-02", "2026-11-02"]})
    assert marks(settled) == {date(2026, 11, 2), date(2026, 11, 3)}
