"""`homeroom check` on a district's computer: its output and exit codes, the files it refuses, and the example of every file."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from homeroom.formats.choices import is_preferred
from homeroom.formats.example import ROWS, example
from homeroom.formats.oneroster import TABLES
from homeroom.ops.__main__ import app
from homeroom.ops.answers import NotDone
from homeroom.ops.demo.madeup.district import write_district
from homeroom.ops.demo.madeup.shape import HARBOR
from homeroom.portal.intake.tests.export import Export
from homeroom.seal.keys import make_opening_key, make_sender_key
from homeroom.seal.sealing import seal
from homeroom.seal.tests.gpg import certificate_of


@pytest.fixture
def export() -> Export:
    return Export()


def written(export: Export, folder: Path, name: str = "export.zip") -> str:
    (folder / name).write_bytes(export.zip())
    return str(folder / name)


def run(*words: str) -> Result:
    """Raises the exceptions of the command."""
    result = CliRunner().invoke(app, ["check", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def receipt(*words: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    return said


def test_a_good_file_would_be_imported_by_a_portal_that_has_nothing_yet(export: Export, tmp_path: Path) -> None:
    ended = run(written(export, tmp_path))
    assert ended.exit_code == 0
    assert "imported nothing yet" in ended.stdout and "person: 67 new" in ended.stdout


def test_no_portal_no_database_and_no_key_is_needed(export: Export, tmp_path: Path) -> None:
    """Neither Django nor psycopg is imported."""
    program = "import sys; from homeroom.ops.district import checking; from pathlib import Path; checking.checked(Path(sys.argv[1]), None, ());" \
        " assert not {'django', 'psycopg', 'homeroom.portal'} & {*sys.modules}"
    words = [sys.executable, "-c", program, written(export, tmp_path)]
    ended = subprocess.run(words, capture_output=True, text=True, env={"PATH": os.environ["PATH"], "HOME": "/", "PYTHONPATH": ":".join(sys.path)})
    assert ended.returncode == 0, ended.stderr


def test_rows_that_cannot_be_read_are_named_in_groups_as_in_a_receipt(export: Export, tmp_path: Path) -> None:
    for row in export.tables["attendance"][:2]:
        row["Attendance_date"] = "8/27/2026"
    export.row("enrollments", "algebra-nina")["userSourcedId"] = "nobody"
    said = receipt(written(export, tmp_path))
    assert said["state"] == "imported"
    assert [(each["file"], each["reason"], each["lines"], each["setting"]) for each in said["groups"]] == [
        ("enrollments.csv", "reference-dangling", [3], ""), ("attendance.csv", "date-form", [2, 3], "slash-dates"),
    ]  # fmt: skip


def test_the_accept_option_names_what_the_district_lets_pass(export: Export, tmp_path: Path) -> None:
    for row in export.tables["attendance"]:
        row["Attendance_date"] = row["Attendance_date"].replace("2026-11-0", "11/2") + "/2026"
    path = written(export, tmp_path)
    assert receipt(path)["state"] == "held"
    said = receipt(path, "--accept", "slash-dates", "--accept", "no-manifest")
    assert said["state"] == "imported" and [note["reason"] for note in said["notes"]] == ["date-month-first"]


def test_a_refused_file_ends_with_3_and_a_held_one_with_5(export: Export, tmp_path: Path) -> None:
    export.raw["users.csv"] = None
    refused = run(written(export, tmp_path))
    assert refused.exit_code == 3 and "manifest.csv lists" in refused.stdout
    export = Export()
    for row in export.tables["academicSessions"]:
        row["startDate"] = "8/27/2026"
    assert run(written(export, tmp_path)).exit_code == 5


def test_after_yesterdays_file_it_says_what_would_be_held(export: Export, tmp_path: Path) -> None:
    yesterday = written(export, tmp_path, "yesterday.zip")
    assert receipt(written(export, tmp_path), "--after", yesterday)["counts"]["person"] == {"new": 0, "changed": 0, "ended": 0, "same": 67, "refused": 0}
    for stem, column in (("users", "sourcedId"), ("roles", "userSourcedId")):
        export.drop(stem, lambda row, column=column: row[column] in {f"s{number}" for number in range(0, 40, 2)})  # type: ignore[misc]
    said = receipt(written(export, tmp_path), "--after", yesterday)
    assert (said["state"], said["reason"]) == ("held", "people-leave")
    assert said["counts"]["person"]["ended"] == 20
    ended = run(written(export, tmp_path), "--after", yesterday)
    assert ended.exit_code == 5 and f"has imported {yesterday} alone" in ended.stdout.replace("\n", "")


def test_the_limits_that_the_district_changed_are_said_with_limit(export: Export, tmp_path: Path) -> None:
    yesterday = written(export, tmp_path, "yesterday.zip")
    for stem, column in (("users", "sourcedId"), ("roles", "userSourcedId")):
        export.drop(stem, lambda row, column=column: row[column] in {f"s{number}" for number in range(0, 40, 2)})  # type: ignore[misc]
    words = [written(export, tmp_path), "--after", yesterday]
    delivered = run(*words)
    assert delivered.exit_code == 5 and "limits as delivered" in delivered.stdout.replace("\n", " ")
    assert receipt(*words, "--limit", "people_leave=0.9")["reason"] != "people-leave"
    wider = run(*words, "--limit", "few=50")
    assert wider.exit_code == 0 and "the limits few=50" in wider.stdout.replace("\n", " ")
    for odd, sentence in (("people_leave", "Say a limit as growth=0.3"), ("grown=0.3", "is not one of"), ("growth=2", "would hold no file")):
        with pytest.raises(NotDone, match=sentence):
            run(*words, "--limit", odd)


def test_a_delta_is_checked_against_yesterdays_file_with_the_after_option(export: Export, tmp_path: Path) -> None:
    yesterday = written(export, tmp_path, "yesterday.zip")
    changed = {"status": "active", "dateLastModified": "2026-11-25T01:00:00.000Z"}
    export.tables = {"results": [{**export.row("results", "quiz-algebra-nina"), **changed, "score": "3"}]}
    export.manifest["file.results"] = "delta"
    path = written(export, tmp_path)
    assert receipt(path)["state"] == "refused"
    said = receipt(path, "--after", yesterday)
    assert said["state"] == "imported" and said["counts"]["result"]["changed"] == 1


def test_a_file_of_yesterday_that_a_portal_refuses_is_no_measure(export: Export, tmp_path: Path) -> None:
    (tmp_path / "yesterday.zip").write_bytes(b"PK\x03\x04 nothing else")
    with pytest.raises(NotDone, match=r"would refuse .*yesterday\.zip: The ZIP is damaged"):
        run(written(export, tmp_path), "--after", str(tmp_path / "yesterday.zip"))


def test_a_file_that_is_not_a_zip_is_refused_as_a_portal_would_refuse_it(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("sourcedId\r\n")
    assert receipt(str(tmp_path / "users.csv"))["reason"] == "not-a-zip"
    (tmp_path / "empty.zip").write_bytes(b"")
    assert receipt(str(tmp_path / "empty.zip"))["reason"] == "empty"


def test_an_export_that_cannot_be_checked_gets_a_one_sentence_message(export: Export, tmp_path: Path) -> None:
    for words, sentence in (
        ([str(tmp_path / "nowhere.zip")], "There is no file"),
        ([str(tmp_path)], "is a folder"),
        ([], "Name the export to check"),
        ([written(export, tmp_path), "--example", str(tmp_path / "example")], "Name the export to check"),
        ([written(export, tmp_path), "--after", str(tmp_path / "nowhere.zip")], "There is no file"),
    ):
        with pytest.raises(NotDone, match=sentence):
            run(*words)
    assert run("x.zip", "--accept", "anything").exit_code == 2


def test_a_sealed_file_is_not_opened(export: Export, tmp_path: Path) -> None:
    key = make_opening_key("Lincoln Unified")
    plain = Path(written(export, tmp_path))
    seal(plain, certificate_of(key), make_sender_key("Lincoln IT"), tmp_path / "export.zip.gpg", pinned=certificate_of(key).fingerprint.lower())
    with pytest.raises(NotDone, match="is sealed, and only the portal can open it"):
        run(str(tmp_path / "export.zip.gpg"))


def test_the_example_has_every_file_that_is_read_and_a_value_in_every_column(tmp_path: Path) -> None:
    assert {*ROWS} == {stem for stem, table in TABLES.items() if table.into}
    for stem, rows in ROWS.items():
        filled = {name for row in rows for name, value in row.items() if value}
        wanted = {column.name for column in TABLES[stem].read_columns if not is_preferred(TABLES[stem].file, column.name)} - {"status"}
        assert wanted <= filled, f"{stem}: {wanted - filled}"
    assert next(iter(example())) == "manifest.csv"


@pytest.mark.parametrize("name", ["example.zip", "example"])
def test_the_example_is_written_into_a_new_zip_or_folder_and_over_nothing(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    assert run("--example", str(out)).exit_code == 0
    if out.is_dir():
        assert {path.name for path in out.iterdir()} == {*example()}
    else:
        assert receipt(str(out))["notes"] == []
    with pytest.raises(NotDone, match="is there already"):
        run("--example", str(out))
    with pytest.raises(NotDone, match="There is no folder"):
        run("--example", str(tmp_path / "nowhere" / name))


def test_a_districts_whole_export_is_checked_in_seconds(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    write_district(tmp_path / "yesterday.zip", HARBOR, 7, today - timedelta(days=1))
    write_district(tmp_path / "export.zip", HARBOR, 7, today)
    began = time.monotonic()
    said = receipt(str(tmp_path / "export.zip"), "--after", str(tmp_path / "yesterday.zip"))
    assert said["state"] == "imported", said["sentence"]
    assert time.monotonic() - began < 30
