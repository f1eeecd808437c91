"""Exports gone wrong: without some of the students or all of them, and with files written over."""

from zipfile import ZipFile

from homeroom.ops.demo.madeup.tests.reading import dangling, read_export
from homeroom.ops.demo.madeup.variants import with_members, with_rows, without_students


def test_two_in_five_students_are_left_out_with_everything_about_them(harbor, tmp_path):
    gone = without_students(harbor[0], tmp_path / "fewer.zip", 0.4)
    rows, bad, notes = read_export(tmp_path / "fewer.zip")
    assert gone == 120
    assert sum(row["role"] == "student" for row in rows["roles"]) == 180
    assert (bad, notes) == ([], [])
    assert {column for _, column, _ in dangling(rows)} == {"agentSourcedIds"}  # their parents are still there


def test_no_student_is_left(harbor, tmp_path):
    assert without_students(harbor[0], tmp_path / "none.zip", 1.0) == 300
    rows = read_export(tmp_path / "none.zip")[0]
    assert not any(row["role"] == "student" for row in rows["roles"])
    assert rows["results"] == []
    assert rows["orgs"]


def test_rows_and_files_can_be_written_over(harbor, tmp_path):
    with_rows(harbor[0], tmp_path / "one.zip", "users.csv", lambda rows: rows[:5])
    assert len(read_export(tmp_path / "one.zip")[0]["users"]) == 5
    with_members(harbor[0], tmp_path / "two.zip", {"contacts.csv": None, "notes.txt": b"\xff"})
    with ZipFile(tmp_path / "two.zip") as package:
        assert "contacts.csv" not in package.namelist()
        assert package.read("notes.txt") == b"\xff"
