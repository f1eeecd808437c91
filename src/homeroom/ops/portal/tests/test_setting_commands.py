"""The operator's command for class grades and estimates: what it says, what it changes, and what it would change."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from homeroom.ops.__main__ import app
from homeroom.ops.answers import NotDone
from homeroom.ops.host import mounts, owner
from homeroom.ops.host.installation import Installation
from homeroom.portal.intake.importing import ONE_AT_A_TIME
from tests.school import School


@pytest.fixture
def lincoln(own_school: School, monkeypatch: pytest.MonkeyPatch) -> School:
    """Makes the command's connection as owner lead to this test's database."""

    @contextmanager
    def owner_here(_portal: Path) -> Iterator[psycopg.Connection[Any]]:
        with own_school.connect("owner") as connection:
            yield connection

    monkeypatch.setattr(owner, "owner", owner_here)
    monkeypatch.setattr(mounts, "open_way", lambda _folder: None)
    monkeypatch.setattr(Installation, "at", classmethod(lambda cls, folder: cls(folder)))
    monkeypatch.setattr(Installation, "portal", lambda _self, slug: Path(slug))
    return own_school


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["portal", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def told(*words: str) -> dict[str, Any]:
    return dict(json.loads(run(*words, "--json")))


def stands(school: School) -> tuple[Any, ...]:
    with school.connect("owner") as connection:
        return connection.execute("SELECT grade_categories, estimates, preview, (SELECT count(*) FROM line_item WHERE is_grade) FROM district").fetchone() or ()


def test_the_command_without_options_shows_the_current_choices(lincoln: School) -> None:
    said = told("grades", "lincoln")
    assert [(each["title"], each["holds_grades"], each["classes"]) for each in said["categories"]] == [("Term Grade", True, 3), ("Homework", False, 3)]
    assert (said["estimates"], said["classes_without_grade"], said["effect"], said["is_changed"]) == (False, 0, None, False)


def test_it_changes_what_it_says_and_a_dry_run_changes_nothing(lincoln: School) -> None:
    before = stands(lincoln)
    said = told("grades", "lincoln", "--add", "Homework", "--remove", "term grade", "--estimates", "--dry-run")
    assert said["effect"] == {"gain": 0, "lose": 0, "into_grades": 3, "into_work": 3} and said["is_changed"] is False
    assert stands(lincoln) == before
    assert told("grades", "lincoln", "--remove", "term grade", "--estimates")["effect"] == {"gain": 0, "lose": 3, "into_grades": 0, "into_work": 3}
    assert stands(lincoln) == ([], True, False, 0)
    told("grades", "lincoln", "--add", "Homework", "--no-estimates")
    assert stands(lincoln) == (["Homework"], False, False, 3)


@pytest.mark.parametrize("words", [("--remove", "Quizzes"), ("--add", " "), ("--add", "x" * 201), ("--add", "Quiz", "--add", "quiz")])
def test_a_title_that_is_none_changes_nothing(lincoln: School, words: tuple[str, ...]) -> None:
    before = stands(lincoln)
    with pytest.raises(NotDone):
        run("grades", "lincoln", *words)
    assert stands(lincoln) == before


def test_during_an_import_it_says_so(lincoln: School) -> None:
    with lincoln.connect("intake") as intake, pytest.raises(NotDone, match="An import is running"):
        intake.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        run("grades", "lincoln", "--add", "Homework")


def test_every_file_waits_or_is_applied(lincoln: School) -> None:
    assert told("every-file", "lincoln") == {"every_file_waits": False}
    assert "waits until" in run("every-file", "lincoln", "waits") and stands(lincoln)[2] is True
    assert told("every-file", "lincoln", "applied") == {"every_file_waits": False}
    with pytest.raises(NotDone, match="Choose one of waits, applied"):
        run("every-file", "lincoln", "perhaps")


def test_preferred_names_are_turned_off_by_a_command_and_on_by_none(lincoln: School) -> None:
    assert told("preferred-names", "lincoln") == {"preferred_names": "off"}
    for choice in ("staff", "everyone"):
        with pytest.raises(NotDone, match="Choose one of off"):
            run("preferred-names", "lincoln", choice)
    lincoln.change("UPDATE district SET preferred_names = 'staff'")
    assert "Staff see" in run("preferred-names", "lincoln")
    assert told("preferred-names", "lincoln", "off") == {"preferred_names": "off"}
