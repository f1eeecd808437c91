"""Known vulnerabilities of pinned packages: which advisory counts, which doesn't, and what `make check` says without a database."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools.advisories import NOT_CHECKED, ROOT, DatabaseOdd, advisories, affected, checked, database_of, main
from tools.sbom import pinned

DJANGO = pinned(ROOT)["django"].version
FROM_START, LATER = {"introduced": "0"}, {"introduced": "2.0"}


def advisory(name: str = "django", *events: dict[str, str], **other: Any) -> dict[str, Any]:
    """Returns an OSV advisory. `versions`, `kind` and `ecosystem` are about its one package."""
    package = {"ecosystem": other.pop("ecosystem", "PyPI"), "name": name}
    entry = {"package": package, "ranges": [{"type": other.pop("kind", "ECOSYSTEM"), "events": [*events]}], "versions": other.pop("versions", [])}
    return {"id": "PYSEC-2026-1", "modified": "2026-11-30T08:00:00Z", "affected": [entry], **other}


def folder_of(place: Path, *found: dict[str, Any]) -> Path:
    (place / "advisories").mkdir()
    for number, each in enumerate(found):
        (place / "advisories" / f"{number}.json").write_text(json.dumps(each))
    return place / "advisories"


def run(database: Path | str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "ADVISORIES"}
    named = {"ADVISORIES": str(database)} if database is not None else {}
    return subprocess.run([sys.executable, "-m", "tools.advisories"], cwd=ROOT, env=environment | named, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("version", "events", "is_hit"),
    [
        ("1.4", [FROM_START, {"fixed": "1.5"}], True),
        ("1.5", [FROM_START, {"fixed": "1.5"}], False),
        ("1.10", [FROM_START, {"fixed": "1.9"}], False),  # not by letters
        ("1.5rc1", [FROM_START, {"fixed": "1.5"}], True),
        ("1.5.post1", [FROM_START, {"fixed": "1.5"}], False),
        ("1.5", [FROM_START, {"last_affected": "1.5"}], True),
        ("1.5.1", [FROM_START, {"last_affected": "1.5"}], False),
        ("1.9", [FROM_START, {"fixed": "1.5"}, LATER, {"fixed": "2.3"}], False),
        ("2.2", [FROM_START, {"fixed": "1.5"}, LATER, {"fixed": "2.3"}], True),
        ("2.2", [{"fixed": "2.3"}, LATER, {"fixed": "1.5"}, FROM_START], True),  # in any order
        ("3.0", [LATER], True),
        ("1.0", [LATER], False),
    ],
)
def test_a_version_is_affected_from_its_introduction_until_its_fix(version: str, events: list[dict[str, str]], is_hit: bool) -> None:
    assert bool(list(affected({"django": version}, iter([advisory("django", *events)])))) == is_hit


@pytest.mark.parametrize(
    ("found", "is_hit"),
    [
        (advisory("Django", FROM_START), True),
        (advisory("typing_extensions", FROM_START), True),  # as PyPI compares names
        (advisory("django", FROM_START, ecosystem="npm"), False),
        (advisory("djangorestframework", FROM_START), False),
        (advisory("django", FROM_START, withdrawn="2026-10-01T00:00:00Z"), False),
        (advisory("django", {"introduced": "0"}, kind="GIT"), False),
        (advisory("django", versions=["1.3", "1.4"]), True),
        (advisory("django", versions=["1.3"]), False),
        ({"id": "PYSEC-2026-2", "modified": "2026-11-30T08:00:00Z"}, False),
    ],
)
def test_an_advisory_counts_if_it_is_about_a_pinned_package_and_not_withdrawn(found: dict[str, Any], is_hit: bool) -> None:
    assert bool(list(affected({"django": "1.4", "typing-extensions": "4.0"}, iter([found])))) == is_hit


def test_a_version_that_cannot_be_compared_is_not_passed_over() -> None:
    with pytest.raises(DatabaseOdd, match="PYSEC-2026-1"):
        list(affected({"django": "1.4"}, iter([advisory("django", {"introduced": "no version"})])))


def test_the_check_fails_and_names_package_version_advisory_and_fix(tmp_path: Path) -> None:
    done = run(folder_of(tmp_path, advisory("django", FROM_START, {"fixed": "999.1"}, summary="Pages leak"), advisory("nothing", FROM_START)))
    assert done.returncode == 1
    assert f"django {DJANGO}: PYSEC-2026-1 (fixed in 999.1) Pages leak\n" in done.stdout and "1 found" in done.stdout


def test_the_check_passes_if_no_pinned_version_is_affected(tmp_path: Path) -> None:
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("PYSEC-2026-1.json", json.dumps(advisory("django", FROM_START, {"fixed": DJANGO})))
    done = run(packed)
    assert done.returncode == 0 and "none found" in done.stdout and "2026-11-30" in done.stdout
    assert checked(ROOT, packed)[0] == []


def test_without_a_database_one_line_says_so_and_how_to_give_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ADVISORIES", raising=False)
    assert main(tmp_path) == 0
    assert capsys.readouterr().out.splitlines() == [NOT_CHECKED] and "ADVISORIES" in NOT_CHECKED
    (tmp_path / "build/advisories").mkdir(parents=True)
    assert database_of(tmp_path, "") == tmp_path / "build/advisories"
    assert main(tmp_path) == 2  # it is there, and empty


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"id": "X", "affected": {}}', '{"id": "X", "affected": [1]}', '"text"'])
def test_a_file_that_cannot_be_read_fails_the_check(tmp_path: Path, content: str) -> None:
    folder = folder_of(tmp_path, advisory("django", FROM_START, {"fixed": "0.1"}))
    assert run(folder).returncode == 0  # the control
    (folder / "odd.json").write_text(content)
    done = run(folder)
    assert done.returncode == 2 and "odd.json" in done.stderr


def test_a_database_that_was_named_and_is_missing_or_empty_fails_the_check(tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK no zip")
    for database in (tmp_path / "missing.zip", tmp_path / "broken.zip", folder_of(tmp_path)):
        assert run(database).returncode == 2
        with pytest.raises(DatabaseOdd):
            list(advisories(database))


def test_make_check_reads_the_advisories() -> None:
    steps = subprocess.run(["make", "--dry-run", "check"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert ".venv/bin/python -m tools.advisories" in steps and "make check" in (ROOT / ".ci/run").read_text()
